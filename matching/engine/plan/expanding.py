"""From a criterion to nodes of the forest: comparisons with a constant and the like become tests that many rules share."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from companies.facts import Fact, Kind, Profile, Vocabulary
from matching.engine.plan.columns import PLACES
from matching.engine.plan.criteria import AnyOfMany, Asked, Chosen, ColumnTest, Held, Ranged, Test, Threshold, YesNoTest
from matching.engine.plan.trees import CERTAIN, IMPOSSIBLE, Forest
from policies.rules import RuleFault
from policies.rules.evaluation import compare_pair, evaluate_expression, pairs, possible_value
from policies.rules.expressions import (
    Among,
    Arithmetic,
    Band,
    Both,
    Compare,
    Day,
    Either,
    Expression,
    FactNamed,
    Growth,
    Has,
    Holds,
    Key,
    Negated,
    Since,
    YesNo,
    expression_facts,
    walk,
)
from policies.rules.intervals import Interval
from policies.rules.months import months_between, years_between
from policies.rules.printing import print_expression
from policies.rules.situation import Situation, derived_expression
from policies.rules.truth import Truth

_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
_NUMERIC = (Kind.WHOLE, Kind.MONEY, Kind.NUMBER, Kind.RATIO)
_FIRST_DAY, _LAST_DAY = date.min.toordinal(), date.max.toordinal()


class _Whole(Exception):
    """The criterion has to be computed as a whole: a part of it can be open although nothing is missing."""


@dataclass(slots=True)
class Expander:
    """Places criteria in a forest and numbers the tests they need."""

    forest: Forest
    vocabulary: Vocabulary
    day: date
    derived: dict[str, Expression] = field(default_factory=dict)
    tests: list[Test] = field(default_factory=list)
    _numbers: dict[Any, int] = field(default_factory=dict)
    _placed: dict[tuple[str, bool], int] = field(default_factory=dict)
    _sound: dict[str, bool] = field(default_factory=dict)
    _texts: dict[int, tuple[Expression, str]] = field(default_factory=dict)
    _nothing: Situation = field(init=False)

    def __post_init__(self) -> None:
        self._nothing = Situation(self.vocabulary, Profile({}), self.day)

    def place(self, when: Expression, positive: bool) -> int:
        """The place of the node that says what the criterion (or its denial) says."""
        key = (self._text(when), positive)
        found = self._placed.get(key)
        if found is None:
            found = self._placed[key] = self._criterion(when, positive)
        return found

    def _text(self, when: Expression) -> str:
        known = self._texts.get(id(when))
        if known is None:
            # The expression is kept beside its text, so that its id stays its own.
            known = self._texts[id(when)] = (when, print_expression(when))
        return known[1]

    def _criterion(self, when: Expression, positive: bool) -> int:
        if not self.computable(when):
            return self._test(Asked.of(when, self.vocabulary), positive)
        try:
            return self._truth(when, positive)
        except _Whole:
            return self._test(Ranged.of(when, self.vocabulary), positive)

    def computable(self, when: Expression) -> bool:
        """Whether every fact below it exists and no fact is derived from itself; remembers derived facts on the way."""
        return all(self._is_sound(name, ()) for name in sorted(expression_facts(when)))

    def _is_sound(self, name: str, above: tuple[str, ...]) -> bool:
        known = self._sound.get(name)
        if known is None:
            known = self._sound[name] = self._look_below(name, above)
        return known

    def _look_below(self, name: str, above: tuple[str, ...]) -> bool:
        fact = self.vocabulary.get(name)
        if fact is None or name in above:
            return False
        if fact.derived is None:
            return True
        try:
            expression = derived_expression(fact, self.vocabulary)
        except RuleFault:
            return False  # the reference evaluator says what is wrong with it
        self.derived[name] = expression
        return all(self._is_sound(below, (*above, name)) for below in sorted(expression_facts(expression)))

    def _test(self, test: Test, positive: bool) -> int:
        key = (type(test), test.key) if isinstance(test, Ranged) else (type(test), test)
        number = self._numbers.setdefault(key, len(self.tests))
        if number == len(self.tests):
            self.tests.append(test)
        return self.forest.place(("test" if positive else "denied", number))

    def _constant(self, truth: bool) -> int:
        return self.forest.place(CERTAIN if truth else IMPOSSIBLE)

    def _truth(self, expression: Expression, positive: bool) -> int:
        match expression:
            case YesNo(value):
                return self._constant(value is positive)
            case Both(of) | Either(of):
                # A part that can be stuck would decide alone in a tree, but not inside a criterion.
                if any(self._may_stick(part) for part in of):
                    raise _Whole
                parts = [self._truth(part, positive) for part in of]
                return self.forest.group(len(of) if isinstance(expression, Both) else 1, parts, positive)
            case Negated(operand):
                return self._truth(operand, not positive)
            case FactNamed(name):
                if name in self.derived:
                    return self._truth(self.derived[name], positive)
                return self._test(YesNoTest(name, Truth.UNKNOWN), positive)
            case Has(key, fact, negated):
                return self._among(expression, fact.name, frozenset({key}), positive is not negated)
            case Among(fact, keys, negated):
                return self._among(expression, fact.name, frozenset(keys), positive is not negated)
            case Holds(kinds, fact):
                held = self.vocabulary.get(fact.name)
                assert held is not None
                return self._test(Held(held, kinds, self.day), positive)
            case Compare():
                compared = pairs(expression)
                if len(compared) > 1 and self._may_stick(expression):
                    raise _Whole
                return self.forest.group(len(compared), [self._pair(*pair, positive) for pair in compared], positive)
        raise _Whole

    def _may_stick(self, expression: Expression) -> bool:
        """Whether it can be open although nothing is missing: a quotient or a root that may not exist, a band that may miss."""
        for node in walk(expression):
            match node:
                case Arithmetic("/", _, _) | Growth() | Band(_, None, _):
                    return True
                case FactNamed(name) if name in self.derived and self._may_stick(self.derived[name]):
                    return True
        return False

    def _among(self, expression: Expression, name: str, keys: frozenset[str], positive: bool) -> int:
        if name in self.derived:
            return self._test(Ranged.of(expression, self.vocabulary), self._as_written(expression, positive))
        fact = self.vocabulary.get(name)
        assert fact is not None
        if fact.kind is Kind.MANY:
            return self._test(AnyOfMany(name, Truth.UNKNOWN, keys), positive)
        unknown = evaluate_expression(Among(FactNamed(name), tuple(sorted(keys))), self._nothing)
        return self._test(Chosen(name, unknown, keys), positive)

    @staticmethod
    def _as_written(expression: Expression, positive: bool) -> bool:
        """The sign of the whole expression again, where the negation inside it had been taken off."""
        return positive is not getattr(expression, "negated", False)

    def _pair(self, left: Expression, operator: str, right: Expression, positive: bool) -> int:
        found = self._simple(self._opened(left), operator, self._opened(right), positive)
        if found is None:
            found = self._simple(self._opened(right), _MIRRORED[operator], self._opened(left), positive)
        if found is None:
            found = self._test(Ranged.of(Compare(left, ((operator, right),)), self.vocabulary), positive)
        return found

    def _opened(self, expression: Expression) -> Expression:
        """The expression behind a derived fact."""
        while isinstance(expression, FactNamed) and expression.name in self.derived:
            expression = self.derived[expression.name]
        return expression

    def _simple(self, left: Expression, operator: str, right: Expression, positive: bool) -> int | None:
        """A fact compared with something that never changes; None for anything else."""
        if any(isinstance(node, FactNamed) for node in walk(right)):
            return None
        match left:
            case FactNamed(name):
                return self._fact_against(self._fact(name), left, operator, right, positive)
            case Since(unit, day):
                opened = self._opened(day)
                value = possible_value(right, self._nothing)
                if isinstance(opened, FactNamed) and isinstance(value, Interval) and value.exact is not None:
                    return self._since(unit, opened.name, left, operator, right, value.exact, positive)
        return None

    def _fact(self, name: str) -> Fact:
        fact = self.vocabulary.get(name)
        assert fact is not None, name
        return fact

    def _fact_against(
        self, fact: Fact, left: Expression, operator: str, right: Expression, positive: bool
    ) -> int | None:
        wanted = positive is (operator != "!=")
        match fact.kind:
            case Kind.YES_NO if isinstance(right, YesNo):
                return self._test(YesNoTest(fact.name, Truth.UNKNOWN), wanted is right.value)
            case Kind.ONE if isinstance(right, Key):
                unknown = compare_pair(left, "==", right, self._nothing)
                return self._test(Chosen(fact.name, unknown, frozenset({right.key})), wanted)
            case Kind.DAY if isinstance(right, Day):
                return self._line(fact, left, operator, right, Fraction(right.day.toordinal()), positive)
        if fact.kind not in _NUMERIC:
            return None
        value = possible_value(right, self._nothing)
        if not isinstance(value, Interval) or value.exact is None:
            return None
        return self._line(fact, left, operator, right, value.exact, positive)

    def _line(
        self, fact: Fact, left: Expression, operator: str, right: Expression, value: Fraction, positive: bool
    ) -> int:
        """A comparison as "at least" or "equal to" a whole number of the column's units, or the denial of one."""
        denial = {"<": ">=", "<=": ">", "!=": "=="}
        if operator in denial:
            operator, positive = denial[operator], not positive
        scaled = value * 10 ** PLACES[fact.kind]
        unknown = compare_pair(left, operator, right, self._nothing)
        if operator == "==":
            if scaled.denominator != 1:
                # No stored number is equal to it, but one beside the column may be.
                return self._test(Ranged.of(Compare(left, ((operator, right),)), self.vocabulary), positive)
            test = Threshold(fact.name, unknown, int(scaled), True, value, False)
        else:
            whole = -(-scaled.numerator // scaled.denominator)
            line = whole + 1 if operator == ">" and scaled == whole else whole
            test = Threshold(fact.name, unknown, line, False, value, operator == ">")
        return self._test(test, positive)

    def _since(
        self, unit: str, name: str, left: Expression, operator: str, right: Expression, value: Fraction, positive: bool
    ) -> int | None:
        """Completed years or months against a number, as a line among the days: the later the day, the fewer."""
        count = years_between if unit == "years" else months_between
        if operator in ("==", "!="):
            parts = [
                self._since(unit, name, left, one, right, value, positive is (operator == "==")) for one in (">=", "<=")
            ]
            assert parts[0] is not None
            assert parts[1] is not None
            return self.forest.group(2, [parts[0], parts[1]], positive is (operator == "=="))
        holds = {
            ">=": lambda day: count(day, self.day) >= value,
            ">": lambda day: count(day, self.day) > value,
            "<": lambda day: count(day, self.day) >= value,
            "<=": lambda day: count(day, self.day) > value,
        }[operator]
        # The first day on which it holds no longer.
        low, high = _FIRST_DAY, _LAST_DAY + 1
        while low < high:
            middle = (low + high) // 2
            if holds(date.fromordinal(middle)):
                low = middle + 1
            else:
                high = middle
        unknown = compare_pair(left, ">=" if operator in (">=", "<") else ">", right, self._nothing)
        # At least that day means that it does not hold.
        test = Threshold(name, ~unknown, low, False, Fraction(low), False)
        return self._test(test, positive is (operator in ("<", "<=")))


def tests_by_column(tests: "tuple[Test, ...]") -> dict[str, tuple[int, ...]]:
    """The numbers of the tests that read no more than the column of one fact, by fact."""
    by_fact: dict[str, list[int]] = {}
    for number, test in enumerate(tests):
        if isinstance(test, ColumnTest):
            by_fact.setdefault(test.fact, []).append(number)
    return {name: tuple(numbers) for name, numbers in by_fact.items()}
