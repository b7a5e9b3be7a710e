"""Which facts an open criterion waits for, over whole columns; the same as `missing_facts` for each company.

Most criteria look at one fact, or compare a plain sum, difference or quotient of facts with a constant: there, every fact
that is not answered is missing, and nothing else is. All others are walked as `policies.rules.missing` walks them, with
flags for the companies in place of a yes or no; where these cannot tell, the reference evaluator is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from companies.facts import Kind, Vocabulary
from matching.engine.plan.bits import Words, pack, unpack
from matching.engine.plan.columnar import Choices, Rows, Truths
from matching.engine.plan.columns import Columns
from matching.engine.plan.criteria import Bits
from matching.engine.plan.ranges import Range, aligned
from matching.engine.plan.reference import Judge, facts_behind
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
    Negative,
    Number,
    Otherwise,
    YesNo,
    expression_facts,
)
from policies.rules.faults import RuleFault
from policies.rules.missing import missing_facts
from policies.rules.situation import derived_expression

Part = tuple[tuple[str, ...], Words]
"""Names that are missing, and the companies for which they are."""
_CONSTANT = (Number, Key, YesNo, Day)
_NUMBERS = (Kind.WHOLE, Kind.MONEY, Kind.NUMBER, Kind.RATIO)


@dataclass(slots=True)
class Block:
    """The companies of one chunk, ready to be looked at in each of three ways."""

    columns: Columns
    judge: Judge
    rows: Rows


@dataclass(frozen=True, slots=True)
class Gap:
    """What an open criterion waits for."""

    when: Expression
    names: tuple[str, ...]

    def parts(self, block: Block, bits: Bits) -> Iterator[Part]:
        """Lists of names with their companies, in the order of the criterion; `bits` are the criterion's own."""
        raise NotImplementedError


def gap_of(when: Expression, vocabulary: Vocabulary) -> Gap:
    """What tells the missing facts of this criterion."""
    names = facts_behind(when, vocabulary)
    if len(names) == 1:
        return _Each(when, names)
    if isinstance(when, Compare) and len(when.rest) == 1:
        try:
            found = _of_comparison(when, vocabulary)
        except RuleFault:
            found = None
        if found is not None:
            return _Each(when, found)
    return _Walked(when, names)


def _open(bits: Bits) -> Words:
    here = bits.possible & ~bits.sure
    if bits.stuck is not None:
        here &= ~bits.stuck
    return here if bits.error is None else here & ~bits.error


@dataclass(frozen=True, slots=True)
class _Each(Gap):
    """Every one of these facts that is not answered; with one fact only, that fact whenever the criterion is open."""

    def parts(self, block: Block, bits: Bits) -> Iterator[Part]:
        here = _open(bits)
        for name in self.names:
            column = block.columns.get(name)
            if len(self.names) == 1 or column is None:
                yield (name,), here  # a certificate without its last day is answered, and still missing
            else:
                yield (name,), here & ~column.known


@dataclass(frozen=True, slots=True)
class _Walked(Gap):
    """What the walk finds; the reference evaluator says it for companies for which the walk cannot tell."""

    def parts(self, block: Block, bits: Bits) -> Iterator[Part]:
        wanted = _open(bits)
        if not wanted.any():
            return
        here = unpack(wanted, block.columns.rows)
        with np.errstate(all="ignore"):
            walk = _Walk(block.rows)
            found = [(name, np.broadcast_to(flags, here.shape)) for name, flags in walk.collect(self.when, here)]
            unsure = here & walk.unsure
        for name, flags in found:
            yield (name,), pack(flags & ~unsure)
        if unsure.any():
            yield from self._asked(block, np.flatnonzero(unsure))

    def _asked(self, block: Block, rows: Any) -> Iterator[Part]:
        def ask(situation: Any) -> tuple[str, ...]:
            return missing_facts(self.when, situation)

        by_names: dict[tuple[str, ...], list[int]] = {}
        answers = block.judge.answers(("missing", id(self.when)), self.names, rows, ask)
        for row, names in zip(rows.tolist(), answers, strict=True):
            by_names.setdefault(names, []).append(row)
        for names, places in by_names.items():
            flags = np.zeros(block.columns.rows, np.bool_)
            flags[places] = True
            yield names, pack(flags)


class _Walk:
    """The columnar twin of `policies.rules.missing`; `unsure` gathers the companies that it cannot tell about."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.unsure: Any = np.False_

    def collect(self, expression: Expression, here: Any) -> Iterator[tuple[str, Any]]:
        """The asked facts that can still change the expression, with the companies for which each can."""
        if isinstance(expression, _CONSTANT):
            return
        if isinstance(expression, FactNamed) and expression.name not in self.rows.derived:
            column = self.rows.columns.get(expression.name)
            unknown = np.True_ if column is None else ~unpack(column.known, self.rows.columns.rows)
            yield expression.name, here & unknown
            return
        here = here & ~self._settled(expression, here)
        if not np.any(here):
            return
        if isinstance(expression, Holds):
            yield expression.fact.name, here
            return
        for part, among in self._open_parts(expression, here):
            if np.any(among):
                yield from self.collect(part, among)

    def _settled(self, expression: Expression, here: Any) -> Any:
        match self.rows.sort(expression):
            case "truth":
                return ~self._truth(expression, here).open
            case "key":
                choices: Choices = self.rows.choices(expression)
                self.unsure = self.unsure | (here & choices.unsure)
                return choices.count() == 1
            case "day":
                low, high, _, unsure = self.rows.days(expression)
                self.unsure = self.unsure | (here & unsure)
                return low == high
        number = self._number(expression, here)
        self.unsure = self.unsure | (here & number.vague)
        return number.settled

    def _truth(self, expression: Expression, here: Any) -> Truths:
        truth = self.rows.truth(expression)
        self.unsure = self.unsure | (here & truth.unsure)
        return truth

    def _number(self, expression: Expression, here: Any) -> Range:
        number = self.rows.number(expression)
        self.unsure = self.unsure | (here & number.unsure)
        return number

    def _open_parts(self, expression: Expression, here: Any) -> Iterator[tuple[Expression, Any]]:
        match expression:
            case FactNamed(name):
                yield self.rows.derived[name], here
            case Both(of) | Either(of):
                for part in of:
                    yield part, here & self._truth(part, here).open
            case Compare():
                for left, operator, right in pairs(expression):
                    among = here & self._truth(Compare(left, ((operator, right),)), here).open
                    yield left, among
                    yield right, among
            case Extreme(which, of):
                result = self._number(expression, here)
                for part in of:
                    yield part, here & ~self._beaten(self._number(part, here), which, result, here)
            case Otherwise(cases, last):
                for condition, value in cases:
                    truth = self._truth(condition, here)
                    yield condition, here & truth.possible
                    yield value, here & truth.possible
                    here = here & ~truth.sure
                yield last, here
            case Band(of, _, _):
                yield of, here
                reached, unsure = self.rows._reachable(expression, self._number(of, here))
                self.unsure = self.unsure | (here & unsure)
                for flags, value in reached:
                    if not isinstance(value, _CONSTANT):
                        yield value, here & flags
            case Has(_, fact, _) | Among(fact, _, _):
                yield fact, here
            case _:
                for part in expression.parts():
                    yield part, here

    def _beaten(self, part: Range, which: str, result: Range, here: Any) -> Any:
        """Whether this part can never be the smallest (largest)."""
        part, result = aligned(part, result)
        if which == "min":
            surely, perhaps = part.low[0] > result.high[1], part.low[1] > result.high[0]
        else:
            surely, perhaps = part.high[1] < result.low[0], part.high[0] < result.low[1]
        self.unsure = self.unsure | (here & part.exists & perhaps & ~surely)
        return part.exists & surely


def _of_comparison(when: Compare, vocabulary: Vocabulary) -> tuple[str, ...] | None:
    """The facts of a plain calculation that is compared with a constant, in the order in which it names them.

    A quotient may stand only at the top, and a growth rate likewise: there, "settled" means that the comparison is.
    """
    left, right = when.first, when.rest[0][1]
    for side, other in ((left, right), (right, left)):
        if not expression_facts(other):
            found: dict[str, None] = {}
            return tuple(found) if _is_quotient(side, vocabulary, found) else None
    return None


def _is_quotient(side: Expression, vocabulary: Vocabulary, found: dict[str, None]) -> bool:
    match side:
        case Arithmetic("/", over, under):
            return _is_sum(over, vocabulary, found) and _is_sum(under, vocabulary, found)
        case Growth(now, before, _):
            return _is_sum(now, vocabulary, found) and _is_sum(before, vocabulary, found)
        case FactNamed(name):
            fact = vocabulary.get(name)
            if fact is not None and fact.derived is not None:
                return _is_quotient(derived_expression(fact, vocabulary), vocabulary, found)
    return _is_sum(side, vocabulary, found)


def _is_sum(side: Expression, vocabulary: Vocabulary, found: dict[str, None]) -> bool:
    """Whether it is a sum of facts, perhaps times constants: open exactly while one of its facts is not answered."""
    match side:
        case Number():
            return True
        case Negative(operand):
            return _is_sum(operand, vocabulary, found)
        case Arithmetic("+" | "-", left, right):
            return _is_sum(left, vocabulary, found) and _is_sum(right, vocabulary, found)
        case Arithmetic("*", Number(value), other) | Arithmetic("*" | "/", other, Number(value)):
            return value != 0 and _is_sum(other, vocabulary, found)
        case FactNamed(name):
            fact = vocabulary.get(name)
            if fact is None or fact.kind not in _NUMBERS:
                return False
            if fact.derived is not None:
                return _is_sum(derived_expression(fact, vocabulary), vocabulary, found)
            if fact.minimum is not None and fact.minimum == fact.maximum:
                return False
            found.setdefault(name)
            return True
    return False
