"""What a run found and what changed, as counts over all companies. Nothing here names one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, F, Q

from companies.facts import Text
from matching.models import BITMAPS, Run, RunOffer
from policies import rulebook
from policies.rules import OfferText, Verdict
from policies.rules.book import UnreadableSnapshot
from policies.rules.closed_words import VERDICT_WORDS

_NOT_THERE = Text("not offered", "无此事项")
CAUSES = {
    "by_release": Text("the rules had changed", "规则有变化"),
    "by_profile": Text("the company’s answers had changed", "企业填报内容有变化"),
    "by_day": Text("it was another day", "日期不同"),
    "by_engine": Text("the engine was another edition", "引擎版本不同"),
}


@dataclass(frozen=True, slots=True)
class Move:
    """How many companies went from one verdict to another; the same word twice means that the amount changed."""

    before: Text
    after: Text
    companies: int

    @property
    def is_amount(self) -> bool:
        """Whether only the amount is another one."""
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class OfferMoves:
    """One offer with what changed at it, what concerns most companies first."""

    offer: str
    title: Text
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since the run before: offers, companies concerned, and why; several causes can be true of one change."""

    offers: tuple[OfferMoves, ...]
    companies: int
    causes: tuple[tuple[Text, int], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """How many companies have a verdict; `more` against the run before, None where that has nothing to say."""

    verdict: Text
    companies: int
    more: int | None


@dataclass(frozen=True, slots=True)
class OfferCounts:
    """One offer with its companies by verdict."""

    offer: str
    title: Text
    cells: tuple[Cell, ...]


def titles_of(run: Run) -> Mapping[str, Text]:
    """The offers' titles; those of the release before first, for offers that are gone."""
    earlier = Run.objects.filter(pk=run.compared_with_id).values_list(F("release__number"), flat=True).first()
    titles: dict[str, Text] = {}
    for number in dict.fromkeys(number for number in (earlier, run.release.number) if number is not None):
        titles |= {offer.id: offer.title for offer in _offers(number)}
    return titles


def changes_of(run: Run, titles: Mapping[str, Text]) -> Changes:
    """What changed since the run before, for a run that is done."""
    counted = run.changes.order_by().values("offer", "before", "after").annotate(companies=Count("pk"))
    moves: dict[str, list[Move]] = {}
    for row in counted.order_by("-companies", "before", "after"):
        one = Move(_word(row["before"]), _word(row["after"]), row["companies"])
        moves.setdefault(row["offer"], []).append(one)
    offers = [OfferMoves(offer, titles.get(offer, Text(offer, offer)), tuple(found)) for offer, found in moves.items()]
    offers.sort(key=lambda one: (-sum(move.companies for move in one.moves), one.offer))
    causes = {name: Count("pk", filter=Q(**{name: True})) for name in CAUSES}
    summed = run.changes.order_by().aggregate(companies=Count("company", distinct=True), **causes)
    told = tuple((said, summed[name]) for name, said in CAUSES.items() if summed[name])
    return Changes(tuple(offers), summed["companies"], told)


def counts_of(run: Run, titles: Mapping[str, Text]) -> list[OfferCounts]:
    """The companies of each offer by verdict, for a run that is done; of a trial without a comparison."""
    before = {} if run.compared_with_id is None else _counts(run.compared_with_id)
    found = []
    for offer, counts in _counts(run.pk).items():
        earlier = before.get(offer)
        cells = tuple(
            Cell(
                VERDICT_WORDS[verdict.value],
                counts.get(verdict.value, 0),
                None if earlier is None else counts.get(verdict.value, 0) - earlier.get(verdict.value, 0),
            )
            for verdict in Verdict
        )
        found.append(OfferCounts(offer, titles.get(offer, Text(offer, offer)), cells))
    return found


def _counts(run: int) -> Mapping[str, Mapping[str, int]]:
    return dict(RunOffer.objects.filter(run=run).defer(*BITMAPS).values_list("offer", "counts"))


def _offers(number: int) -> tuple[OfferText, ...]:
    try:
        return rulebook.of_release(number).offers
    except UnreadableSnapshot:
        return ()  # an old release that this edition cannot read any more: its offers are called by their keys


def _word(verdict: str) -> Text:
    return VERDICT_WORDS[verdict] if verdict else _NOT_THERE
