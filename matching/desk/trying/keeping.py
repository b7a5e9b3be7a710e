"""A try that came out right, as an example case of the draft."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from companies.facts import Fact, Profile, write_value
from matching.desk.trying.trials import Result
from policies.parts import part_digest


def case_of(name: str, day: date, facts: Iterable[Fact], profile: Profile, results: Iterable[Result]) -> dict[str, Any]:
    """The case: what is known of what the draft asks, and these results as what must come out."""
    kept = list(results)
    case: dict[str, Any] = {
        "case": name,
        "day": day.isoformat(),
        "facts": {
            fact.name: write_value(fact, answer.value)
            for fact in facts
            if (answer := profile.get(fact.name)) is not None
        },
        "expect": {one.offer: one.verdict for one in kept},
    }
    amounts = {one.offer: one.amount for one in kept if one.has_sum}
    return {**case, "amounts": amounts} if amounts else case


def seen_digest(day: date, facts: Iterable[Fact], profile: Profile, results: Collection[Result]) -> str:
    """What a person had before their eyes: it changes with every answer, and with what comes out."""
    return part_digest(case_of("", day, facts, profile, results))
