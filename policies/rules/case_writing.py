"""Writing at the example cases of a policy so that nothing of what they say of each other is lost. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from companies.facts import Vocabulary, read_profile
from policies.rules.example_cases import Case, amounts_agree, case_facts, case_has_shape, named_cases

Cases = Sequence[Any]


def with_known(
    case: Case, cases: Mapping[str, Case], vocabulary: Vocabulary, known: Mapping[str, Any]
) -> dict[str, Any]:
    """The case knowing of its company what `known` says (fact → raw value, None: not known), and else what it did.

    An answer that stays the same stays as it is written, also where the case takes it from the one it is like. One
    that is taken over and is not known any more is forgotten; the others are the case's own.
    """
    facts, forget = dict(case.get("facts") or {}), list(case.get("forget") or [])
    effective = case_facts(case, cases) or facts
    inherited = _inherited(case, cases)
    for name, raw in known.items():
        if _same(_about(effective, name, vocabulary), name, raw, vocabulary):
            continue
        before = _about(facts, name, vocabulary)
        for word in before:
            del facts[word]
        taken = list(_about(inherited, name, vocabulary))
        if raw is None:
            forget += [word for word in taken if word not in forget]
            continue
        # Under the word that the other case uses: the same fact under two words would be said twice.
        word = taken[0] if taken else name
        origin = next((old for old in before.values() if isinstance(old, Mapping)), None)
        facts[word] = raw if origin is None else {**origin, "value": raw}
        forget = [one for one in forget if one != word]
    return _with_blocks(case, {"facts": facts, "forget": forget})


def without_words(case: Case, words: Iterable[str]) -> dict[str, Any]:
    """The case without these entries of its own facts, whatever they name."""
    gone = set(words)
    return _with_blocks(
        case, {"facts": {word: raw for word, raw in (case.get("facts") or {}).items() if word not in gone}}
    )


def with_expected(case: Case, verdicts: Mapping[str, str | None], amounts: Mapping[str, str | None]) -> dict[str, Any]:
    """The case expecting this of these offers (None: nothing); of the others what it did."""
    expect, paid = dict(_block(case, "expect")), dict(_block(case, "amounts"))
    for block, wanted in ((expect, verdicts), (paid, amounts)):
        for offer, said in wanted.items():
            if said is None:
                block.pop(offer, None)
            elif offer not in block or not amounts_agree(str(block[offer]), said):
                block[offer] = said
    written = dict(case)
    if expect or "expect" in case:
        written["expect"] = expect
    return _with_blocks(written, {"amounts": paid})


def replaced(cases: Cases, at: int, case: Case) -> list[Any]:
    """The cases with this one in place of that at `at`; those that are like it follow when its name changes."""
    old, new = _name(cases[at]), _name(case)
    changed = [*cases[:at], dict(case), *cases[at + 1 :]]
    if old == new or old is None or any(_name(other) == old for other in changed):
        return changed
    return [{**one, "like": new} if isinstance(one, Mapping) and one.get("like") == old else one for one in changed]


def removed(cases: Cases, at: int) -> list[Any]:
    """The cases without that at `at`; those that were like it say themselves what they took over from it."""
    name = _name(cases[at])
    others = [*cases[:at], *cases[at + 1 :]]
    if name is None or any(_name(other) == name for other in others):
        return others
    by_name = named_cases(cases)
    return [
        _standing_alone(one, by_name) if isinstance(one, Mapping) and one.get("like") == name else one for one in others
    ]


def moved(cases: Cases, at: int, to: int) -> list[Any]:
    """The cases in another order."""
    others = [*cases[:at], *cases[at + 1 :]]
    place = max(0, min(to, len(others)))
    return [*others[:place], cases[at], *others[place:]]


def _standing_alone(case: Case, by_name: Mapping[str, Case]) -> Case:
    facts = case_facts(case, by_name)
    if facts is None:
        return case  # it leads nowhere as it is; its own fault says so
    alone = {key: value for key, value in case.items() if key not in ("like", "forget")}
    return _with_blocks(alone, {"facts": facts})


def _inherited(case: Case, cases: Mapping[str, Case]) -> Mapping[str, Any]:
    like = case.get("like")
    if not case_has_shape(case) or not isinstance(like, str) or like not in cases:
        return {}
    return case_facts(cases[like], cases) or {}


def _about(facts: Mapping[str, Any], name: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """The entries that name this fact, by whatever word."""
    found = {}
    for word, raw in facts.items():
        fact = vocabulary.resolve(word) if isinstance(word, str) else None
        if fact is not None and fact.name == name:
            found[word] = raw
    return found


def _same(entries: Mapping[str, Any], name: str, raw: Any, vocabulary: Vocabulary) -> bool:
    # What cannot be read counts as not known, and so stays as it is written until something else is said.
    old, _faults = read_profile(vocabulary, entries)
    new, _none = read_profile(vocabulary, {name: raw})
    return old.value(name) == new.value(name)


def _with_blocks(case: Case, blocks: Mapping[str, Any]) -> dict[str, Any]:
    """The case with these blocks; one that has become empty goes, one that was empty stays as it was."""
    written = dict(case)
    for name, block in blocks.items():
        if block:
            written[name] = block
        elif written.get(name):
            del written[name]
    return written


def _block(case: Case, name: str) -> Mapping[str, Any]:
    block = case.get(name)
    return block if isinstance(block, Mapping) else {}


def _name(case: Any) -> str | None:
    name = case.get("case") if isinstance(case, Mapping) else None
    return name if isinstance(name, str) else None
