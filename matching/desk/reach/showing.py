"""A reach as a page reads it: numbers with their bars, sums of money in words, each group on a line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from companies.facts import Text, Vocabulary
from matching.engine.plan import VERDICTS, Total
from matching.engine.reach import ABSENT, OfferReach, Reach, ReachPlan, criteria_of
from matching.rendering.money import money, money_range
from policies.rules import OfferText, say_expression
from policies.rules.closed_words import VERDICT_WORDS

_FAR = Text("not eligible, and further away", "不符合，且差距较大")
_NEAR = Text("not eligible, by one criterion", "仅差一项条件")
_NOT_THERE = Text("not there", "无此项")


@dataclass(frozen=True, slots=True)
class Slice:
    """One piece of a bar: what it is of, how many, where it begins and how long it is, in hundredths of the bar."""

    key: str
    label: Text
    count: int
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Line:
    """One group: how many companies, its counts, and the bar of them."""

    label: Text
    companies: int
    eligible: int
    needs_review: int
    undetermined: int
    near: int
    gained: int
    lost: int
    bar: list[Slice]
    money: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one grouping."""

    key: str
    label: Text
    lines: list[Line]
    is_exclusive: bool


@dataclass(frozen=True, slots=True)
class Sum:
    """A range of money in words, and of how many companies one end (or both) is not in it."""

    said: str
    unknown: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What is other than by the version in force."""

    before: int
    gained: int
    lost: int
    revalued: int
    money_before: Sum
    money_gained: Sum
    money_lost: Sum
    more: str
    moves: list[tuple[Text, Text, int]]


@dataclass(frozen=True, slots=True)
class OfferShown:
    """One offer of the version (or one that it takes away)."""

    title: Text
    is_new: bool
    is_gone: bool
    count: int
    bar: list[Slice]
    money: Sum
    money_open: Sum
    open: int
    near_by: list[tuple[Text, int]]
    groups: list[Group]
    changes: Changes | None


@dataclass(frozen=True, slots=True)
class ReachShown:
    """The whole page."""

    companies: int
    offers: list[OfferShown]
    eligible: int
    before: int | None
    gained: int
    lost: int
    more: str


def show_reach(plan: ReachPlan, reach: Reach, vocabulary: Vocabulary, *, is_compared: bool) -> ReachShown:
    """The page of these numbers; `is_compared` where there is a version in force to compare with."""
    offers = [
        _offer(plan, reach, one, pair, vocabulary, is_compared)
        for one, pair in zip(reach.offers, plan.offers, strict=True)
    ]
    return ReachShown(
        companies=int(reach.companies[0]),
        offers=offers,
        eligible=reach.of_policy("eligible"),
        before=reach.of_policy("before") if is_compared else None,
        gained=reach.of_policy("gained"),
        lost=reach.of_policy("lost"),
        more=_more(reach.change("low"), reach.change("high")),
    )


def _offer(
    plan: ReachPlan,
    reach: Reach,
    one: OfferReach,
    pair: tuple[OfferText | None, OfferText | None],
    vocabulary: Vocabulary,
    is_compared: bool,
) -> OfferShown:
    old, new = pair
    some = new or old
    assert some is not None
    reasons = zip(criteria_of(new.requires) if new else (), one.near_by.tolist(), strict=True)
    near_by = sorted(((say_expression(when, vocabulary), n) for when, n in reasons if n), key=lambda row: -row[1])
    return OfferShown(
        title=some.title,
        is_new=is_compared and old is None,
        is_gone=new is None,
        count=one.count("eligible"),
        bar=_bar(one, int(reach.companies[0])),
        money=sum_in_words(one.money["eligible"]),
        money_open=sum_in_words(one.money["open"]),
        open=one.money["open"].companies,
        near_by=near_by,
        groups=_groups(plan, reach, one),
        changes=_changes(one) if is_compared else None,
    )


def _bar(one: OfferReach, companies: int, at: int = 0) -> list[Slice]:
    """The companies of a line by verdict, those who are near apart from the rest."""
    near = one.count("near", at)
    keys = ("eligible", "needs_review", "undetermined", "not_modelled")
    counts = [
        *((key, VERDICT_WORDS[key], one.count(key, at)) for key in keys),
        ("near", _NEAR, near),
        ("ineligible", _FAR, one.count("ineligible", at) - near),
        ("error", VERDICT_WORDS["error"], one.count("error", at)),
    ]
    slices: list[Slice] = []
    start = 0.0
    for key, label, count in counts:
        length = round(100 * count / companies, 3) if companies else 0.0
        if count or key not in ("error", "not_modelled"):
            slices.append(Slice(key, label, count, round(start, 3), length))
        start += length
    return slices


def _groups(plan: ReachPlan, reach: Reach, one: OfferReach) -> list[Group]:
    groups: list[Group] = []
    at = 1
    for grouping in plan.groupings:
        lines = [_line(label, reach, one, at + place) for place, (_key, label) in enumerate(grouping.lines())]
        at += len(lines)
        kept = [line for line in lines if line.companies]
        groups.append(Group(grouping.key, grouping.label, kept, grouping.is_exclusive))
    return groups


def _line(label: Text, reach: Reach, one: OfferReach, at: int) -> Line:
    eligible = one.count("eligible", at)
    return Line(
        label,
        int(reach.companies[at]),
        eligible,
        one.count("needs_review", at),
        one.count("undetermined", at),
        one.count("near", at),
        one.count("gained", at),
        one.count("lost", at),
        _bar(one, int(reach.companies[at]), at),
        sum_in_words(one.money_by_line[at]).said if eligible else None,
    )


def _changes(one: OfferReach) -> Changes:
    before, after = one.money["before"], one.money["eligible"]
    places = [*(VERDICT_WORDS[verdict.value] for verdict in VERDICTS), _NOT_THERE]
    moves = [
        (places[then], places[now], int(one.moves[then, now]))
        for then in range(ABSENT + 1)
        for now in range(ABSENT + 1)
        if then != now and one.moves[then, now]
    ]
    return Changes(
        one.count("before"),
        one.count("gained"),
        one.count("lost"),
        one.revalued,
        sum_in_words(before),
        sum_in_words(one.money["gained"]),
        sum_in_words(one.money["lost"]),
        _more(after.low - before.low, after.high - before.high),
        sorted(moves, key=lambda row: -row[2]),
    )


def sum_in_words(total: Total) -> Sum:
    """A total as a range; nobody's is nothing, and an end that nobody knows is not 0."""
    if not total.companies:
        return Sum(money("0"), 0)
    low, high = (
        _fen(end) if unknown < total.companies else None
        for end, unknown in ((total.low, total.low_unknown), (total.high, total.high_unknown))
    )
    return Sum(money_range(low, high), max(total.low_unknown, total.high_unknown))


def _more(low: int, high: int) -> str:
    """By how much more or less, from the low ends to the high ends."""
    ends = [_signed(end) for end in dict.fromkeys(sorted((low, high)))]
    return ends[0] if len(ends) == 1 else _("%(low)s to %(high)s") % {"low": ends[0], "high": ends[1]}


def _signed(fen: int) -> str:
    said = money(_fen(abs(fen)))
    return said if not fen else f"{'+' if fen > 0 else '−'}{said}"


def _fen(fen: int) -> str:
    return f"{Decimal(fen).scaleb(-2):.2f}"
