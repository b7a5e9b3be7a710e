"""What criteria compile to: tests that give rows of bits for a block of companies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from companies.facts import Fact, Vocabulary
from matching.engine.plan.bits import Flags, Words, every_row, no_row, pack
from matching.engine.plan.certificates import valid_kinds
from matching.engine.plan.columnar import Rows
from matching.engine.plan.columns import (
    CertificateColumn,
    ChoiceColumn,
    Columns,
    NumberColumn,
    SetColumn,
    YesNoColumn,
)
from matching.engine.plan.reference import ERROR, NO, STUCK, UNKNOWN, YES, Judge, facts_behind
from policies.rules.expressions import Expression
from policies.rules.printing import print_expression
from policies.rules.truth import Truth

RANGED_ROWS = 16_384
"""Companies for which ranges are computed at once: their arrays of eight bytes a company have to fit the cache."""


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
    """Rows of bits of tests that were computed together with others of their column."""
    ranged: Mapping[int, Bits] = field(default_factory=dict)
    everyone: Words = field(init=False)
    _unknown: dict[str, Words] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.everyone = every_row(self.columns.rows)

    @property
    def rows(self) -> int:
        """How many companies."""
        return self.columns.rows

    def unknown(self, name: str) -> Words:
        """The companies that have not answered a fact."""
        found = self._unknown.get(name)
        if found is None:
            column = self.columns.get(name)
            found = self.everyone if column is None else column.known ^ self.everyone
            self._unknown[name] = found
        return found


@dataclass(frozen=True, slots=True)
class Test:
    """A compiled criterion, or part of one."""

    def bits(self, number: int, block: Block) -> Bits:
        """Its rows of bits for the companies of the block; `number` is its own in the plan."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Threshold(Test):
    """A number or day is at least (or equal to) a line, counted in the units of its column."""

    fact: str
    line: int
    equal: bool
    exact: Fraction
    """The line itself, for values that do not fit the column, and whether it must be passed."""
    beyond: bool
    unknown: Truth
    """What holds of a company that has not answered: its bounds may settle it."""

    def line_in(self, column: NumberColumn) -> int:
        """The line, brought into the array's type, of which no value is the highest."""
        limits = np.iinfo(column.values.dtype)
        if self.equal:
            return self.line if limits.min <= self.line <= limits.max else int(limits.max)
        return int(limits.max) if self.line > limits.max else max(self.line, int(limits.min))

    def holds_of(self, value: Fraction) -> bool:
        """Whether an exact value fulfils it."""
        if self.equal:
            return value == self.exact
        return value > self.exact if self.beyond else value >= self.exact

    def bits(self, number: int, block: Block) -> Bits:
        unknown = block.unknown(self.fact)
        found = block.raw.get(number)
        if found is None:
            found = no_row(block.rows)
        elif self.line == 0 if self.equal else self.line <= 0:
            found = found & ~unknown
        return _with_unknown(found, unknown, self.unknown)


def _with_unknown(sure: Words, unknown: Words, truth: Truth) -> Bits:
    match truth:
        case Truth.YES:
            either = sure | unknown
            return Bits(either, either)
        case Truth.NO:
            return Bits(sure, sure)
    return Bits(sure, sure | unknown)


@dataclass(frozen=True, slots=True)
class YesNoTest(Test):
    """A yes-or-no fact."""

    fact: str

    def bits(self, number: int, block: Block) -> Bits:
        column = block.columns.get(self.fact)
        if column is None:
            return Bits(no_row(block.rows), block.everyone)
        assert isinstance(column, YesNoColumn)
        return Bits(column.yes, column.yes | block.unknown(self.fact))


@dataclass(frozen=True, slots=True)
class Chosen(Test):
    """The one choice is among some keys."""

    fact: str
    keys: frozenset[str]
    unknown: Truth

    def bits(self, number: int, block: Block) -> Bits:
        column = block.columns.get(self.fact)
        sure = no_row(block.rows)
        if column is not None:
            assert isinstance(column, ChoiceColumn)
            codes = [code for code, key in enumerate(column.keys, 1) if key in self.keys]
            if codes:
                sure = pack(among(column.codes, codes))
        return _with_unknown(sure, block.unknown(self.fact), self.unknown)


def among(codes: "npt.NDArray[np.unsignedinteger]", wanted: list[int]) -> Flags:
    """Where a code is one of those wanted (ascending): a comparison or two for each stretch of neighbours."""
    stretches: list[tuple[int, int]] = []
    for code in wanted:
        if stretches and stretches[-1][1] == code - 1:
            stretches[-1] = (stretches[-1][0], code)
        else:
            stretches.append((code, code))
    if len(stretches) > 8:
        table = np.zeros(int(codes.max(initial=0)) + max(wanted) + 1, np.bool_)
        table[wanted] = True
        return table[codes]
    found: Flags | None = None
    for low, high in stretches:
        here = codes == low if low == high else (codes >= low) & (codes <= high)
        found = here if found is None else found | here
    assert found is not None
    return found


@dataclass(frozen=True, slots=True)
class AnyOfMany(Test):
    """A set of choices has one of some keys."""

    fact: str
    keys: frozenset[str]

    def bits(self, number: int, block: Block) -> Bits:
        column = block.columns.get(self.fact)
        if column is None:
            return Bits(no_row(block.rows), block.everyone)
        assert isinstance(column, SetColumn)
        lines = [column.members[at] for at, key in enumerate(column.keys) if key in self.keys]
        sure = np.bitwise_or.reduce(lines) if lines else no_row(block.rows)
        return Bits(sure, sure | block.unknown(self.fact))


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
