"""What a company may answer: for each fact a few answers that stand for all, found from the rules themselves.

Answers that no rule tells apart are one answer with the weight of all of them. Choices fall into groups by the lists of
keys in which they occur, numbers into the stretches between the thresholds that occur, days into ages. What rules only
ever deny ("not on a list of defaulters") is taken to be rare. The weights guess which question is worth asking first;
no verdict rests on them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from companies.facts import Certificate, Fact, Kind, Value, Vocabulary
from policies.rules.expressions import (
    Among,
    Band,
    Compare,
    Expression,
    FactNamed,
    Has,
    Holds,
    Key,
    Negated,
    Number,
    expression_facts,
    walk,
)
from policies.rules.faults import RuleFault
from policies.rules.months import years_later
from policies.rules.situation import asked_facts

MOST_ANSWERS = 24
MOST_NUMBERS = 9
# So many companies are free of an exclusion for each that is not.
_RARE = 9
_AGES_IN_YEARS = (0, 1, 2, 4, 8, 16)
_STEP = {Kind.WHOLE: Fraction(1), Kind.MONEY: Fraction(1, 100)}
_SMALL_STEP = Fraction(1, 10**6)
_MAGNITUDES = {
    Kind.WHOLE: [Fraction(number) for number in (0, 1, 3, 10, 30, 100, 300, 1000)],
    Kind.MONEY: [Fraction(0), *(Fraction(3 * 10**zeros) for zeros in range(5, 10))],
}
_ANY = [Fraction(0), Fraction(1)]

Answers = tuple[tuple[int, Value], ...]
"""Pairs of weight and value."""


class Mentions:
    """Where rules speak of facts: the lists of keys, the lines that numbers are compared with, and what they deny."""

    def __init__(self, expressions: Iterable[Expression], facts_of: Mapping[Expression, frozenset[str]]) -> None:
        """`facts_of` gives the asked facts of an expression, through derived facts."""
        self.keys: dict[str, dict[frozenset[str], None]] = {}
        self.lines: dict[str, set[Fraction]] = {}
        self._named: Counter[str] = Counter()
        self._denied: Counter[str] = Counter()
        for expression in expressions:
            for node in walk(expression):
                self._note(node, facts_of)

    def is_exclusion(self, name: str) -> bool:
        """Whether rules only ever ask that the company is not so."""
        return 0 < self._denied[name] == self._named[name]

    def _note(self, node: Expression, facts_of: Mapping[Expression, frozenset[str]]) -> None:
        match node:
            case FactNamed(name):
                self._named[name] += 1
            case Negated(FactNamed(name)):
                self._denied[name] += 1
            case Has(key, fact, negated):
                self._denied[fact.name] += negated
                self._note_keys(fact.name, frozenset({key}))
            case Among(fact, keys, negated):
                self._denied[fact.name] += negated
                self._note_keys(fact.name, frozenset(keys))
            case Holds(kinds, fact):
                self._note_keys(fact.name, frozenset(kinds))
            case Compare():
                sides = node.parts()
                named = [side.name for side in sides if isinstance(side, FactNamed)]
                for side in sides:
                    if isinstance(side, Key):
                        for name in named:
                            self._note_keys(name, frozenset({side.key}))
                self._note_lines(sides, [side.value for side in sides if isinstance(side, Number)], facts_of)
            case Band(of, _, steps):
                self._note_lines((of,), [start.value for start, _ in steps], facts_of)

    def _note_keys(self, name: str, keys: frozenset[str]) -> None:
        self.keys.setdefault(name, {}).setdefault(keys)

    def _note_lines(
        self, sides: Iterable[Expression], lines: list[Fraction], facts_of: Mapping[Expression, frozenset[str]]
    ) -> None:
        for side in sides:
            for name in facts_of[side]:
                self.lines.setdefault(name, set()).update(lines)


def possible_answers(fact: Fact, mentions: Mentions, day: date) -> Answers:
    """A few answers that stand for all that the fact can be answered with."""
    match fact.kind:
        case Kind.YES_NO:
            return ((1, True), (_RARE if mentions.is_exclusion(fact.name) else 1, False))
        case Kind.ONE:
            groups = _grouped([choice.key for choice in fact.choices], mentions.keys.get(fact.name, {}))
            return tuple((len(keys), keys[0]) for keys in groups.values())[:MOST_ANSWERS]
        case Kind.MANY:
            return _many(fact, mentions, lambda key: frozenset({key}))
        case Kind.CERTIFICATES:
            ends = years_later(day, 1)
            return _many(fact, mentions, lambda key: frozenset({Certificate(key, None, ends)}))
        case Kind.DAY:
            return tuple((1, years_later(day, -years)) for years in _AGES_IN_YEARS)
    return _numbers(fact, mentions.lines.get(fact.name, set()))


def _grouped(keys: list[str], lists: Iterable[frozenset[str]]) -> dict[tuple[bool, ...], list[str]]:
    """The keys, those together that occur in the same lists."""
    listed = list(lists)
    groups: dict[tuple[bool, ...], list[str]] = {}
    for key in keys:
        groups.setdefault(tuple(key in one for one in listed), []).append(key)
    return groups


def _many(fact: Fact, mentions: Mentions, alone: Callable[[str], Value]) -> Answers:
    """Nothing that a rule asks for, or one of it."""
    groups = _grouped([choice.key for choice in fact.choices], mentions.keys.get(fact.name, {}))
    asked_for = [(len(keys), alone(keys[0])) for signature, keys in groups.items() if any(signature)]
    nothing = 1 + sum(len(keys) for signature, keys in groups.items() if not any(signature))
    if mentions.is_exclusion(fact.name):
        nothing = _RARE * sum(weight for weight, _ in asked_for)
    return ((nothing, frozenset()), *asked_for)[:MOST_ANSWERS]


def _numbers(fact: Fact, lines: set[Fraction]) -> Answers:
    """One number in each stretch between the lines that rules draw; without any, one in each order of magnitude.

    A ratio draws no line of its own for the money in it: where its line lies depends on the other side.
    """
    step = _STEP.get(fact.kind, _SMALL_STEP)
    drawn = sorted(line for line in lines if fact.kind is Kind.RATIO or line == 0 or line >= 1)
    spread = [drawn[0] - step, *(line + step for line in drawn)] if drawn else _MAGNITUDES.get(fact.kind, _ANY)
    values = list(dict.fromkeys(_bounded(fact, at) for at in spread))
    every = -(-len(values) // MOST_NUMBERS)
    return tuple((1, _typed(fact, value)) for value in values[::every])


def _bounded(fact: Fact, value: Fraction) -> Fraction:
    if isinstance(fact.minimum, Decimal):
        value = max(value, Fraction(fact.minimum))
    if isinstance(fact.maximum, Decimal):
        value = min(value, Fraction(fact.maximum))
    return value


def _typed(fact: Fact, value: Fraction) -> Value:
    if fact.kind is Kind.WHOLE:
        return int(value)
    return Decimal(value.numerator) / Decimal(value.denominator)


class AskedFacts(dict[Expression, frozenset[str]]):
    """The asked facts that an expression comes down to, found when first looked up."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def __missing__(self, expression: Expression) -> frozenset[str]:
        try:
            found = asked_facts(expression_facts(expression), self.vocabulary)
        except RuleFault:
            found = frozenset()  # it cannot be evaluated either, and then nothing is asked for it
        self[expression] = found
        return found
