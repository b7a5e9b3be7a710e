"""What criteria compile to: tests that give rows of bits for a block of companies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from companies.facts import Fact, Vocabulary
from matching.engine.plan.bits import Words, every_row, no_row, pack
from matching.engine.plan.certificates import valid_kinds
from matching.engine.plan.columnar import Rows
from matching.engine.plan.columns import (
    CertificateColumn,
    Columns,
    NumberColumn,
)
from matching.engine.plan.reference import ERROR, NO, STUCK, UNKNOWN, YES, Judge, facts_behind
from policies.rules.expressions import Expression
from policies.rules.printing import print_expression
from policies.rules.truth import Truth

RANGED_ROWS = 16_384
"""Companies for which ranges are computed at once: their arrays of eight bytes a company have to fit the cache."""


_LIMITS = {np.dtype(kind): np.iinfo(kind) for kind in (np.int32, np.int64)}
"""Of the arrays of numbers; asking numpy anew for each line would take longer than comparing."""


class Bits(NamedTuple):
    """For each company of a block: surely true, possibly true, open though nothing is missing, not computable."""

    sure: Words
    possible: Words
    stuck: Words | None = None
    error: Words | None = None


@dataclass(slots=True)
class Block:
    """Some neighbouring companies, and what has been computed for them already."""

    columns: Columns
    start: int
    judge: Judge
    raw: Mapping[int, Words] = field(default_factory=dict)
    """For each test of a column the companies that have answered and fulfil it."""
    ranged: Mapping[int, Bits] = field(default_factory=dict)
    everyone: Words = field(init=False)
    nobody: Words = field(init=False)
    _unknown: dict[str, Words] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.everyone = every_row(self.columns.rows)
        self.nobody = no_row(self.columns.rows)

    @property
    def rows(self) -> int:
        """How many companies."""
        return self.columns.rows

    def known(self, name: str) -> Words:
        """The companies that have answered a fact."""
        column = self.columns.get(name)
        return self.nobody if column is None else column.known

    def unknown(self, name: str) -> Words:
        """The companies that have not answered a fact."""
        found = self._unknown.get(name)
        if found is None:
            found = self._unknown[name] = self.known(name) ^ self.everyone
        return found


@dataclass(frozen=True, slots=True)
class Test:
    """A compiled criterion, or part of one."""

    def bits(self, number: int, block: Block) -> Bits:
        """Its rows of bits for the companies of the block; `number` is its own in the plan."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class ColumnTest(Test):
    """A test that reads no more than the column of one fact; `scanning` finds who fulfils it."""

    fact: str
    unknown: Truth
    """What holds of a company that has not answered: its bounds may settle it."""

    def bits(self, number: int, block: Block) -> Bits:
        """Those who fulfil it, and those who have not answered as `unknown` says."""
        found, unknown = block.raw[number], block.unknown(self.fact)
        match self.unknown:
            case Truth.YES:
                return Bits(found | unknown, found | unknown)
            case Truth.NO:
                return Bits(found, found)
        return Bits(found, found | unknown)


@dataclass(frozen=True, slots=True)
class Threshold(ColumnTest):
    """A number or day is at least (or equal to) a line, counted in the units of its column."""

    line: int
    equal: bool
    exact: Fraction
    """The line itself, for values that do not fit the column, and whether it must be passed."""
    beyond: bool

    def line_in(self, column: NumberColumn) -> int:
        """The line, brought into the array's type, of which no value is the highest."""
        limits = _LIMITS[column.values.dtype]
        if self.equal:
            return self.line if limits.min <= self.line <= limits.max else int(limits.max)
        return int(limits.max) if self.line > limits.max else max(self.line, int(limits.min))

    def holds_of(self, value: Fraction) -> bool:
        """Whether an exact value fulfils it."""
        if self.equal:
            return value == self.exact
        return value > self.exact if self.beyond else value >= self.exact


@dataclass(frozen=True, slots=True)
class YesNoTest(ColumnTest):
    """A yes-or-no fact."""


@dataclass(frozen=True, slots=True)
class Chosen(ColumnTest):
    """The one choice is among some keys."""

    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class AnyOfMany(ColumnTest):
    """A set of choices has one of some keys."""

    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Held(Test):
    """A certificate of one of these kinds is held and valid on the day."""

    fact: Fact
    kinds: tuple[str, ...]
    day: date

    def bits(self, number: int, block: Block) -> Bits:
        column = block.columns.get(self.fact.name)
        if column is None:
            return Bits(no_row(block.rows), block.everyone)
        assert isinstance(column, CertificateColumn)
        sure, possible = valid_kinds(column, self.kinds, self.fact, self.day, block.rows)
        return Bits(pack(sure), pack(possible) | block.unknown(self.fact.name))


@dataclass(frozen=True, slots=True)
class Ranged(Test):
    """Anything with arithmetic, tables or conditions: computed with ranges, the reference asked where they cannot tell."""

    when: Expression
    key: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, when: Expression, vocabulary: Vocabulary) -> "Ranged":
        """The test of this condition."""
        return cls(when, print_expression(when), facts_behind(when, vocabulary))

    def bits(self, number: int, block: Block) -> Bits:
        return block.ranged[number]

    def codes(self, rows: Rows, start: int, judge: Judge) -> npt.NDArray[np.uint8]:
        """The truth code of each company; `start` is the number of the first one among all."""
        truths = rows.truth(self.when)
        codes = np.full(rows.columns.rows, NO, np.uint8)
        codes[...] = np.where(truths.sure, YES, np.where(truths.possible, np.where(truths.gaps, UNKNOWN, STUCK), NO))
        if np.any(truths.unsure):
            unsure = np.flatnonzero(np.broadcast_to(truths.unsure, codes.shape))
            codes[unsure] = judge.truths(self.key, self.when, self.names, unsure + start)
        return codes


@dataclass(frozen=True, slots=True)
class Asked(Ranged):
    """A criterion that only the reference evaluator answers, because it can fail."""

    def codes(self, rows: Rows, start: int, judge: Judge) -> npt.NDArray[np.uint8]:
        """The truth code of each company."""
        return judge.truths(self.key, self.when, self.names, np.arange(start, start + rows.columns.rows))


def bits_of_codes(codes: npt.NDArray[np.uint8]) -> Bits:
    """Truth codes, one for each company, as rows of bits."""
    stuck, error = codes == STUCK, codes == ERROR
    return Bits(
        pack(codes == YES),
        pack(codes != NO),
        pack(stuck) if stuck.any() else None,
        pack(error) if error.any() else None,
    )
