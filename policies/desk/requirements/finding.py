"""Finding the facts that a person means while typing. Pure."""

from __future__ import annotations

from companies.facts import Fact, Vocabulary, folded

MOST_FOUND = 12


def find_facts(vocabulary: Vocabulary, typed: str, most: int = MOST_FOUND) -> list[Fact]:
    """The facts whose name, label or alias has every typed word in it, the closest first; else those that look alike."""
    words = folded(typed[:100]).split()
    if not words:
        return list(vocabulary)[:most]
    ranked = [(rank, at, fact) for at, fact in enumerate(vocabulary) if (rank := _rank(fact, words)) is not None]
    if ranked:
        return [fact for _rank_of, _at, fact in sorted(ranked, key=lambda one: one[:2])[:most]]
    alike = (vocabulary.resolve(word) for word in vocabulary.suggest(typed))
    return list({fact.name: fact for fact in alike if fact is not None}.values())


def _rank(fact: Fact, words: list[str]) -> int | None:
    """How close the fact is, 0 the closest: the whole word, its beginning, anywhere in one word, spread over several."""
    names = [folded(word.replace("_", " ")) for word in fact.words] + [fact.name]
    whole = " ".join(words)
    if whole in names:
        return 0
    if any(name.startswith(whole) for name in names):
        return 1
    if any(all(word in name for word in words) for name in names):
        return 2
    together = " ".join(names)
    return 3 if all(word in together for word in words) else None
