"""Columns of one company side by side for reading: sums a column, a row an offer, what differs from the first column and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from matching.rendering import money, words
from matching.rendering.words import Mark, said
from policies.rules.book import Rulebook

GOOD = ("eligible", "needs_review", "undetermined", "not_modelled")
OUT_OF_FORCE = ("ended", "not_yet")
"""Here the document is the cause, not a criterion."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What a best combination pays: the ends that are known, in words, and how sure it is that none pays more."""

    said: str
    low: str | None
    high: str | None
    is_open: bool
    """Whether it may be more than the high end."""
    saving: str | None
    """The estimated tax savings in it."""
    to_confirm: int
    """How many of its offers have an amount that no document says."""
    is_proven: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One variant of the company."""

    key: str
    name: dict[str, str]
    day: str
    changes: Sequence[Mapping[str, Any]]
    eligible: int
    possible: int
    now: Sum
    best: Sum

    @property
    def letter(self) -> str:
        """What the column is called."""
        return self.key.upper()


@dataclass(frozen=True, slots=True)
class Cause:
    """One criterion that holds otherwise than in the first column, or the answers that the amount rests on."""

    sentence: str
    clause: str
    before: str | Promise
    after: str | Promise


@dataclass(frozen=True, slots=True)
class Cell:
    """What comes of one offer in one column."""

    column: Column
    mark: Mark
    low: str | None
    high: str | None
    amount: str
    window: dict[str, str]
    differs: bool
    causes: Sequence[Cause]


@dataclass(frozen=True, slots=True)
class Row:
    """One offer in every column."""

    id: str
    policy: str
    policy_title: dict[str, str]
    title: dict[str, str]
    clause: dict[str, str] | None
    cells: Sequence[Cell]

    @property
    def differs(self) -> bool:
        """Whether a column comes out otherwise than the first."""
        return any(cell.differs for cell in self.cells)

    @property
    def most(self) -> Decimal:
        """The most it pays in any column, as far as that is known."""
        return max((Decimal(cell.high or cell.low or 0) for cell in self.cells), default=Decimal(0))


@dataclass(frozen=True, slots=True)
class Table:
    """All of it: `differing` and `alike` are the offers that some column may get, `out` counts those that none does."""

    day: str
    columns: Sequence[Column]
    differing: Sequence[Row]
    alike: Sequence[Row]
    out: int


def table_of(plain: Mapping[str, Any], book: Rulebook) -> Table:
    """From what `side_by_side` says, in the active language; the offers that may pay most first."""
    columns = [_column(variant) for variant in plain["variants"]]
    rows = [_row(offer, columns, book) for offer in plain["offers"]]
    rows.sort(key=lambda row: (-row.most, row.id))
    good = {offer["id"] for offer in plain["offers"] if any(cell["group"] in GOOD for cell in offer["cells"].values())}
    differing = [row for row in rows if row.differs]
    alike = [row for row in rows if not row.differs and row.id in good]
    return Table(plain["day"], columns, differing, alike, len(rows) - len(differing) - len(alike))


def _column(variant: Mapping[str, Any]) -> Column:
    counts = variant["counts"]
    return Column(
        key=variant["key"],
        name=variant["name"],
        day=variant["day"],
        changes=variant["changes"],
        eligible=counts.get("eligible", 0),
        possible=sum(counts.get(group, 0) for group in GOOD[1:]),
        now=_sum(variant["combination"]["now"]),
        best=_sum(variant["combination"]["possible"]),
    )


def _sum(combination: Mapping[str, Any]) -> Sum:
    if not combination["candidates"]:
        return Sum(_("nothing"), None, None, False, None, 0, combination["proven"])
    total = money.from_low_to_high(combination)
    return Sum(
        said=money.total_in_short(total),
        low=None if total["low_open"] and total["high"] is not None else total["low"],
        high=total["high"],
        is_open=total["high_open"],
        saving=money.saving_in_short(money.from_low_to_high(combination, "tax_saving")),
        to_confirm=total["to_confirm"],
        is_proven=combination["proven"],
    )


def _row(offer: Mapping[str, Any], columns: Sequence[Column], book: Rulebook) -> Row:
    policy = book.policy(offer["policy"])
    title = {"en": "", "zh": ""} if policy is None else policy.title.to_plain()
    cells: list[Cell] = []
    for column in columns:
        cells.append(_cell(offer, column, cells[0] if cells else None))
    return Row(offer["id"], offer["policy"], title, offer["title"], offer["clause"], cells)


def _cell(offer: Mapping[str, Any], column: Column, first: Cell | None) -> Cell:
    plain, because = offer["cells"][column.key], offer["because"].get(column.key)
    amount, mark = plain["amount"], words.GROUPS[plain["group"]]
    low, high = (None, None) if amount is None else (amount["low"], amount["high"])
    said_amount = "" if amount is None else money.amount_in_short(amount)
    # As people read it: an ended edition has ended, whatever its criteria come to.
    differs = first is not None and (mark, low, high, said_amount) != (first.mark, first.low, first.high, first.amount)
    is_out_of_force = first is not None and mark is not first.mark and plain["group"] in OUT_OF_FORCE
    return Cell(
        column=column,
        mark=mark,
        low=low,
        high=high,
        amount=said_amount,
        window=offer["windows"][column.key],
        differs=differs,
        causes=_causes(because) if differs and because is not None and not is_out_of_force else [],
    )


def _causes(because: Mapping[str, Any]) -> list[Cause]:
    criteria = [
        Cause(said(one["sentence"]), said(one["clause"]), _status(one["before"]), _status(one["after"]))
        for one in because["criteria"]
    ]
    # Where every criterion holds as before, the amount is another one, and these answers make it so.
    return criteria or [
        Cause(_("The amount rests on: %(fact)s") % {"fact": said(fact["label"])}, "", "", "")
        for fact in because["facts"]
    ]


def _status(status: str | None) -> str | Promise:
    return "" if status is None else words.STATUSES[status].word
