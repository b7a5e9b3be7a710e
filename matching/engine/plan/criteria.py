"""What a criterion compiles to: something that gives its rows of bits for a block of companies."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from companies.facts import Vocabulary
from matching.engine.plan.bits import Words, every_row, pack
from matching.engine.plan.columns import Columns
from matching.engine.plan.reference import ERROR, NO, STUCK, YES, Judge, facts_behind
from policies.rules.expressions import Expression
from policies.rules.printing import print_expression


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
    everyone: Words = field(init=False)

    def __post_init__(self) -> None:
        self.everyone = every_row(self.columns.rows)

    @property
    def rows(self) -> int:
        """How many companies."""
        return self.columns.rows


@dataclass(frozen=True, slots=True)
class Test:
    """A compiled criterion."""

    when: Expression

    def bits(self, block: Block) -> Bits:
        """Its rows of bits for the companies of the block."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Asked(Test):
    """A criterion that only the reference evaluator answers."""

    key: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, when: Expression, vocabulary: Vocabulary) -> "Asked":
        """The test of this criterion."""
        return cls(when, print_expression(when), facts_behind(when, vocabulary))

    def bits(self, block: Block) -> Bits:
        rows = np.arange(block.start, block.start + block.rows)
        return bits_of_codes(block.judge.truths(self.key, self.when, self.names, rows))


def bits_of_codes(codes: "np.typing.NDArray[np.uint8]") -> Bits:
    """Truth codes, one for each company, as rows of bits."""
    stuck, error = codes == STUCK, codes == ERROR
    return Bits(
        pack(codes == YES),
        pack(codes != NO),
        pack(stuck) if stuck.any() else None,
        pack(error) if error.any() else None,
    )
