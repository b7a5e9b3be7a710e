"""Figures as a page reads them: numbers, or that they are hidden."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from companies.facts import Text
from matching.desk.figures.counted import Figures
from matching.engine.reach import (
    COMPANIES,
    EVERYBODY,
    MEASURES,
    OfferReach,
    OfferTable,
    Reach,
    hidden_sizes,
    lines_of,
    printed_lines,
    table_of,
)
from matching.rendering.money import money_range

_MEASURES = ("eligible", "needs_review", "undetermined")


@dataclass(frozen=True, slots=True)
class Slice:
    """One piece of a bar."""

    key: str
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Line:
    """One group; None where a number is hidden."""

    label: Text
    companies: int | None
    eligible: int | None
    needs_review: int | None
    undetermined: int | None
    bar: list[Slice]
    """Of the numbers that are shown."""


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one grouping."""

    label: Text
    is_exclusive: bool
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class OfferFigures:
    """One offer: all companies, what the eligible get (None: hidden), and the groups."""

    title: Text
    whole: Line
    money: str | None
    unknown: int
    groups: list[Group]


def show_offers(figures: Figures, reach: Reach, offers: dict[str, Text]) -> list[OfferFigures]:
    """These offers, with everything hidden that is about few or would tell it."""
    sizes = hidden_sizes(figures.groupings, reach.companies)
    return [_offer(figures, reach, one, offers[one.offer], sizes) for one in reach.offers if one.offer in offers]


def show_sizes(figures: Figures, reach: Reach) -> tuple[Line, list[Group]]:
    """How many companies there are, and how many in each group."""
    nothing = np.zeros((len(reach.companies), len(MEASURES)), np.int64)
    nobody = OfferReach("", nothing, nothing[:0, 0], nothing[:0], {}, (), 0)
    hidden = frozenset((line, COMPANIES) for line in hidden_sizes(figures.groupings, reach.companies))
    table = OfferTable(hidden, nobody, reach.companies)
    return _line(table, 0, EVERYBODY), _groups(figures, table)


def _offer(figures: Figures, reach: Reach, one: OfferReach, title: Text, sizes: Collection[int]) -> OfferFigures:
    table = table_of(figures.groupings, reach.companies, one, sizes, with_changes=False)
    low, high = table.sum_of("eligible", "low"), table.sum_of("eligible", "high")
    if low is None or high is None:
        said, unknown = None, 0
    else:
        ends = (None if end.fen is None else f"{Decimal(end.fen).scaleb(-2):.2f}" for end in (low, high))
        said, unknown = money_range(*ends), max(low.unknown, high.unknown)
    return OfferFigures(title, _line(table, 0, EVERYBODY), said, unknown, _groups(figures, table))


def _groups(figures: Figures, table: OfferTable) -> list[Group]:
    names, printed = lines_of(figures.groupings), printed_lines(figures.groupings)
    return [
        Group(
            grouping.label,
            grouping.is_exclusive,
            [
                _line(table, at, label)
                for at, (of, _key, label) in enumerate(names)
                if of == grouping.key and at in printed
            ],
        )
        for grouping in figures.groupings
    ]


def _line(table: OfferTable, at: int, label: Text) -> Line:
    companies = table.count(COMPANIES, at)
    shown = {measure: table.count(measure, at) for measure in _MEASURES}
    slices, start = [], 0.0
    for measure, count in shown.items():
        length = round(100 * (count or 0) / companies, 3) if companies else 0.0
        slices.append(Slice(measure, round(start, 3), length))
        start += length
    return Line(label, companies, **shown, bar=slices)
