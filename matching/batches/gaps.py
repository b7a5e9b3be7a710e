"""Which facts an open criterion waits for, over whole columns; the same as `missing_facts` for each company.

Most criteria look at one fact, or compare a plain sum, difference or quotient of facts with a constant: there, every fact
that is not answered is missing, and nothing else is. Where more can matter (a product that is zero, a case that is
settled), the reference evaluator is asked, once per distinct company.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from companies.facts import Kind, Vocabulary
from matching.engine.plan.bits import Words, pack, places_of
from matching.engine.plan.criteria import Asked, Bits, Block
from matching.engine.plan.reference import facts_behind
from policies.rules.expressions import (
    Arithmetic,
    Both,
    Compare,
    Either,
    Expression,
    FactNamed,
    Growth,
    Negated,
    Negative,
    Number,
    expression_facts,
)
from policies.rules.faults import RuleFault
from policies.rules.missing import missing_facts
from policies.rules.situation import derived_expression

Part = tuple[tuple[str, ...], Words]
"""Names that are missing, and the companies for which they are."""
_NUMBERS = (Kind.WHOLE, Kind.MONEY, Kind.NUMBER, Kind.RATIO)


@dataclass(frozen=True, slots=True)
class Gap:
    """What an open criterion waits for."""

    def parts(self, block: Block, bits: Bits) -> Iterator[Part]:
        """Lists of names with their companies, in the order of the criterion; `bits` are the criterion's own."""
        raise NotImplementedError


def gap_of(when: Expression, vocabulary: Vocabulary) -> Gap:
    """What tells the missing facts of this criterion."""
    names = facts_behind(when, vocabulary)
    if len(names) == 1:
        return _Each(names)
    if isinstance(when, Negated):
        return gap_of(when.operand, vocabulary)
    if isinstance(when, Both | Either):
        return _Joined(tuple(_part(one, vocabulary) for one in when.of))
    if isinstance(when, Compare) and len(when.rest) > 1:
        sides = when.parts()
        pairs = [Compare(sides[at], (rest,)) for at, rest in enumerate(when.rest)]
        return _Joined(tuple(_part(one, vocabulary) for one in pairs))
    if isinstance(when, Compare):
        try:
            found = _of_comparison(when, vocabulary)
        except RuleFault:
            found = None
        if found is not None:
            return _Each(found)
    return _Judged(when, names)


def _part(when: Expression, vocabulary: Vocabulary) -> tuple[Asked, Gap]:
    return Asked.of(when, vocabulary), gap_of(when, vocabulary)


@dataclass(frozen=True, slots=True)
class _Each(Gap):
    """Every one of these facts that is not answered; with one fact only, that fact whenever the criterion is open."""

    names: tuple[str, ...]

    def parts(self, block: Block, bits: Bits) -> Iterator[Part]:
        here = _open(bits)
        for name in self.names:
            column = block.columns.get(name)
            if len(self.names) == 1 or column is None:
                yield (name,), here  # a certificate without its last day is answered, and still missing
            else:
                yield (name,), here & ~column.known


@dataclass(frozen=True, slots=True)
class _Joined(Gap):
    """What the parts that are open themselves wait for."""

    of: tuple[tuple[Asked, Gap], ...]

    def parts(self, block: Block, bits: Bits) -> Iterator[Part]:
        here = _open(bits)
        if not here.any():
            return
        for test, gap in self.of:
            for names, rows in gap.parts(block, test.bits(block)):
                yield names, rows & here


@dataclass(frozen=True, slots=True)
class _Judged(Gap):
    """What the reference evaluator says."""

    when: Expression
    names: tuple[str, ...]

    def parts(self, block: Block, bits: Bits) -> Iterator[Part]:
        rows = places_of(_open(bits), block.rows)
        if not len(rows):
            return
        key = ("missing", id(self.when))
        answers = block.judge.answers(key, self.names, rows, lambda situation: missing_facts(self.when, situation))
        by_names: dict[tuple[str, ...], list[int]] = {}
        for row, names in zip(rows.tolist(), answers, strict=True):
            by_names.setdefault(names, []).append(row)
        for names, found in by_names.items():
            flags = np.zeros(block.rows, bool)
            flags[found] = True
            yield names, pack(flags)


def _open(bits: Bits) -> Words:
    here = bits.possible & ~bits.sure
    if bits.stuck is not None:
        here &= ~bits.stuck
    return here if bits.error is None else here & ~bits.error


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
