"""What a plan gives: for every offer the companies that surely have it, may have it, and what only people can settle."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.engine.plan.bits import Words, count_bits, every_row, unpack
from policies.rules.verdicts import Verdict

VERDICTS: tuple[Verdict, ...] = tuple(Verdict)
"""The code of a verdict is its place here."""


@dataclass(frozen=True, slots=True, eq=False)
class PlanResult:
    """The verdicts of all offers for all companies, as rows of bits; bits past the last company are 0."""

    offers: tuple[str, ...]
    rows: int
    sure: Words
    """A line for each offer: the requirement surely holds."""
    possible: Words
    """A line for each offer: the requirement can still hold."""
    judged: Mapping[int, Words]
    """Holds if people judge favourably; only for offers where that differs from `sure`."""
    assumed: Mapping[int, Words]
    """Holds if, besides, what is not written as a rule is fulfilled; likewise."""
    errors: Mapping[int, Words]
    """Could not be computed; only for offers where that happened."""
    bare: frozenset[int]
    """The offers that have no computed criterion at all."""

    def bits(self, at: int, verdict: Verdict) -> Words:
        """The companies with this verdict for offer number `at`."""
        sure, possible = self.sure[at], self.possible[at]
        error = self.errors.get(at)
        found = error if verdict is Verdict.ERROR else self._without_errors(at, verdict, sure, possible)
        if found is None:
            return np.zeros_like(sure)
        return found & ~error if error is not None and verdict is not Verdict.ERROR else found

    def _without_errors(self, at: int, verdict: Verdict, sure: Words, possible: Words) -> Words | None:
        if verdict is Verdict.INELIGIBLE:
            return every_row(self.rows) & ~possible
        if at in self.bare:
            return possible if verdict is Verdict.NOT_MODELLED else None
        judged, assumed = self.judged.get(at, sure), self.assumed.get(at, sure)
        match verdict:
            case Verdict.ELIGIBLE:
                return sure
            case Verdict.NEEDS_REVIEW:
                return possible & judged & ~sure
            case Verdict.NOT_MODELLED:
                return possible & assumed & ~judged
        return possible & ~assumed

    def verdicts(self, at: int) -> npt.NDArray[np.uint8]:
        """The code of the verdict of every company for offer number `at`."""
        codes = np.full(self.rows, VERDICTS.index(Verdict.INELIGIBLE), np.uint8)
        for code, verdict in enumerate(VERDICTS):
            if verdict is not Verdict.INELIGIBLE:
                found = self.bits(at, verdict)
                if found.any():
                    codes[unpack(found, self.rows)] = code
        return codes

    def counts(self) -> npt.NDArray[np.int64]:
        """How many companies have each verdict: a line for each offer, in the order of VERDICTS."""
        lines = [[count_bits(self.bits(at, verdict)) for verdict in VERDICTS] for at in range(len(self.offers))]
        return np.array(lines, np.int64).reshape(len(self.offers), len(VERDICTS))
