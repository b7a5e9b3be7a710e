"""Finding choices and certificates by what people call them."""

from collections.abc import Iterable
from difflib import get_close_matches

from companies.facts import Fact, Kind, Vocabulary


def choice_key(fact: Fact, word: str) -> str | None:
    """The key of the choice with this key, label or alias."""
    if fact.choice(word) is not None:
        return word
    folded = word.strip().casefold()
    for choice in fact.choices:
        if folded in (name.casefold() for name in (choice.key, choice.label.en, choice.label.zh, *choice.aliases)):
            return choice.key
    return None


def best_match(word: str, known: Fact | Iterable[str]) -> str | None:
    """The known word (of a fact: the key of the choice) that looks most like the given one."""
    if isinstance(known, Fact):
        by_word = {
            name: choice.key
            for choice in known.choices
            for name in (choice.key, choice.label.en, choice.label.zh, *choice.aliases)
        }
    else:
        by_word = {name: name for name in known}
    close = get_close_matches(word[:100], list(by_word), n=1, cutoff=0.5)
    return by_word[close[0]] if close else None


def certificate_fact(vocabulary: Vocabulary, kind: str) -> Fact | None:
    """The fact whose certificates include this kind, or else the first fact of certificates."""
    facts = [fact for fact in vocabulary if fact.kind is Kind.CERTIFICATES]
    return next((fact for fact in facts if choice_key(fact, kind)), facts[0] if facts else None)
