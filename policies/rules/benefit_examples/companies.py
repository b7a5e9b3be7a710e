"""Made-up companies for whom a figure first reaches a number: just there, and one grain below it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from companies.facts import Fact, Kind, Profile, Value, Vocabulary
from policies.rules.boundaries.candidates import STEPS, number_value
from policies.rules.evaluation import evaluate_number
from policies.rules.expressions import Expression, FactNamed, walk
from policies.rules.months import years_later
from policies.rules.situation import Situation, asked_facts

Values = Mapping[str, Value]
Measure = Callable[[Values], Fraction | None]
"""A figure of a company, None where it is not settled."""

# Whole yuan, because a fen below a million is hard to read and shows nothing more.
_GRAINS = {**STEPS, Kind.MONEY: Fraction(1)}
_FAR = Fraction(10**13)
_FILLERS = tuple(map(Fraction, (0, 1, 100, 1_000_000)))
_LEAP = 1_000


@dataclass(frozen=True, slots=True)
class Reached:
    """The company at which a figure first reaches a number by moving one fact, and the one just below."""

    name: str
    number: Fraction
    at: Values
    below: Values | None
    """None where the smallest value of the fact is enough."""


class Companies:
    """Makes up companies of a vocabulary, on a day."""

    def __init__(self, vocabulary: Vocabulary, day: date) -> None:
        self.vocabulary, self.day = vocabulary, day

    def situation(self, values: Values) -> Situation:
        """A company with these answers and no others."""
        return Situation(self.vocabulary, Profile({}).with_values(**values), self.day)

    def number(self, expression: Expression) -> Measure:
        """The number that an expression gives."""
        return lambda values: evaluate_number(expression, self.situation(values)).exact

    def asked(self, expressions: Iterable[Expression]) -> tuple[str, ...]:
        """The facts that companies are asked behind the expressions, as they are mentioned."""
        named = (node.name for one in expressions for node in walk(one) if isinstance(node, FactNamed))
        behind = (sorted(asked_facts(frozenset({name}), self.vocabulary)) for name in named)
        return tuple(dict.fromkeys(name for names in behind for name in names))

    def filled(self, names: Iterable[str], number: Fraction) -> dict[str, Value]:
        """An answer to each of the facts; numbers as near to this one as their bounds allow."""
        facts = (fact for name in names if (fact := self.vocabulary.get(name)) is not None)
        return {fact.name: value for fact in facts if (value := self._answer(fact, number)) is not None}

    def _answer(self, fact: Fact, number: Fraction) -> Value | None:
        match fact.kind:
            case Kind.YES_NO:
                return True
            case Kind.ONE:
                return fact.choices[0].key if fact.choices else None
            case Kind.MANY | Kind.CERTIFICATES:
                return frozenset()
            case Kind.DAY:
                return years_later(self.day, -5)
        low, high = _ends(fact)
        return number_value(fact, min(max(number, low), high))

    def having(self, expression: Expression, number: Fraction, values: Values) -> Values | None:
        """The company with more of its facts answered, so that the expression comes to this number or just above it."""
        free = [name for name in self.asked([expression]) if name not in values]
        for filler in _FILLERS:
            reached = self.reaching(self.number(expression), number, free, {**values, **self.filled(free, filler)})
            if reached is not None:
                return reached.at
        return None

    def reaching(self, measure: Measure, target: Fraction, names: Iterable[str], held: Values) -> Reached | None:
        """Move one of these facts until the figure reaches the target; None where no value of any of them does it."""
        for name in names:
            fact = self.vocabulary.get(name)
            if fact is not None and fact.kind in _GRAINS:
                reached = self._moved(measure, target, fact, held)
                if reached is not None:
                    return reached
        return None

    def moved(self, reached: Reached, number: Fraction) -> Values | None:
        """The company of `reached` with its fact at this number, rounded down to one that people would write."""
        fact = self.vocabulary.get(reached.name)
        assert fact is not None
        grain = _GRAINS[fact.kind]
        value = number_value(fact, number // grain * grain)
        return None if value is None else {**reached.at, fact.name: value}

    def _moved(self, measure: Measure, target: Fraction, fact: Fact, held: Values) -> Reached | None:
        grain = _GRAINS[fact.kind]
        low, high = _ends(fact)

        def company(at: int) -> Values | None:
            value = number_value(fact, at * grain)
            return None if value is None else {**held, fact.name: value}

        def is_there(at: int) -> bool:
            values = company(at)
            figure = None if values is None else measure(values)
            return figure is not None and figure >= target

        before, there = -(-low // grain), high // grain
        if not is_there(there):
            return None
        if is_there(before):
            there, before = before, before - 1
        guess = self._guess(measure, target, company, before)
        for at in () if guess is None else (guess, guess - 1):
            if before < at < there:
                before, there = (before, at) if is_there(at) else (at, there)
        while there - before > 1:
            middle = (before + there) // 2
            before, there = (before, middle) if is_there(middle) else (middle, there)
        reached, below = company(there), company(before)
        assert reached is not None
        return Reached(fact.name, there * grain, reached, None if below is None or measure(below) is None else below)

    def _guess(
        self, measure: Measure, target: Fraction, company: Callable[[int], Values | None], begin: int
    ) -> int | None:
        """Where it would be if the figure went straight up: it mostly does, and the search is over at once."""
        first, second = company(begin), company(begin + _LEAP)
        one = None if first is None else measure(first)
        other = None if second is None else measure(second)
        if one is None or other is None or other <= one:
            return None
        return begin - (-(target - one) * _LEAP // (other - one))


def _ends(fact: Fact) -> tuple[Fraction, Fraction]:
    """The lowest and highest number to try; a bound that is a day belongs to no number."""
    low, high = (
        None if bound is None or isinstance(bound, date) else Fraction(Decimal(bound))
        for bound in (fact.minimum, fact.maximum)
    )
    return (Fraction(0) if low is None else low), (_FAR if high is None else high)
