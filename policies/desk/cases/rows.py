"""The example cases of a version as people read them: what is known, what must come out, what comes out now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from companies.facts import Text, Vocabulary, show_value
from policies.desk.reading import VersionRead
from policies.parts import part_digest
from policies.rules import Situation
from policies.rules.case_coverage import Coverage, Gap
from policies.rules.example_cases import (
    Outcome,
    listed_cases,
    named_cases,
    outcomes_of,
    read_case,
    say_amount,
    say_verdict,
    written_amount,
)
from policies.rules.faults import Fault


@dataclass(frozen=True, slots=True)
class Line:
    """One offer in one case: expected and come out, both in words, and why it came out otherwise."""

    title: Text
    expected: tuple[Text, ...]
    came: tuple[Text, ...]
    fits: bool
    why: Text | None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case: its place and digest, its words, what is wrong with it, and its offers."""

    at: int
    digest: str
    name: str
    day: str
    like: str | None
    known: list[tuple[Text, Text]]
    faults: tuple[Fault, ...]
    lines: list[Line]

    @property
    def is_right(self) -> bool:
        """Whether it can be read and everything comes out as expected."""
        return not self.faults and all(line.fits for line in self.lines)


@dataclass(frozen=True, slots=True)
class CasesShown:
    """All cases in their order, and by offer what none of them shows yet."""

    rows: list[CaseRow]
    gaps: list[tuple[Text, list[Gap]]]

    @property
    def wrong(self) -> int:
        """How many cases do not come out as expected."""
        return sum(not row.is_right for row in self.rows)


def show_cases(read: VersionRead, day: date) -> CasesShown:
    """The cases of the version, each evaluated with what of the version can be read."""
    policy = read.readable.policy
    offers = policy.offers if policy is not None else ()
    cases = listed_cases(read.version.content)
    coverage = Coverage(offers, read.vocabulary, day)
    rows = [_row(at, case, read, coverage) for at, case in enumerate(cases)]
    gaps = [(offer.title, list(coverage.gaps(offer.key, bool(rows)))) for offer in offers]
    return CasesShown(rows, [(title, found) for title, found in gaps if found])


def show_case(case: Mapping[str, Any], read: VersionRead) -> CaseRow:
    """One case by itself, as somebody else saved it."""
    policy = read.readable.policy
    return _row(0, case, read, Coverage(policy.offers if policy is not None else (), read.vocabulary, date.min))


def _row(at: int, case: Any, read: VersionRead, coverage: Coverage) -> CaseRow:
    if not isinstance(case, Mapping):
        said = Text("this is no case: it has no name and no facts", "这不是案例：没有名称和事实项")
        return CaseRow(at, part_digest(case), str(case)[:100], "", None, [], (Fault((), said, "wrong-shape"),), [])
    found = read_case(case, named_cases(listed_cases(read.version.content)), read.vocabulary)
    lines: list[Line] = []
    if found.profile is not None and found.day is not None:
        situation = Situation(read.vocabulary, found.profile, found.day)
        for outcome in outcomes_of(case, coverage.offers.values(), situation):
            coverage.add(outcome)
            if outcome.is_tested:
                lines.append(line_of(outcome, read.vocabulary))
    lines += _without_offer(case, coverage)
    like = case.get("like")
    profile = found.profile
    facts = [] if profile is None else [(read.vocabulary.get(name), one.value) for name, one in profile.answers.items()]
    known = [(fact.label, show_value(fact, value)) for fact, value in facts if fact is not None]
    name, day = str(case.get("case") or ""), str(case.get("day") or "")
    return CaseRow(at, part_digest(case), name, day, str(like) if like else None, known, found.faults, lines)


def line_of(outcome: Outcome, vocabulary: Vocabulary) -> Line:
    """The outcome in words: the amount only where it is tested."""
    finding = outcome.finding
    expected, came = [], []
    if outcome.verdict is not None:
        expected.append(say_verdict(outcome.verdict))
        came.append(say_verdict(finding.verdict.value))
    if outcome.amount is not None:
        expected.append(say_amount(outcome.amount))
        came.append(say_amount(written_amount(finding.amount)))
    fits = outcome.verdict_fits and outcome.amount_fits
    why = None if outcome.verdict_fits else outcome.why(vocabulary)
    return Line(outcome.offer.title, tuple(expected), tuple(came), fits, why)


def _without_offer(case: Mapping[str, Any], coverage: Coverage) -> list[Line]:
    """What is expected of offers that are not there, or cannot be read."""
    gone = Text("this offer is not there, or cannot be read yet", "没有该支持事项，或尚不能识别")
    lines = []
    for offer, expected in expected_elsewhere(case, coverage.offers).items():
        lines.append(Line(Text(offer, offer), expected, (), False, gone))
    return lines


def expected_elsewhere(case: Mapping[str, Any], offers: Mapping[str, Any]) -> dict[str, tuple[Text, ...]]:
    """By the key of each offer that is not among these: what the case expects of it, in words."""
    found: dict[str, tuple[Text, ...]] = {}
    for name, say in (("expect", say_verdict), ("amounts", say_amount)):
        block = case.get(name)
        for offer, said in block.items() if isinstance(block, Mapping) else ():
            if offer not in offers:
                found[str(offer)] = (*found.get(str(offer), ()), say(str(said)))
    return found
