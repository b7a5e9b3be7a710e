"""Evaluating any expression for a block of companies: the columnar twin of `policies.rules.evaluation` and `.missing`."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np

from companies.facts import Kind, Vocabulary
from matching.engine.plan.asked import AskedFacts
from matching.engine.plan.bits import Array
from matching.engine.plan.columns import (
    Columns,
)
from matching.engine.plan.months import months_between, years_between
from matching.engine.plan.ranges import (
    EVERY_FLAG,
    NO_FLAG,
    Flags,
    Range,
    add,
    aligned,
    constant,
    divide,
    hull,
    lowest_or_highest,
    multiply,
    negative,
    root_less_one,
    with_gaps,
)
from matching.engine.plan.truths import Choices, Truths, any_flag, compared, denied, every, same_choice
from policies.rules.evaluation import pairs
from policies.rules.expressions import (
    Among,
    Arithmetic,
    Band,
    Both,
    Compare,
    Day,
    Either,
    Expression,
    Extreme,
    FactNamed,
    Growth,
    Has,
    Holds,
    Key,
    Negated,
    Negative,
    Number,
    Otherwise,
    Since,
    YesNo,
)

Sorts = Mapping[str, Expression]


class Rows(AskedFacts):
    """Expressions over some neighbouring companies; what is evaluated once is remembered."""

    def __init__(
        self,
        columns: Columns,
        vocabulary: Vocabulary,
        derived: Mapping[str, Expression],
        day: date,
        *,
        open_ended: bool = False,
    ) -> None:
        """`derived` has the expressions of derived facts; `open_ended` is that of a `Situation`."""
        super().__init__(columns, vocabulary, day, open_ended=open_ended)
        self.derived = derived
        self._numbers: dict[Expression, Range] = {}
        self._truths: dict[Expression, Truths] = {}
        self._choices: dict[Expression, Choices] = {}

    # Truths

    def truth(self, expression: Expression) -> Truths:
        """Whether a condition holds."""
        found = self._truths.get(expression)
        if found is None:
            found = self._truths[expression] = self._truth(expression)
        return found

    def _truth(self, expression: Expression) -> Truths:
        match expression:
            case YesNo(value):
                return Truths(np.bool_(value), np.bool_(value))
            case FactNamed(name):
                if name in self.derived:
                    return self.truth(self.derived[name])
                return self.yes_no(name)
            case Both(of):
                return every([self.truth(part) for part in of])
            case Either(of):
                return denied(every([denied(self.truth(part)) for part in of]))
            case Negated(operand):
                return denied(self.truth(operand))
            case Compare():
                return every([self._pair(*pair) for pair in pairs(expression)])
            case Has(key, fact, is_negated):
                return self._among(fact, (key,), is_negated)
            case Among(fact, keys, is_negated):
                return self._among(fact, keys, is_negated)
            case Holds(kinds, fact):
                return self.holds(kinds, fact.name)
            case Otherwise():
                return self._truth_otherwise(expression)
        raise TypeError(f"not a condition: {expression!r}")

    def _among(self, fact: FactNamed, keys: tuple[str, ...], is_negated: bool) -> Truths:
        if self.fact(fact.name).kind is Kind.MANY:
            found = self.any_of_many(fact.name, keys)
        else:
            chosen = self.choices(fact)
            inside = any_flag([flags for key, flags in chosen.possible.items() if key in keys])
            outside = any_flag([flags for key, flags in chosen.possible.items() if key not in keys])
            found = Truths(~outside, inside | ~outside, NO_FLAG, chosen.unsure)
            found.gaps = found.open & chosen.gaps
        return denied(found) if is_negated else found

    def _truth_otherwise(self, expression: Otherwise) -> Truths:
        sure: Flags = EVERY_FLAG
        possible: Flags = NO_FLAG

        def read(value: Expression) -> tuple[Flags, Flags]:
            truth = self.truth(value)
            return truth.gaps, truth.unsure

        reached, gaps, unsure = self._cases(expression, read)
        for flags, value in reached:
            truth = self.truth(value)
            sure = sure & (~flags | truth.sure)
            possible = possible | (flags & truth.possible)
        return Truths(sure, possible, gaps & possible & ~sure, unsure)

    def _cases(
        self, expression: Otherwise, read: Callable[[Expression], tuple[Flags, Flags]]
    ) -> tuple[list[tuple[Flags, Expression]], Flags, Flags]:
        """The values with where they are reached; where an answer is missing below; where it is not to be trusted."""
        alive: Flags = EVERY_FLAG
        gaps: Flags = NO_FLAG
        unsure: Flags = NO_FLAG
        reached = []
        for condition, value in expression.cases:
            truth = self.truth(condition)
            here = alive & truth.possible
            below, doubtful = read(value)
            gaps = gaps | (here & (truth.gaps | below))
            unsure = unsure | (alive & truth.unsure) | (here & doubtful)
            reached.append((here, value))
            alive = alive & ~truth.sure
        below, doubtful = read(expression.last)
        reached.append((alive, expression.last))
        return reached, gaps | (alive & below), unsure | (alive & doubtful)

    def _pair(self, left: Expression, operator: str, right: Expression) -> Truths:
        sort = self.sort(left)
        if sort == "truth":
            a, b = self.truth(left), self.truth(right)
            same = denied(every([denied(every([a, b])), denied(every([denied(a), denied(b)]))]))
            same.gaps = same.open & (a.gaps | b.gaps)
        elif sort == "key":
            same = same_choice(self.choices(left), self.choices(right))
        else:
            a_range, b_range = (
                (self.number(left), self.number(right))
                if sort == "number"
                else (_as_range(self.days(left)), _as_range(self.days(right)))
            )
            return compared(a_range, operator, b_range)
        return same if operator == "==" else denied(same)

    def sort(self, expression: Expression) -> str:
        """What the expression gives: truth, number, day or key."""
        match expression:
            case FactNamed(name):
                return _SORTS.get(self.fact(name).kind, "number")
            case Key():
                return "key"
            case Day():
                return "day"
            case Otherwise(_, last):
                return self.sort(last)
            case Band(_, _, steps):
                return self.sort(steps[0][1])
            case YesNo() | Both() | Either() | Negated() | Compare() | Has() | Among() | Holds():
                return "truth"
        return "number"

    # Choices

    def choices(self, expression: Expression) -> Choices:
        """What a choice can be."""
        found = self._choices.get(expression)
        if found is None:
            found = self._choices[expression] = self._choice(expression)
        return found

    def _choice(self, expression: Expression) -> Choices:
        match expression:
            case Key(key):
                return Choices({key: EVERY_FLAG})
            case FactNamed(name):
                if name in self.derived:
                    return self.choices(self.derived[name])
                return self.one_of(name)
            case Otherwise():

                def read(value: Expression) -> tuple[Flags, Flags]:
                    return self.choices(value).gaps, self.choices(value).unsure

                reached, gaps, unsure = self._cases(expression, read)
                return self._any_choice(reached, gaps, unsure)
            case Band():
                of = self.number(expression.of)
                reached, unsure = self._reachable(expression, of)
                every = ~of.exists
                reached = [(flags | every, value) for flags, value in reached]
                below = [self.choices(value).gaps & flags for flags, value in reached]
                return self._any_choice(reached, of.gaps | any_flag(below), unsure)
        raise TypeError(f"not a choice: {expression!r}")

    def _any_choice(self, reached: list[tuple[Flags, Expression]], gaps: Flags, unsure: Flags) -> Choices:
        possible: dict[str, Flags] = {}
        for flags, value in reached:
            for key, can_be in self.choices(value).possible.items():
                possible[key] = possible.get(key, NO_FLAG) | (flags & can_be)
        found = Choices(possible, NO_FLAG, unsure)
        found.gaps = gaps & (found.count() != 1)
        return found

    # Days

    def days(self, expression: Expression) -> tuple[Array, Array, Flags, Flags]:
        """The first and the last day it can be, as ordinals; where an answer is missing; where not to be trusted."""
        match expression:
            case Day(day):
                at = np.int64(day.toordinal())
                return at, at, NO_FLAG, NO_FLAG  # type: ignore[return-value]
            case FactNamed(name):
                if name in self.derived:
                    low, high, gaps, unsure = self.days(self.derived[name])
                    return low, high, gaps & (low != high), unsure
                return self.asked_days(name)
            case Otherwise():

                def read(value: Expression) -> tuple[Flags, Flags]:
                    _, _, gaps, unsure = self.days(value)
                    return gaps, unsure

                reached, gaps, unsure = self._cases(expression, read)
                earliest: Any = np.int64(2**40)
                latest: Any = np.int64(-(2**40))
                for flags, value in reached:
                    begin, end, _, _ = self.days(value)
                    earliest = np.where(flags, np.minimum(earliest, begin), earliest)
                    latest = np.where(flags, np.maximum(latest, end), latest)
                return earliest, latest, gaps & (earliest != latest), unsure
        raise TypeError(f"not a day: {expression!r}")

    # Numbers

    def number(self, expression: Expression) -> Range:
        """Everything that a number can be."""
        found = self._numbers.get(expression)
        if found is None:
            found = self._numbers[expression] = self._number(expression)
        return found

    def _number(self, expression: Expression) -> Range:
        match expression:
            case Number(value):
                return constant(value)
            case FactNamed(name):
                if name in self.derived:
                    return self._again(self.number(self.derived[name]))
                return self.asked_number(name)
            case Arithmetic(operator, left, right):
                a, b = self.number(left), self.number(right)
                return with_gaps(_ARITHMETIC[operator](a, b), a.gaps | b.gaps)
            case Negative(operand):
                return negative(self.number(operand))
            case Extreme(which, of):
                return lowest_or_highest(which, [self.number(part) for part in of])
            case Since(unit, day):
                return self._since(unit, day)
            case Growth(now, before, years):
                a, b = self.number(now), self.number(before)
                return with_gaps(root_less_one(divide(a, b), years), a.gaps | b.gaps)
            case Otherwise():

                def read(value: Expression) -> tuple[Flags, Flags]:
                    return self.number(value).gaps, self.number(value).unsure

                reached, gaps, unsure = self._cases(expression, read)
                found = hull([(flags, self.number(value)) for flags, value in reached])
                found.unsure = found.unsure | unsure
                return with_gaps(found, gaps)
            case Band():
                return self._band(expression)
        raise TypeError(f"not a number: {expression!r}")

    def _again(self, found: Range) -> Range:
        """A derived fact misses nothing once it is settled, even where the fact behind it has not been answered."""
        if found.gaps is NO_FLAG:
            return found
        return Range(
            found.low, found.high, found.places, found.exists, found.missing, found.point, found.vague,
            found.gaps & ~found.settled, found.unsure,
        )  # fmt: skip

    def _since(self, unit: str, day: Expression) -> Range:
        low, high, gaps, unsure = self.days(day)
        count = years_between if unit == "years" else months_between
        fewest, most = count(high, self.day).astype(np.float64), count(low, self.day).astype(np.float64)
        found = Range((fewest, fewest), (most, most), 0, point=fewest == most, unsure=unsure)
        return with_gaps(found, gaps)

    def _reachable(self, band: Band, of: Range) -> tuple[list[tuple[Flags, Expression]], Flags]:
        """The values that a band can still take, with where; and where that cannot be told."""
        starts = [constant(start.value) for start, _ in band.steps]
        lines = [(of_, start) for of_, start in (aligned(of, start) for start in starts)]
        # For each line: the range reaches below it; the range lies below it; the range lies on or above it.
        reaches = [(of_.low[1] < start.low[0]) for of_, start in lines]
        below = [(of_.high[1] < start.low[0]) for of_, start in lines]
        above = [(of_.low[0] >= start.high[1]) for of_, start in lines]
        unsure: Flags = NO_FLAG
        for (of_, start), here, under, over in zip(lines, reaches, below, above, strict=True):
            if all(pair[0] is pair[1] for pair in (of_.low, of_.high, start.low)):
                continue  # exact ends lie on one side of a line
            unsure = unsure | (~here & ~over) | (~under & (of_.high[0] < start.high[1]))
        found: list[tuple[Flags, Expression]] = []
        if band.below is not None:
            found.append((reaches[0], band.below))
        for at, (_, value) in enumerate(band.steps):
            beyond = above[at + 1] if at + 1 < len(above) else NO_FLAG
            found.append((~below[at] & ~beyond, value))
        return found, of.unsure | (unsure & ~of.missing)

    def _band(self, band: Band) -> Range:
        of = self.number(band.of)
        reached, unsure = self._reachable(band, of)
        here = ~of.missing
        found = hull([(flags & here, self.number(value)) for flags, value in reached])
        may_miss = NO_FLAG
        if band.below is None:
            of_, first = aligned(of, constant(band.steps[0][0].value))
            may_miss = of_.low[1] < first.low[0]
        found.exists = found.exists & of.exists & ~may_miss
        found.unsure = found.unsure | unsure
        gaps = of.gaps
        for flags, value in reached:
            gaps = gaps | (flags & self.number(value).gaps)
        return with_gaps(found, gaps)


_ARITHMETIC: dict[str, Callable[[Range, Range], Range]] = {
    "+": add,
    "-": lambda a, b: add(a, negative(b)),
    "*": multiply,
    "/": divide,
}
_SORTS = {Kind.YES_NO: "truth", Kind.ONE: "key", Kind.DAY: "day"}


def _as_range(days: tuple[Array, Array, Flags, Flags]) -> Range:
    first, last, gaps, unsure = days
    low, high = np.asarray(first, np.float64), np.asarray(last, np.float64)
    return Range((low, low), (high, high), 0, point=low == high, gaps=gaps, unsure=unsure)
