"""The nodes of an expression: frozen, hashable, valid from birth (only the parser makes them from text)."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

Scale = Literal["", "%", "万", "亿"]
SCALES: dict[str, Fraction] = {"": Fraction(1), "%": Fraction(1, 100), "万": Fraction(10**4), "亿": Fraction(10**8)}


@dataclass(frozen=True, slots=True)
class Expression:
    """Any node; its children in the order in which they are written."""

    def parts(self) -> tuple["Expression", ...]:
        """The nodes directly below this one."""
        return ()


@dataclass(frozen=True, slots=True)
class Number(Expression):
    """A number as written: its exact value and the sign it was written with (5%, 2000万)."""

    value: Fraction
    scale: Scale = ""


@dataclass(frozen=True, slots=True)
class Key(Expression):
    """The key of a choice, in quotes."""

    key: str


@dataclass(frozen=True, slots=True)
class YesNo(Expression):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Day(Expression):
    """`day("2026-04-01")`."""

    day: date


@dataclass(frozen=True, slots=True)
class FactNamed(Expression):
    """A fact of the vocabulary, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Arithmetic(Expression):
    """`left + right`, and with - * /."""

    operator: Literal["+", "-", "*", "/"]
    left: Expression
    right: Expression

    def parts(self) -> tuple[Expression, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Negative(Expression):
    """`-operand`."""

    operand: Expression

    def parts(self) -> tuple[Expression, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Extreme(Expression):
    """`min(...)` or `max(...)`."""

    which: Literal["min", "max"]
    of: tuple[Expression, ...]

    def parts(self) -> tuple[Expression, ...]:
        return self.of


@dataclass(frozen=True, slots=True)
class Compare(Expression):
    """`first op second op third`: every neighbouring pair must hold."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]

    def parts(self) -> tuple[Expression, ...]:
        return (self.first, *(right for _, right in self.rest))


@dataclass(frozen=True, slots=True)
class Has(Expression):
    """`"key" in fact` of a many-of fact."""

    key: str
    fact: FactNamed
    negated: bool = False

    def parts(self) -> tuple[Expression, ...]:
        return (self.fact,)


@dataclass(frozen=True, slots=True)
class Among(Expression):
    """`fact in ["a", "b"]`: the one choice is among them, or at least one of many is."""

    fact: FactNamed
    keys: tuple[str, ...]
    negated: bool = False

    def parts(self) -> tuple[Expression, ...]:
        return (self.fact,)


@dataclass(frozen=True, slots=True)
class Holds(Expression):
    """`holds("a", "b")`: any of these certificates is held and valid on the day."""

    kinds: tuple[str, ...]
    fact: FactNamed

    def parts(self) -> tuple[Expression, ...]:
        return (self.fact,)


@dataclass(frozen=True, slots=True)
class Since(Expression):
    """`years_since(day)` or `months_since(day)`: completed calendar years or months up to the day."""

    unit: Literal["years", "months"]
    day: Expression

    def parts(self) -> tuple[Expression, ...]:
        return (self.day,)


@dataclass(frozen=True, slots=True)
class Growth(Expression):
    """`yearly_growth(now, before, years)`: the average yearly growth, (now / before) ** (1 / years) - 1."""

    now: Expression
    before: Expression
    years: int

    def parts(self) -> tuple[Expression, ...]:
        return (self.now, self.before)


@dataclass(frozen=True, slots=True)
class Band(Expression):
    """`band(of, below, [from, value], ...)`: the value of the last line at or below `of`."""

    of: Expression
    below: Expression | None
    steps: tuple[tuple[Number, Expression], ...]

    def parts(self) -> tuple[Expression, ...]:
        below = () if self.below is None else (self.below,)
        return (self.of, *below, *(part for step in self.steps for part in step))


@dataclass(frozen=True, slots=True)
class Otherwise(Expression):
    """`value if condition else value if condition else value`."""

    cases: tuple[tuple[Expression, Expression], ...]
    """Pairs of condition and value, in order."""
    last: Expression

    def parts(self) -> tuple[Expression, ...]:
        return (*(part for condition, value in self.cases for part in (value, condition)), self.last)


@dataclass(frozen=True, slots=True)
class Both(Expression):
    """`a and b and c`."""

    of: tuple[Expression, ...]

    def parts(self) -> tuple[Expression, ...]:
        return self.of


@dataclass(frozen=True, slots=True)
class Either(Expression):
    """`a or b or c`."""

    of: tuple[Expression, ...]

    def parts(self) -> tuple[Expression, ...]:
        return self.of


@dataclass(frozen=True, slots=True)
class Negated(Expression):
    """`not operand`."""

    operand: Expression

    def parts(self) -> tuple[Expression, ...]:
        return (self.operand,)


def expression_facts(expression: Expression) -> frozenset[str]:
    """The names of the facts that the expression mentions, derived ones as such."""
    return frozenset(node.name for node in walk(expression) if isinstance(node, FactNamed))


def walk(expression: Expression) -> "list[Expression]":
    """Every node of the expression, from the top, left to right."""
    found, waiting = [], [expression]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting.extend(reversed(node.parts()))
    return found


def count_nodes(expression: Expression) -> int:
    """How many nodes the expression has."""
    return len(walk(expression))
