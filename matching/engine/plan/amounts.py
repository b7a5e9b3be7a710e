"""What offers come to for many companies, and what that adds up to; equal to the reference `amount_of`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from companies.facts import Vocabulary
from matching.engine.plan.bits import Words, every_row, pack, unpack
from matching.engine.plan.columns import Columns
from matching.engine.plan.compiling import Plan
from matching.engine.plan.reference import Judge, facts_behind
from policies.rules import Situation, amount_of
from policies.rules import benefits as b
from policies.rules.expressions import Expression, FactNamed

STATUSES: tuple[str, ...] = ("exact", "range", "up_to", "at_least", "to_confirm", "in_kind", "error")
"""The code of a status is its place here; `error` where the reference evaluator cannot compute the amount."""
Ends = tuple[int, int | None, int | None]
"""A status code with the low and the high end in fen."""


@dataclass(frozen=True, slots=True, eq=False)
class OfferAmounts:
    """What one offer comes to for every company; an end that is not known is 0 and has no bit."""

    rows: int
    status: npt.NDArray[np.uint8]
    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]
    low_known: Words
    high_known: Words
    large: Mapping[int, tuple[int, int]] = field(default_factory=dict)
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


@dataclass(frozen=True, slots=True, eq=False)
class AmountColumns:
    """Amounts of the offers of a plan, each computed when it is asked for, so that memory holds one at a time."""

    plan: Plan
    columns: Columns
    offers: tuple[int, ...]
    """The numbers of the offers in the plan."""
    judge: Judge

    def of(self, at: int) -> OfferAmounts:
        """The amounts of offer number `at` of the plan."""
        text = self.plan.texts[at]
        return _asked(text.benefit, text.kind, self.plan.vocabulary, self.judge)

    def total(self, at: int, companies: Words | None = None) -> Total:
        """What offer number `at` comes to over these companies (rows of bits, as in a result); over all, without."""
        return total_of(self.of(at), companies)

    def __iter__(self) -> Iterator[OfferAmounts]:
        return (self.of(at) for at in self.offers)


def amounts_of(plan: Plan, columns: Columns, *, offers: Sequence[int] | None = None) -> AmountColumns:
    """The amounts of these offers of the plan (of all, without) for all companies."""
    chosen = tuple(range(len(plan.offers))) if offers is None else tuple(offers)
    return AmountColumns(plan, columns, chosen, Judge(columns, plan.day))


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


def expressions_of(benefit: b.Benefit) -> list[Expression]:
    """Every expression of a benefit, the fact of a table by level among them."""
    if isinstance(benefit, b.ChooseOne):
        return [used for one in benefit.of for used in expressions_of(one)]
    used = [getattr(benefit, name, None) for name in ("of", "less")]
    if isinstance(benefit, b.ByLevel):
        used += [FactNamed(benefit.fact), *(grant.of for _, grant in benefit.levels)]
    if isinstance(benefit, b.Banded | b.Difference):
        used += [grant.of for _, grant in benefit.steps]
    return [one for one in used if isinstance(one, Expression)]


def _asked(benefit: b.Benefit, kind: str, vocabulary: Vocabulary, judge: Judge) -> OfferAmounts:
    rows = judge.columns.rows
    names = facts_of_benefit(benefit, vocabulary)

    def ask(situation: Situation) -> Ends:
        return ends_of(benefit, kind, situation)

    return _from_ends(judge.answers((id(benefit), kind), names, np.arange(rows), ask), rows)


def ends_of(benefit: b.Benefit, kind: str, situation: Situation) -> Ends:
    """The reference amount as a status code and two ends in fen."""
    try:
        amount = amount_of(benefit, situation, kind)
    except MemoryError:
        raise
    except Exception:
        return STATUSES.index("error"), None, None
    return STATUSES.index(amount.status), _fen(amount.low), _fen(amount.high)


def _fen(end: Any) -> int | None:
    return None if end is None else int(end.scaleb(2))


def _from_ends(found: Sequence[Ends], rows: int) -> OfferAmounts:
    low, high, large = np.zeros(rows, np.int64), np.zeros(rows, np.int64), {}
    low_known, high_known = np.zeros(rows, np.bool_), np.zeros(rows, np.bool_)
    for row, (_, least, most) in enumerate(found):
        low_known[row], high_known[row] = least is not None, most is not None
        if max(abs(least or 0), abs(most or 0)) < 2**63:
            low[row], high[row] = least or 0, most or 0
        else:
            large[row] = (least or 0, most or 0)
    status = np.fromiter((code for code, _, _ in found), np.uint8, rows)
    return OfferAmounts(rows, status, low, high, pack(low_known), pack(high_known), large)
