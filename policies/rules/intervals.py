"""Exact ranges of numbers: what a numeric expression can be while some facts are unknown."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from policies.rules.truth import Truth


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from `low` to `high`, both included; None is an end without bound.

    `defined` is UNKNOWN while the number may turn out not to exist (a divisor that may be zero) and NO when it
    does not exist. Every operation returns a range that holds every possible result, as narrow as its two ranges allow.
    """

    low: Fraction | None
    high: Fraction | None
    defined: Truth = Truth.YES

    @classmethod
    def point(cls, value: int | Fraction) -> "Interval":
        """The range of exactly one number."""
        exact = Fraction(value)
        return cls(exact, exact)

    @property
    def exact(self) -> Fraction | None:
        """The one number it is, if that is settled."""
        if self.defined is Truth.YES and self.low is not None and self.low == self.high:
            return self.low
        return None

    @property
    def settled(self) -> bool:
        """Whether no further answer can change it: one number, or surely none."""
        return self.defined is Truth.NO or self.exact is not None

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(_plus(self.low, other.low), _plus(self.high, other.high), self.defined & other.defined)

    def __neg__(self) -> "Interval":
        return Interval(_minus(self.high), _minus(self.low), self.defined)

    def __sub__(self, other: "Interval") -> "Interval":
        return self + -other

    def __mul__(self, other: "Interval") -> "Interval":
        corners = [_Corner.of(a, b) for a in _ends(self) for b in _ends(other)]
        return Interval(
            None if any(c.infinite < 0 for c in corners) else min(c.value for c in corners),
            None if any(c.infinite > 0 for c in corners) else max(c.value for c in corners),
            self.defined & other.defined,
        )

    def __truediv__(self, other: "Interval") -> "Interval":
        defined = self.defined & other.defined
        if other.low == 0 == other.high:
            return Interval(None, None, Truth.NO)
        if (other.low is not None and other.low > 0) or (other.high is not None and other.high < 0):
            return self * Interval(_inverse(other.high), _inverse(other.low), defined)
        defined = defined & Truth.UNKNOWN
        if other.low == 0:
            return self * Interval(_inverse(other.high), None, defined)
        if other.high == 0:
            return self * Interval(None, _inverse(other.low), defined)
        return Interval(None, None, defined)

    def hull(self, other: "Interval") -> "Interval":
        """The range that holds both; where only one of the two exists for sure, it may not exist."""
        if self.defined is Truth.NO and other.defined is Truth.NO:
            return UNDEFINED
        if self.defined is Truth.NO:
            return Interval(other.low, other.high, Truth.UNKNOWN)
        if other.defined is Truth.NO:
            return Interval(self.low, self.high, Truth.UNKNOWN)
        low = None if self.low is None or other.low is None else min(self.low, other.low)
        high = None if self.high is None or other.high is None else max(self.high, other.high)
        return Interval(low, high, self.defined & other.defined)

    def at_least(self, floor: Fraction) -> "Interval":
        """The range after raising everything below `floor` to it."""
        return lowest_or_highest("max", [self, Interval.point(floor)])

    def at_most(self, cap: Fraction) -> "Interval":
        """The range after lowering everything above `cap` to it."""
        return lowest_or_highest("min", [self, Interval.point(cap)])


UNDEFINED = Interval(None, None, Truth.NO)
ANY_NUMBER = Interval(None, None)


@dataclass(frozen=True, slots=True)
class _Corner:
    """The product of two ends; an end without bound is never reached, so zero times it is zero."""

    value: Fraction
    infinite: int = 0

    @classmethod
    def of(cls, a: tuple[Fraction, int], b: tuple[Fraction, int]) -> "_Corner":
        (x, x_side), (y, y_side) = a, b
        if not x_side and not y_side:
            return cls(x * y)
        sign = (x_side or _sign(x)) * (y_side or _sign(y))
        return cls(Fraction(0), sign)


def _ends(interval: Interval) -> tuple[tuple[Fraction, int], tuple[Fraction, int]]:
    low = (Fraction(0), -1) if interval.low is None else (interval.low, 0)
    high = (Fraction(0), 1) if interval.high is None else (interval.high, 0)
    return low, high


def _sign(x: Fraction) -> int:
    return (x > 0) - (x < 0)


def _plus(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    return None if a is None or b is None else a + b


def _minus(a: Fraction | None) -> Fraction | None:
    return None if a is None else -a


def _inverse(a: Fraction | None) -> Fraction:
    """One divided by an end; an end without bound comes arbitrarily near to zero."""
    return Fraction(0) if a is None else 1 / a


def lowest_or_highest(which: str, intervals: Iterable[Interval]) -> Interval:
    """The range of the smallest ("min") or largest ("max") of several numbers."""
    all_of = list(intervals)
    defined = Truth.every(interval.defined for interval in all_of)
    if defined is Truth.NO:
        return UNDEFINED
    lows = [interval.low for interval in all_of]
    highs = [interval.high for interval in all_of]
    if which == "min":
        known_highs = [high for high in highs if high is not None]
        low = None if None in lows else min(low for low in lows if low is not None)
        return Interval(low, min(known_highs, default=None), defined)
    known_lows = [low for low in lows if low is not None]
    high = None if None in highs else max(high for high in highs if high is not None)
    return Interval(max(known_lows, default=None), high, defined)


def less(a: Interval, b: Interval) -> Truth:
    """Whether a < b, settled when it is for every pair of numbers."""
    if Truth.NO in (a.defined, b.defined):
        return Truth.UNKNOWN
    if a.high is not None and b.low is not None and a.high < b.low:
        return _if_defined(a, b, Truth.YES)
    if a.low is not None and b.high is not None and a.low >= b.high:
        return _if_defined(a, b, Truth.NO)
    return Truth.UNKNOWN


def equal(a: Interval, b: Interval) -> Truth:
    """Whether a == b: yes for the same one number, no for ranges that do not touch."""
    if a.exact is not None and a.exact == b.exact:
        return Truth.YES
    return Truth.NO if less(a, b) is Truth.YES or less(b, a) is Truth.YES else Truth.UNKNOWN


def _if_defined(a: Interval, b: Interval, truth: Truth) -> Truth:
    return truth if a.defined & b.defined is Truth.YES else Truth.UNKNOWN


_ROOT_PLACES = 10**24


def nth_root(interval: Interval, degree: int) -> Interval:
    """The root of numbers from zero up: exact where it is rational, else a range of 24 places around it.

    Below zero there is no root, so a range that reaches there may be undefined.
    """
    if interval.high is not None and interval.high < 0:
        return UNDEFINED
    below = interval.low is None or interval.low < 0
    low = Fraction(0) if below else _root(interval.low or Fraction(0), degree)[0]
    high = None if interval.high is None else _root(interval.high, degree)[1]
    return Interval(low, high, interval.defined & (Truth.UNKNOWN if below else Truth.YES))


def _root(value: Fraction, degree: int) -> tuple[Fraction, Fraction]:
    over, under = _whole_root(value.numerator, degree), _whole_root(value.denominator, degree)
    if over**degree == value.numerator and under**degree == value.denominator:
        return Fraction(over, under), Fraction(over, under)
    scaled = _whole_root(value.numerator * _ROOT_PLACES**degree // value.denominator, degree)
    return Fraction(scaled, _ROOT_PLACES), Fraction(scaled + 1, _ROOT_PLACES)


def _whole_root(value: int, degree: int) -> int:
    """The largest whole number whose power is at most `value` (Newton's method on whole numbers)."""
    if value < 2:
        return value
    guess = 1 << -(-value.bit_length() // degree)
    while True:
        better = ((degree - 1) * guess + value // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess
        guess = better
