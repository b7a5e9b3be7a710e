"""What offers come to for many companies, and what that adds up to; equal to the reference `amount_of`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from companies.facts import Vocabulary
from matching.engine.plan.bits import Array, Words, every_row, no_row, pack, places_of, unpack, words_for
from matching.engine.plan.columnar import Rows
from matching.engine.plan.columns import Columns
from matching.engine.plan.compiling import Plan
from matching.engine.plan.criteria import RANGED_ROWS
from matching.engine.plan.expanding import Expander
from matching.engine.plan.payments import ERROR, STATUSES, Ends, paid
from matching.engine.plan.reference import Judge, facts_behind
from matching.engine.plan.trees import Forest
from policies.rules import OfferText, Situation, amount_of
from policies.rules import benefits as b
from policies.rules.benefits import expressions_of

Reference = tuple[int, int | None, int | None]
"""A status code with the low and the high end in fen, as the reference evaluator has them."""


@dataclass(frozen=True, slots=True, eq=False)
class OfferAmounts:
    """What one offer comes to for every company; an end that is not known is 0 and has no bit."""

    rows: int
    status: npt.NDArray[np.uint8]
    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]
    low_known: Words
    high_known: Words
    large: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Ends (0 where not known) of companies for which one does not fit the arrays, which have 0 there."""

    def ends(self, row: int) -> tuple[int | None, int | None]:
        """The low and the high end of one company in fen, None where not known."""
        low, high = self.large.get(row, (int(self.low[row]), int(self.high[row])))
        return (low if _bit(self.low_known, row) else None, high if _bit(self.high_known, row) else None)


@dataclass(frozen=True, slots=True)
class Total:
    """What an offer comes to over some companies, in fen; unknown ends are counted, not added as 0."""

    companies: int
    low: int
    high: int
    low_unknown: int
    high_unknown: int

    def __add__(self, other: "Total") -> "Total":
        """The total over the companies of both."""
        return Total(
            self.companies + other.companies,
            self.low + other.low,
            self.high + other.high,
            self.low_unknown + other.low_unknown,
            self.high_unknown + other.high_unknown,
        )


NOTHING = Total(0, 0, 0, 0, 0)
"""The total over nobody."""


@dataclass(frozen=True, slots=True, eq=False)
class AmountColumns:
    """Amounts of the offers of a plan, each computed when it is asked for, so that memory holds one at a time."""

    plan: Plan
    columns: Columns
    offers: tuple[int, ...]
    """The numbers of the offers in the plan."""

    def of(self, at: int) -> OfferAmounts:
        """The amounts of offer number `at` of the plan."""
        return _amounts(self.plan, self.plan.texts[at], self.columns)

    def total(self, at: int, companies: Words | None = None) -> Total:
        """What offer number `at` comes to over these companies (rows of bits, as in a result); over all, without."""
        if companies is None:
            return total_of(self.of(at))
        rows = places_of(companies, self.columns.rows)
        names = facts_of_benefit(self.plan.texts[at].benefit, self.plan.vocabulary)
        return total_of(_amounts(self.plan, self.plan.texts[at], self.columns.only(names).take(rows)))

    def __iter__(self) -> Iterator[OfferAmounts]:
        return (self.of(at) for at in self.offers)


def amounts_of(plan: Plan, columns: Columns, *, offers: Sequence[int] | None = None) -> AmountColumns:
    """The amounts of these offers of the plan (of all, without) for all companies."""
    chosen = tuple(range(len(plan.offers))) if offers is None else tuple(offers)
    return AmountColumns(plan, columns, chosen)


def total_of(amounts: OfferAmounts, companies: Words | None = None) -> Total:
    """The sums of both ends over these companies, exact whatever their size."""
    chosen = every_row(amounts.rows) if companies is None else companies
    counted = int(np.bitwise_count(chosen).sum(dtype=np.int64))
    return Total(
        counted,
        _sum(amounts, chosen, amounts.low, amounts.low_known, 0),
        _sum(amounts, chosen, amounts.high, amounts.high_known, 1),
        int(np.bitwise_count(chosen & ~amounts.low_known).sum(dtype=np.int64)),
        int(np.bitwise_count(chosen & ~amounts.high_known).sum(dtype=np.int64)),
    )


def _sum(amounts: OfferAmounts, chosen: Words, ends: npt.NDArray[np.int64], known: Words, side: int) -> int:
    flags = unpack(chosen & known, amounts.rows)
    # Halves of 32 bits cannot overflow a sum over any number of companies that fits into memory.
    whole = int((ends >> 32)[flags].sum(dtype=np.int64)) << 32
    rest = int((ends & 0xFFFF_FFFF)[flags].sum(dtype=np.int64))
    return whole + rest + sum(large[side] for row, large in amounts.large.items() if flags[row])


def _bit(words: Words, row: int) -> bool:
    return bool(words[row >> 6] >> np.uint64(row & 63) & np.uint64(1))


def facts_of_benefit(benefit: b.Benefit, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The asked facts that the amount comes down to."""
    names = {name for used in expressions_of(benefit) for name in facts_behind(used, vocabulary)}
    return tuple(sorted(names))


def _amounts(plan: Plan, text: OfferText, columns: Columns) -> OfferAmounts:
    benefit, kind = text.benefit, text.kind
    names = facts_of_benefit(benefit, plan.vocabulary)
    judge = Judge(columns, plan.day)

    def ask(rows: Array) -> Sequence[Reference]:
        return judge.answers(None, names, rows, lambda situation: reference_ends(benefit, kind, situation))

    total = columns.rows
    found = OfferAmounts(
        total, np.zeros(total, np.uint8), np.zeros(total, np.int64), np.zeros(total, np.int64), no_row(total), no_row(total), {}
    )  # fmt: skip
    expander = Expander(Forest(), plan.vocabulary, plan.day)
    computable = all(expander.computable(used) for used in expressions_of(benefit))
    for start in range(0, total, RANGED_ROWS):
        part = columns.slice(start, start + RANGED_ROWS)
        if computable:
            with np.errstate(all="ignore"):
                ends = paid(benefit, Rows(part, plan.vocabulary, expander.derived, plan.day, open_ended=True))
            unsure = np.flatnonzero(np.broadcast_to(ends.unsure, part.rows))
        else:
            ends, unsure = Ends(*_NONE), np.arange(part.rows)
        _fill(found, start, part.rows, ends, start + unsure, ask(start + unsure) if len(unsure) else ())
    return found


_NONE: Any = (np.uint8(0), np.int64(0), np.int64(0), np.False_, np.False_)


def _fill(found: OfferAmounts, start: int, rows: int, ends: Ends, asked: Array, answers: "Sequence[Reference]") -> None:
    here = slice(start, start + rows)
    found.status[here], found.low[here], found.high[here] = ends.status, ends.low, ends.high
    low_known, high_known = (np.array(np.broadcast_to(flags, rows)) for flags in (ends.low_known, ends.high_known))
    for row, (status, low, high) in zip(asked.tolist(), answers, strict=True):
        fits = max(abs(low or 0), abs(high or 0)) < 2**63
        found.status[row] = status
        found.low[row], found.high[row] = (low or 0, high or 0) if fits else (0, 0)
        low_known[row - start], high_known[row - start] = low is not None, high is not None
        if not fits:
            found.large[row] = (low or 0, high or 0)
    words = slice(start // 64, start // 64 + words_for(rows))
    found.low_known[words], found.high_known[words] = pack(low_known), pack(high_known)


def reference_ends(benefit: b.Benefit, kind: str, situation: Situation) -> Reference:
    """The reference amount as a status code and two ends in fen."""
    try:
        amount = amount_of(benefit, situation, kind)
    except MemoryError:
        raise
    except Exception:
        return ERROR, None, None
    return STATUSES.index(amount.status), _fen(amount.low), _fen(amount.high)


def _fen(end: Any) -> int | None:
    return None if end is None else int(end.scaleb(2))
