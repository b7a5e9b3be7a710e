"""What can be true of many companies, and which choices they can have; comparing what they can be."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from matching.engine.plan.ranges import EVERY_FLAG, NO_FLAG, Flags, Range, aligned


@dataclass(slots=True)
class Truths:
    """A truth for each company: surely so, possibly so, open for want of an answer, and not to be trusted."""

    sure: Flags
    possible: Flags
    gaps: Flags = NO_FLAG
    unsure: Flags = NO_FLAG

    @property
    def open(self) -> Flags:
        """Neither yes nor no."""
        return self.possible & ~self.sure


@dataclass(slots=True)
class Choices:
    """For each company the keys that the one choice can be."""

    possible: dict[str, Flags]
    gaps: Flags = NO_FLAG
    unsure: Flags = NO_FLAG

    def count(self) -> Any:
        """How many keys are possible."""
        return sum((np.asarray(flags, np.int64) for flags in self.possible.values()), np.int64(0))


def denied(truth: Truths) -> Truths:
    """The truth of the denial."""
    return Truths(~truth.possible, ~truth.sure, truth.gaps, truth.unsure)


def every(truths: list[Truths]) -> Truths:
    """Whether all hold; only parts that are open themselves say what is missing."""
    if len(truths) == 1:
        return truths[0]
    sure: Flags = EVERY_FLAG
    possible: Flags = EVERY_FLAG
    gaps: Flags = NO_FLAG
    unsure: Flags = NO_FLAG
    for truth in truths:
        sure, possible = sure & truth.sure, possible & truth.possible
        gaps, unsure = gaps | (truth.open & truth.gaps), unsure | truth.unsure
    return Truths(sure, possible, gaps & possible & ~sure, unsure)


def any_flag(flags: list[Flags]) -> Flags:
    """Where any of them is set."""
    result: Flags = NO_FLAG
    for one in flags:
        result = result | one
    return result


def same_choice(a: Choices, b: Choices) -> Truths:
    """Whether two choices are the same."""
    common = any_flag([flags & b.possible[key] for key, flags in a.possible.items() if key in b.possible])
    found = Truths(common & (a.count() == 1) & (b.count() == 1), common, NO_FLAG, a.unsure | b.unsure)
    found.gaps = found.open & (a.gaps | b.gaps)
    return found


def _less(a: Range, b: Range) -> tuple[Flags, Flags, Flags]:
    """Where a < b surely, surely not, and where the enclosures cannot tell."""
    exist = a.exists & b.exists
    yes, perhaps_yes = a.high[1] < b.low[0], a.high[0] < b.low[1]
    no, perhaps_no = a.low[0] >= b.high[1], a.low[1] >= b.high[0]
    return exist & yes, exist & no, exist & ((perhaps_yes & ~yes) | (perhaps_no & ~no))


def compared(a: Range, operator: str, b: Range) -> Truths:
    """Whether one comparison of numbers holds."""
    a, b = aligned(a, b)
    unsure = a.unsure | b.unsure
    if operator in ("==", "!="):
        under, _, first = _less(a, b)
        over, _, second = _less(b, a)
        exist = a.exists & b.exists
        exact = (a.low[0] == a.low[1]) & (b.low[0] == b.low[1])
        yes = exist & a.point & b.point & exact & (a.low[0] == b.low[0])
        no = under | over
        doubtful = exist & ~yes & ~no & (a.point | a.vague) & (b.point | b.vague)
        found = Truths(yes, ~no, NO_FLAG, unsure | first | second | doubtful)
        found = denied(found) if operator == "!=" else found
    else:
        low, high = (a, b) if operator in ("<", ">=") else (b, a)
        yes, no, doubtful = _less(low, high)
        found = Truths(yes, ~no, NO_FLAG, unsure | doubtful)
        found = denied(found) if operator in (">=", "<=") else found
    found.gaps = found.open & (a.gaps | b.gaps)
    return found
