"""What a benefit pays to many companies at once: the columnar twin of `policies.rules.amounts`."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.engine.plan.bits import Array
from matching.engine.plan.columnar import Rows
from matching.engine.plan.ranges import (
    EVERY_FLAG,
    EXACT,
    NO_FLAG,
    Flags,
    Range,
    add,
    aligned,
    at_places,
    constant,
    hull,
    lowest_or_highest,
    multiply,
    negative,
)
from policies.rules import benefits as b
from policies.rules.amounts import segments, taxed_share
from policies.rules.expressions import Expression, FactNamed

STATUSES: tuple[str, ...] = ("exact", "range", "up_to", "at_least", "to_confirm", "in_kind", "error")
"""The code of a status is its place here; `error` where the reference evaluator cannot compute the amount."""
EXACTLY, BETWEEN, UP_TO, AT_LEAST, TO_CONFIRM, IN_KIND, ERROR = range(len(STATUSES))
_NOTHING = constant(Fraction(0))


@dataclass(slots=True)
class Ends:
    """Amounts of some companies, or one that is the same for all: whole fen, and 0 where an end is not known."""

    status: npt.NDArray[np.uint8]
    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]
    low_known: Flags
    high_known: Flags
    unsure: Flags = NO_FLAG
    """The reference evaluator has to be asked."""


def paid(benefit: b.Benefit, rows: Rows) -> Ends:
    """What the benefit comes to; `rows` must take unknown amounts as without upper bound."""
    match benefit:
        case b.InKind():
            return _fixed(IN_KIND)
        case b.ToConfirm():
            return _fixed(TO_CONFIRM)
        case b.UpTo():
            fen, unsure = _fen(constant(benefit.amount).high, constant(benefit.amount).places)
            return Ends(np.uint8(UP_TO), np.int64(0), fen, NO_FLAG, EVERY_FLAG, unsure)  # type: ignore[arg-type]
        case b.ChooseOne():
            return _best([paid(one, rows) for one in benefit.of])
    return _stated(_limited(_payment(benefit, rows), benefit.limits))


def _fixed(status: int) -> Ends:
    nothing: Any = np.int64(0)
    return Ends(np.uint8(status), nothing, nothing, NO_FLAG, NO_FLAG)  # type: ignore[arg-type]


def _stated(payment: Range) -> Ends:
    payment = at_places(payment, max(payment.places, 2))
    low_known, high_known = payment.exists & np.isfinite(payment.low[0]), payment.exists & np.isfinite(payment.high[0])
    low, low_unsure = _fen(payment.low, payment.places)
    high, high_unsure = _fen(payment.high, payment.places)
    exact = low_known & high_known & (low == high)
    # Nothing is known to be paid yet, which is not the same as an amount of 0.
    low_said = low_known & (exact | (low != 0))
    status = np.where(payment.exists, _status(low_said, high_known), TO_CONFIRM)
    status = np.where(exact, EXACTLY, status).astype(np.uint8)
    unsure = payment.unsure | (low_known & low_unsure) | (high_known & high_unsure)
    return Ends(status, np.where(low_said, low, 0), np.where(high_known, high, 0), low_said, high_known, unsure)


def _status(low_known: Flags, high_known: Flags) -> Any:
    return np.where(low_known, np.where(high_known, BETWEEN, AT_LEAST), np.where(high_known, UP_TO, TO_CONFIRM))


def _fen(ends: tuple[Any, Any], places: int) -> tuple[Array, Flags]:
    """The end in whole fen, half a fen up; and where the enclosure cannot tell which."""
    below, above = (np.where(np.isfinite(end), end, 0.0) for end in ends)
    unit = 10 ** (places - 2)
    exact = (below == above) & (np.abs(below) < EXACT / 2)
    whole = np.where(exact, below, 0).astype(np.int64)
    settled = (2 * whole + unit) // (2 * unit)
    if np.all(exact):
        return settled, NO_FLAG
    error = np.abs(above) * 1e-15 / unit
    least, most = np.floor(below / unit + 0.5 - error), np.floor(above / unit + 0.5 + error)
    clear = (least == most) & (np.abs(most) < EXACT / 2)
    return np.where(exact, settled, np.where(clear, most, 0).astype(np.int64)), ~exact & ~clear


def _best(options: Sequence[Ends]) -> Ends:
    """The best of several, of which the company chooses one."""
    low_known = np.logical_or.reduce(np.broadcast_arrays(*(one.low_known for one in options)))
    priced = np.logical_or.reduce(np.broadcast_arrays(low_known, *(one.high_known for one in options)))
    high_known: Flags = priced
    low: Any = np.int64(-(2**62))
    high: Any = np.int64(-(2**62))
    unsure: Flags = NO_FLAG
    for one in options:
        unsure = unsure | one.unsure
        low = np.maximum(low, np.where(one.low_known, one.low, -(2**62)))
        high_known = high_known & (one.high_known | (one.status == IN_KIND))
        high = np.maximum(high, np.where(one.high_known, one.high, -(2**62)))
    status = np.where(priced, _status(low_known, high_known), options[0].status)
    status = np.where(low_known & high_known & (low == high), EXACTLY, status).astype(np.uint8)
    return Ends(status, np.where(low_known, low, 0), np.where(high_known, high, 0), low_known, high_known, unsure)


def _payment(benefit: b.Benefit, rows: Rows) -> Range:
    match benefit:
        case b.Fixed():
            return constant(benefit.amount)
        case b.Rate() | b.Matching() | b.TaxCredit():
            return _times(benefit.rate, rows.number(benefit.of))
        case b.PerUnit():
            return _times(benefit.amount, rows.number(benefit.of))
        case b.TaxRate():
            return _times(benefit.usual - benefit.reduced, rows.number(benefit.of))
        case b.TaxDeduction():
            return _times(benefit.extra * benefit.at, rows.number(benefit.of))
        case b.Banded():
            return _stepped(benefit.of, benefit.steps, rows)
        case b.Difference():
            return add(_stepped(benefit.of, benefit.steps, rows), negative(rows.number(benefit.less)))
        case b.ByLevel():
            return _by_level(benefit, rows)
        case b.TaxBands():
            return _tax_bands(benefit, rows)
    raise TypeError(f"not a payment: {benefit!r}")


def _times(factor: Fraction, base: Range) -> Range:
    return multiply(constant(factor), base)


def _limited(payment: Range, limits: b.Limits) -> Range:
    payment = lowest_or_highest("max", [payment, constant(limits.floor or Fraction(0))])
    return payment if limits.cap is None else lowest_or_highest("min", [payment, constant(limits.cap)])


def _stepped(of: Expression, steps: tuple[tuple[Fraction, b.Grant], ...], rows: Rows) -> Range:
    base = rows.number(of)
    here = ~base.missing
    unsure: Flags = NO_FLAG

    def under(line: Fraction, high: bool) -> Flags:
        """Where the upper (lower) end lies below a line; notes where that cannot be told."""
        nonlocal unsure
        base_, start = aligned(base, constant(line))
        below, above = base_.high if high else base_.low
        unsure = unsure | ((above >= start.low[0]) & (below < start.high[1]))
        return above < start.low[0]

    reached: list[tuple[Flags, Range]] = [(here & under(steps[0][0], high=False), _NOTHING)]
    for at, (start, grant) in enumerate(steps):
        end = steps[at + 1][0] if at + 1 < len(steps) else None
        skipped = base.exists & under(start, high=True)
        if end is not None:
            skipped = skipped | ~under(end, high=False)
        reached.append((here & ~skipped, _granted(grant, of, _within(base, start, end), rows)))
    result = hull(reached)
    result.exists = result.exists & base.exists
    result.missing = result.missing | base.missing
    result.unsure = result.unsure | base.unsure | (unsure & here)
    return result


def _within(base: Range, start: Fraction, end: Fraction | None) -> Range:
    """The part of the range between two ends (the upper one included, which only widens it)."""
    parts = aligned(base, constant(start), *([] if end is None else [constant(end)]))
    base, first = parts[0], parts[1]
    low = _pairwise(np.maximum, base.low, first.low)
    high = base.high if end is None else _pairwise(np.minimum, base.high, parts[2].high)
    return Range(
        low, _pairwise(np.maximum, low, high), base.places, base.exists, base.missing, base.point, base.vague,
        unsure=base.unsure,
    )  # fmt: skip


def _pairwise(choose: Any, a: tuple[Any, Any], b_: tuple[Any, Any]) -> tuple[Any, Any]:
    below = choose(a[0], b_[0])
    return (below, below) if a[0] is a[1] and b_[0] is b_[1] else (below, choose(a[1], b_[1]))


def _granted(grant: b.Grant, of: Expression | None, part: Range, rows: Rows) -> Range:
    if grant.amount is not None:
        return constant(grant.amount)
    base = part if grant.of is None or grant.of == of else rows.number(grant.of)
    return _times(grant.rate or Fraction(0), base)


def _by_level(benefit: b.ByLevel, rows: Rows) -> Range:
    chosen = rows.choices(FactNamed(benefit.fact))
    levels = dict(benefit.levels)
    reached: list[tuple[Flags, Range]] = []
    for key, possible in sorted(chosen.possible.items()):
        grant = levels.get(key)
        reached.append((possible, _NOTHING if grant is None else _granted(grant, None, _NOTHING, rows)))
    result = hull(reached) if reached else constant(Fraction(0))
    result.unsure = result.unsure | chosen.unsure
    return result


def _tax_bands(benefit: b.TaxBands, rows: Rows) -> Range:
    base = rows.number(benefit.of)
    total = constant(Fraction(0))
    for start, end in segments((*benefit.steps, *benefit.usual)):
        part = lowest_or_highest("max", [base, constant(start)])
        part = part if end is None else lowest_or_highest("min", [part, constant(end)])
        saved = benefit.at * (taxed_share(benefit.usual, start) - taxed_share(benefit.steps, start))
        total = add(total, _times(saved, add(part, negative(constant(start)))))
    return total
