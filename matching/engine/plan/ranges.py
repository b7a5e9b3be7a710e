"""Ranges of numbers for many companies: each end is held between two floating-point numbers that surely enclose it.

The exact arithmetic of `policies.rules.intervals`, as a filter: where the enclosures settle a question the answer is
that of exact numbers; where they do not, the company is marked `unsure` and the reference evaluator is asked. Numbers
are kept as whole multiples of a power of ten, so that sums and products of amounts are exact as long as they fit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

Flags = Any
Ends = Any
"""Arrays of one place for each company, or a single value that is the same for all."""

EXACT = float(2**53)
LARGEST = 1e150
NO_FLAG, EVERY_FLAG = np.False_, np.True_


@dataclass(slots=True)
class Range:
    """For each company all numbers from a low to a high end, an infinite end being one without bound.

    `low` and `high` are pairs (below, above) that enclose the end. Where the two are equal the end is exactly that whole
    number of units, and where all are, they are one and the same array.
    """

    low: tuple[Ends, Ends]
    high: tuple[Ends, Ends]
    places: int
    """The numbers are multiples of 10 ** -places."""
    exists: Flags = EVERY_FLAG
    """It surely exists."""
    missing: Flags = NO_FLAG
    """It surely does not exist."""
    point: Flags = NO_FLAG
    """It is surely one number."""
    vague: Flags = NO_FLAG
    """Whether it is one number cannot be told."""
    gaps: Flags = NO_FLAG
    """An asked fact that is not known can still change it."""
    unsure: Flags = NO_FLAG
    """Something above may be wrong: the reference evaluator has to be asked."""

    @property
    def settled(self) -> Flags:
        """No further answer can change it (as far as `vague` allows to tell)."""
        return self.missing | (self.exists & self.point)

    @property
    def zero(self) -> Flags:
        """It is exactly the number 0."""
        return self.point & (self.low[0] == 0) & (self.low[1] == 0)


def enclosure(value: Fraction, places: int) -> tuple[np.float64, np.float64]:
    """Two floating-point numbers around a number of units, equal where it is a whole one that they hold."""
    exact = value * 10**places
    near = np.float64(float(exact))
    if exact.denominator == 1 and Fraction(float(near)) == exact:
        return near, near
    return np.nextafter(near, -np.inf), np.nextafter(near, np.inf)


def places_in(value: Fraction) -> int:
    """How many decimal places the number needs, at most 6; those that need more are enclosed."""
    return next((places for places in range(7) if (value * 10**places).denominator == 1), 6)


def constant(value: Fraction) -> Range:
    """The same number for every company."""
    places = places_in(value)
    ends = same_where_equal(enclosure(value, places))
    return Range(ends, ends, places, point=EVERY_FLAG)


def same_where_equal(ends: tuple[Ends, Ends]) -> tuple[Ends, Ends]:
    """A pair of single numbers, as one and the same where they are equal."""
    return (ends[0], ends[0]) if ends[0] == ends[1] else ends


def _outward(ends: tuple[Ends, Ends], exact: Flags) -> tuple[Ends, Ends]:
    """The pair a step wider, but for what is `exact` and small enough to be held."""
    below, above = ends
    kept = exact & (below == above) & (np.abs(below) <= EXACT)
    lower, upper = _stepped(np.minimum, below, 4.5e-16), _stepped(np.maximum, above, 4.5e-16)
    return _put(kept, below, lower), _put(kept, above, upper)


def _stepped(choose: Any, end: Ends, step: float) -> Ends:
    """The end moved outward by this share of itself; 0 and ends without bound stay.

    One operation errs by at most 1.2e-16 of its result, and this one by as much again; the step is twice the two. A sum or product of floats is
    only 0 where it is exactly 0.
    """
    return choose(end * (1 - step), end * (1 + step))


def _held(end: Ends) -> bool:
    """Whether every whole number here is one that a floating-point number holds."""
    size = np.abs(end)
    return not np.any((size > EXACT) & np.isfinite(size))


def at_places(number: Range, places: int) -> Range:
    """The same range counted in smaller units."""
    if number.places == places:
        return number
    factor = float(10 ** (places - number.places))

    def scaled(ends: tuple[Ends, Ends]) -> tuple[Ends, Ends]:
        return _of_ends(lambda end, _: end * factor, ends, ends)

    return Range(
        scaled(number.low), scaled(number.high), places, number.exists, number.missing, number.point, number.vague,
        number.gaps, number.unsure,
    )  # fmt: skip


def aligned(*numbers: Range) -> list[Range]:
    """The ranges in the smallest unit of them all."""
    places = max(number.places for number in numbers)
    return [at_places(number, places) for number in numbers]


def _of_ends(operation: Callable[[Any, Any], Any], a: tuple[Ends, Ends], b: tuple[Ends, Ends]) -> tuple[Ends, Ends]:
    """An operation that keeps whole numbers whole and rises with both of its numbers, on two ends."""
    below = operation(a[0], b[0])
    if a[0] is a[1] and b[0] is b[1] and _held(below):
        return below, below
    return _outward((below, operation(a[1], b[1])), (a[0] == a[1]) & (b[0] == b[1]))


def _wild(*ends: tuple[Ends, Ends]) -> Flags:
    """A number too large for the filter, which is not the same as an end without bound."""
    return np.logical_or.reduce([(np.abs(end) > LARGEST) & np.isfinite(end) for pair in ends for end in pair])


def add(a: Range, b: Range) -> Range:
    """The sum."""
    a, b = aligned(a, b)
    result = Range(_of_ends(np.add, a.low, b.low), _of_ends(np.add, a.high, b.high), a.places)
    return _from_two(result, a, b, a.point & b.point)


def negative(a: Range) -> Range:
    """The number with the other sign."""
    low, high = _turned(a.high), _turned(a.low)
    return Range(low, high, a.places, a.exists, a.missing, a.point, a.vague, a.gaps, a.unsure)


def _turned(ends: tuple[Ends, Ends]) -> tuple[Ends, Ends]:
    above = -ends[0]
    return (above, above) if ends[0] is ends[1] else (-ends[1], above)


def multiply(a: Range, b: Range) -> Range:
    """The product; zero times an end without bound is zero, because such an end is never reached."""
    low, high = _around([_product(x, y) for x in _distinct_ends(a) for y in _distinct_ends(b)])
    result = Range(low, high, a.places + b.places)
    done = _from_two(result, a, b, (a.point & b.point) | a.zero | b.zero)
    done.unsure = done.unsure | (_maybe_zero(a) & ~b.point) | (_maybe_zero(b) & ~a.point)
    return done


def _maybe_zero(a: Range) -> Flags:
    return (a.point | a.vague) & ~a.zero & (a.low[0] <= 0) & (a.high[1] >= 0)


def _distinct_ends(a: Range) -> tuple[tuple[Ends, Ends], ...]:
    return (a.low,) if a.low is a.high else (a.low, a.high)


def _around(corners: "list[tuple[Ends, Ends]]") -> tuple[tuple[Ends, Ends], tuple[Ends, Ends]]:
    """The lowest and the highest of the four products or quotients of ends."""
    low = np.minimum.reduce(_bounding(corners, 0, np.inf))
    high = np.maximum.reduce(_bounding(corners, 1, -np.inf))
    if all(below is above for below, above in corners):
        return (low, low), (high, high)
    return (
        (low, np.minimum.reduce(_bounding(corners, 1, np.inf))),
        (np.maximum.reduce(_bounding(corners, 0, -np.inf)), high),
    )


def _bounding(corners: list[tuple[Ends, Ends]], side: int, infinite: float) -> list[Ends]:
    """One side of the corners; as in the reference, a corner without bound counts as 0 towards the other end."""
    return list(np.broadcast_arrays(*(_put(corner[side] == infinite, 0.0, corner[side]) for corner in corners)))


def _product(x: tuple[Ends, Ends], y: tuple[Ends, Ends]) -> tuple[Ends, Ends]:
    if x[0] is x[1] and y[0] is y[1]:
        corner = _times(x[0], y[0])
        return (corner, corner) if _held(corner) else _outward((corner, corner), EVERY_FLAG)
    corners = np.broadcast_arrays(*(_times(one, other) for one in x for other in y))
    return _outward((np.minimum.reduce(corners), np.maximum.reduce(corners)), (x[0] == x[1]) & (y[0] == y[1]))


def _times(x: Ends, y: Ends) -> Ends:
    return _zero_for_nan(x * y)


def _zero_for_nan(result: Ends) -> Ends:
    """Zero times an end without bound, and an end without bound divided by one, are zero in the reference."""
    return _put(np.isnan(result), 0.0, result)


QUOTIENT_PLACES = 4
"""Quotients are counted in these, so that 5 % or 0.25 is a whole number and a line hit exactly is seen to be hit."""
_QUOTIENT_UNIT = float(10**QUOTIENT_PLACES)


def _quotient(x: tuple[Ends, Ends], y: tuple[Ends, Ends]) -> tuple[Ends, Ends]:
    if x[0] is x[1] and y[0] is y[1]:
        scaled = x[0] * _QUOTIENT_UNIT
        quotient = _zero_for_nan(scaled / y[0])
        whole = np.rint(quotient)
        back = whole * y[0]
        hit = (back == scaled) & (np.abs(scaled) < EXACT) & (np.abs(back) < EXACT)
        return _wider(quotient, quotient, hit | (scaled == 0) | np.isinf(y[0]))
    corners = np.broadcast_arrays(*(_zero_for_nan(one * _QUOTIENT_UNIT / other) for one in x for other in y))
    zero = (x[0] == 0) & (x[1] == 0)
    return _wider(np.minimum.reduce(corners), np.maximum.reduce(corners), zero)


def _wider(below: Ends, above: Ends, exact: Flags) -> tuple[Ends, Ends]:
    """Room for the errors of a multiplication and a division, each half a unit in the last place, and of this step."""
    return _put(exact, below, _stepped(np.minimum, below, 5e-16)), _put(
        exact, above, _stepped(np.maximum, above, 5e-16)
    )


def divide(a: Range, b: Range) -> Range:
    """The quotient; undefined where the divisor is 0, perhaps so where it may be."""
    zero = b.zero
    above = b.low[0] > 0
    below = b.high[1] < 0
    from_zero = (b.low[0] == 0) & (b.low[1] == 0) & ~zero
    to_zero = (b.high[0] == 0) & (b.high[1] == 0) & ~zero
    across = (b.low[1] < 0) & (b.high[0] > 0)
    clear = zero | above | below | from_zero | to_zero | across
    one_side = above | below
    corners = []
    for x in (a.low, a.high):
        # One divided by the upper end is the lower end of the reciprocal, which has no bound where the divisor nears 0.
        for y, unbounded, end in ((b.high, to_zero, -np.inf), (b.low, from_zero, np.inf)):
            infinite = _times(x[0], end), _times(x[1], end)
            quotient = _quotient(x, y)
            corners.append(tuple(_put(unbounded, infinite[side], quotient[side]) for side in (0, 1)))
    low, high = _around(corners)
    places = a.places - b.places + QUOTIENT_PLACES
    result = Range(_replaced(low, zero | across, -np.inf), _replaced(high, zero | across, np.inf), places)
    done = _from_two(result, a, b, (a.point & b.point & one_side) | (a.zero & ~zero & ~across))
    done.exists = done.exists & one_side
    done.missing = done.missing | zero
    done.unsure = done.unsure | ~clear | (_maybe_zero(a) & ~b.point & ~zero)
    return at_places(done, 0) if done.places < 0 else done


def _from_two(result: Range, a: Range, b: Range, point: Flags) -> Range:
    result.exists = a.exists & b.exists
    result.missing = a.missing | b.missing
    result.point = point
    result.vague = (a.vague | b.vague) & ~point
    result.unsure = a.unsure | b.unsure | (_wild(result.low, result.high) & ~result.missing)
    return result


def lowest_or_highest(which: str, parts: Sequence[Range]) -> Range:
    """The smallest ("min") or largest ("max") of several numbers, and with it which parts still matter."""
    parts = aligned(*parts)
    choose = np.minimum if which == "min" else np.maximum
    result = parts[0]
    low, high = result.low, result.high
    for part in parts[1:]:
        low, high = _chosen(choose, low, part.low), _chosen(choose, high, part.high)
    every = np.logical_and.reduce
    found = Range(low, high, result.places)
    found.exists = every(np.broadcast_arrays(*(part.exists for part in parts)))
    found.missing = np.logical_or.reduce(np.broadcast_arrays(*(part.missing for part in parts)))
    found.unsure = np.logical_or.reduce(np.broadcast_arrays(*(part.unsure for part in parts)))
    with_points(found, every(np.broadcast_arrays(*(part.point for part in parts))))
    gaps = NO_FLAG
    for part in parts:
        if which == "min":
            beaten, perhaps = part.low[0] > found.high[1], part.low[1] > found.high[0]
        else:
            beaten, perhaps = part.high[1] < found.low[0], part.high[0] < found.low[1]
        gaps = gaps | (part.gaps & ~(beaten & part.exists))
        found.unsure = found.unsure | (part.gaps & part.exists & perhaps & ~beaten)
    return with_gaps(found, gaps)


def _chosen(choose: Callable[[Any, Any], Any], a: tuple[Ends, Ends], b: tuple[Ends, Ends]) -> tuple[Ends, Ends]:
    below = choose(a[0], b[0])
    return (below, below) if a[0] is a[1] and b[0] is b[1] else (below, choose(a[1], b[1]))


def with_points(found: Range, surely: Flags) -> Range:
    """Fill in where the range is one number, given where that is sure in any case."""
    exact = (found.low[0] == found.low[1]) & (found.high[0] == found.high[1])
    found.point = (surely | (exact & (found.low[0] == found.high[0]))) & np.isfinite(found.low[0])
    apart = (found.low[1] < found.high[0]) | ~np.isfinite(found.low[0]) | ~np.isfinite(found.high[0])
    found.vague = ~found.point & ~apart
    return found


def with_gaps(found: Range, gaps: Flags) -> Range:
    """Fill in where a missing answer can still change the range, given where one lies below it."""
    found.gaps = gaps & ~found.settled
    found.unsure = found.unsure | (gaps & found.vague & found.exists)
    return found


def hull(parts: Sequence[tuple[Flags, Range]]) -> Range:
    """The range that holds every part that is reached; undefined where none is."""
    ranges = aligned(*(part for _, part in parts))
    reached = [flags for flags, _ in parts]
    held = [
        flags if part.missing is NO_FLAG else flags & ~part.missing for flags, part in zip(reached, ranges, strict=True)
    ]
    low, high = _lowest(held, [part.low for part in ranges]), _highest(held, [part.high for part in ranges])
    found = Range(low, high, ranges[0].places)
    none: Flags = EVERY_FLAG
    exists: Flags = EVERY_FLAG
    for flags, reach, part in zip(held, reached, ranges, strict=True):
        none = none & ~flags
        if part.exists is not EVERY_FLAG:
            exists = exists & (~reach | part.exists)
        if part.unsure is not NO_FLAG:
            found.unsure = found.unsure | (reach & part.unsure)
    found.missing, found.exists = none, exists & ~none
    found.low = _replaced(found.low, none, -np.inf)
    found.high = _replaced(found.high, none, np.inf)
    if low[0] is low[1] and high[0] is high[1]:
        return with_points(found, NO_FLAG)  # exact ends tell by themselves
    times: Any = 0
    surely: Flags = NO_FLAG
    for flags, part in zip(held, ranges, strict=True):
        times = times + np.asarray(flags, np.int64)
        surely = surely | (flags & part.point)
    return with_points(found, surely & (times == 1))


def _highest(held: Sequence[Flags], ends: Sequence[tuple[Ends, Ends]]) -> tuple[Ends, Ends]:
    return _turned(_lowest(held, [_turned(end) for end in ends]))


def _lowest(held: Sequence[Flags], ends: Sequence[tuple[Ends, Ends]]) -> tuple[Ends, Ends]:
    """The lowest of the ends that are held; without bound upwards where none is."""
    below = _least(held, [end[0] for end in ends])
    if all(end[0] is end[1] for end in ends):
        return below, below
    return below, _least(held, [end[1] for end in ends])


def _least(held: Sequence[Flags], ends: Sequence[Ends]) -> Ends:
    result: Ends = np.inf
    for flags, end in zip(held, ends, strict=True):
        if np.ndim(end) or not np.isfinite(end):
            result = np.minimum(result, np.where(flags, end, np.inf))
        else:
            # As `where`, at a third of its cost: nothing that is held comes near what is added to the others.
            result = np.minimum(result, end + _OUT_OF_SIGHT * ~flags)
    return result


_OUT_OF_SIGHT = 1e300


def _replaced(ends: tuple[Ends, Ends], where: Flags, end: float) -> tuple[Ends, Ends]:
    below = _put(where, end, ends[0])
    return (below, below) if ends[0] is ends[1] else (below, _put(where, end, ends[1]))


def _put(where: Flags, value: Any, otherwise: Ends) -> Ends:
    """`numpy.where`, which is slow, only if there is anything to do."""
    return np.where(where, value, otherwise) if np.any(where) else otherwise


def root_less_one(quotient: Range, degree: int) -> Range:
    """The root of a quotient, less one: a growth. Below zero there is no root."""
    quotient = at_places(quotient, max(quotient.places, 0))
    unit = float(10**quotient.places)
    negative_ = quotient.high[1] < 0
    below = quotient.low[1] < 0
    unclear = (~negative_ & (quotient.high[0] < 0)) | (~below & (quotient.low[0] < 0))

    def root(end: Ends, towards: float) -> Ends:
        value = np.power(np.maximum(end / unit, 0), 1 / degree)
        # Division, power and subtraction each err by a few units in the last place; 1e-14 covers them amply.
        return np.where(np.isinf(value), np.inf, value + towards * 1e-14 * (1 + value) - 1)

    low = (np.where(below, -1.0, root(quotient.low[0], -1)), np.where(below, -1.0, root(quotient.low[1], 1)))
    high = (root(quotient.high[0], -1), root(quotient.high[1], 1))
    found = Range(low, high, 0)
    found.missing = quotient.missing | negative_
    found.exists = quotient.exists & ~below & ~negative_
    found.unsure = quotient.unsure | (unclear & ~quotient.missing)
    return with_points(found, NO_FLAG)
