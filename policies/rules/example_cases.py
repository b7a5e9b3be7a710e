"""Example cases of a policy, as they stand in its file: what each knows of its company."""

from collections.abc import Iterable, Mapping
from typing import Any

from companies.facts import Value, Vocabulary, read_profile


def case_has_shape(case: Mapping[str, Any]) -> bool:
    """Whether `like`, `facts` and `forget` are what they should be, or not there."""
    forget = case.get("forget") or []
    return (
        isinstance(case.get("like"), str | None)
        and isinstance(case.get("facts"), dict | None)
        and isinstance(forget, list)
        and all(isinstance(name, str) for name in forget)
    )


def case_facts(
    case: Mapping[str, Any], cases: Mapping[str, Mapping[str, Any]], _seen: frozenset[str] = frozenset()
) -> dict[str, Any] | None:
    """The facts of a case on top of those of the case it is like, less what it forgets; None where `like` leads nowhere."""
    if not case_has_shape(case):
        return None
    facts: dict[str, Any] = {}
    like = case.get("like")
    if like is not None:
        if like in _seen or like not in cases or like == case.get("case"):
            return None
        inherited = case_facts(cases[like], cases, _seen | {like})
        if inherited is None:
            return None
        facts = inherited
    facts = {**facts, **(case.get("facts") or {})}
    for name in case.get("forget") or []:
        facts.pop(name, None)
    return facts


def known_companies(cases: Iterable[Mapping[str, Any]], offer: str, vocabulary: Vocabulary) -> list[dict[str, Value]]:
    """What the cases know of companies for which the offer comes out well, as values."""
    by_name = {str(case.get("case")): case for case in cases}
    found = []
    for case in by_name.values():
        expected = case.get("expect")
        if isinstance(expected, Mapping) and expected.get(offer) in ("eligible", "needs_review", "not_modelled"):
            profile, _faults = read_profile(vocabulary, case_facts(case, by_name) or {})
            found.append({name: answer.value for name, answer in profile.answers.items()})
    return found
