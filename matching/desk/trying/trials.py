"""What comes of a version for one company: the report of its offers, and what is other than in the version in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Any

from companies.facts import Profile, Text
from matching.engine.report import WITH_ROUTE, group_of, make_report
from matching.rendering.comparison import Cell, cell_of
from matching.rendering.outline import Outline, outline_of
from policies.desk.reading import VersionRead
from policies.rules import OfferFinding, OfferText, PolicyText, Situation, amount_to_plain, evaluate_offer
from policies.rules.book import Rulebook
from policies.rules.example_cases import say_amount, say_verdict, written_amount
from policies.rules.readable import read_offers

# A rule of the usual size takes hundredths of a second; what takes longer is left out, because a person waits.
SECONDS_FOR_ROUTES = 2
Findings = list[tuple[OfferText, OfferFinding]]
_WITH_SUM = ("eligible", "needs_review", "not_modelled")
_WITH_AMOUNT = (*_WITH_SUM, "undetermined")


@dataclass(frozen=True, slots=True)
class Compared:
    """One offer in the version in force and in this one; None where it is not there."""

    title: Text
    before: Cell | None
    after: Cell | None

    @property
    def is_other(self) -> bool:
        """Whether somebody reads something else."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Result:
    """What came out of one offer, as an example case would write it down and in words."""

    offer: str
    title: Text
    verdict: str
    amount: str

    @property
    def has_sum(self) -> bool:
        """Whether the sum says something: of what the company does not get, or not yet, it would say nothing."""
        return self.verdict in _WITH_SUM

    @property
    def verdict_said(self) -> Text:
        """The verdict in words."""
        return say_verdict(self.verdict)

    @property
    def amount_said(self) -> Text:
        """The amount in words."""
        return say_amount(self.amount)


@dataclass(frozen=True, slots=True)
class Trial:
    """The report of the version's offers in reading order, each result by offer, and the comparison."""

    outline: Outline
    results: list[Result]
    compared: list[Compared]
    without_routes: int
    """For how many offers there was no time to look for what it would take."""

    @property
    def kept(self) -> list[Result]:
        """The results that an example case may expect: a fault of the engine is none."""
        return [one for one in self.results if one.verdict != "error"]

    @property
    def others(self) -> int:
        """How many offers come out otherwise than in force."""
        return sum(one.is_other for one in self.compared)


def try_version(read: VersionRead, in_force: dict[str, Any] | None, profile: Profile, day: date) -> Trial | None:
    """The trial of what can be read of the version; None where nothing can. `in_force` is the content to compare with."""
    policy = read.readable.policy
    if policy is None:
        return None
    book = Rulebook(0, read.version.digest, read.vocabulary, read.lists, (policy,))
    until = monotonic() + SECONDS_FOR_ROUTES
    report = make_report(book, profile, day, {}, compare=False, look_for_routes=lambda: monotonic() < until)
    without = sum(offer["route"] is None and offer["group"] in WITH_ROUTE for offer in report["offers"])
    situation = Situation(read.vocabulary, profile, day)
    findings = _found(policy, situation)
    results = [
        Result(offer.key, offer.title, found.verdict.value, written_amount(found.amount)) for offer, found in findings
    ]
    before = None if in_force is None else read_offers(in_force, read.vocabulary, read.lists).policy
    compared = [] if before is None else _compare(_found(before, situation), findings)
    return Trial(outline_of(report), results, compared, without)


def _found(policy: PolicyText, situation: Situation) -> Findings:
    return [(offer, evaluate_offer(offer, situation)) for offer in policy.offers]


def _compare(before: Findings, after: Findings) -> list[Compared]:
    old, new = _cells(before), _cells(after)
    titles = {offer.key: offer.title for offer, _found in (*before, *after)}
    return [Compared(titles[key], old.get(key), new.get(key)) for key in dict.fromkeys((*new, *old))]


def _cells(findings: Findings) -> dict[str, Cell]:
    cells = {}
    for offer, found in findings:
        group = group_of(found)
        amount = amount_to_plain(found.amount) if group in _WITH_AMOUNT else None
        cells[offer.key] = cell_of({"group": group, "amount": amount})
    return cells
