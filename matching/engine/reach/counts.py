"""What a version comes to over a population, in numbers: no company can be told in it, and parts add up."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.engine.plan import NOTHING, VERDICTS, Total

Counts = npt.NDArray[np.int64]

NEAR, BEFORE, GAINED, LOST = "near", "before", "gained", "lost"
MEASURES: tuple[str, ...] = (*(verdict.value for verdict in VERDICTS), NEAR, BEFORE, GAINED, LOST)
"""What is counted for each offer and group: the verdicts; those one criterion away; those eligible by the rules of
before; those who become eligible, and those who are so no more."""

OF_POLICY: tuple[str, ...] = ("eligible", BEFORE, GAINED, LOST)
"""The same for at least one offer of the policy."""

ABSENT = len(VERDICTS)
"""Stands for a verdict where the offer is not there, before or after."""

MONEY: tuple[str, ...] = ("eligible", "open", GAINED, "kept", BEFORE, LOST, "kept_before")
"""Whose money is added up: the eligible, those who may become so (for want of an answer, of people's decision or of
text that is modelled), and by the rules of both sides those who gain, lose and stay."""


@dataclass(frozen=True, slots=True, eq=False)
class OfferReach:
    """One offer over all companies."""

    offer: str
    counts: Counts
    """A line for all companies and for each line of the groupings, a column for each of MEASURES."""
    near_by: Counts
    """For each criterion of the offer, the companies that it alone keeps out."""
    moves: Counts
    """Companies by their verdict before (lines) and after (columns), each as its place among VERDICTS, or ABSENT."""
    money: Mapping[str, Total]
    money_by_line: tuple[Total, ...]
    """What the eligible of each line get."""
    revalued: int
    """How many stay eligible and get another amount."""

    def count(self, measure: str, line: int = 0) -> int:
        """One number: of all companies, unless a line is named."""
        return int(self.counts[line, MEASURES.index(measure)])

    def __add__(self, other: "OfferReach") -> "OfferReach":
        """The same over the companies of both."""
        return OfferReach(
            self.offer,
            self.counts + other.counts,
            self.near_by + other.near_by,
            self.moves + other.moves,
            {name: total + other.money[name] for name, total in self.money.items()},
            tuple(one + two for one, two in zip(self.money_by_line, other.money_by_line, strict=True)),
            self.revalued + other.revalued,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """A version over all companies."""

    companies: Counts
    """All of them, and those of each line of the groupings."""
    offers: tuple[OfferReach, ...]
    policy: Counts
    """A line as in `companies`, a column for each of OF_POLICY."""

    def __add__(self, other: "Reach") -> "Reach":
        """The same over the companies of both."""
        return Reach(
            self.companies + other.companies,
            tuple(one + two for one, two in zip(self.offers, other.offers, strict=True)),
            self.policy + other.policy,
        )

    def of_policy(self, measure: str, line: int = 0) -> int:
        """One number over all offers of the policy together: each company once."""
        return int(self.policy[line, OF_POLICY.index(measure)])

    def change(self, end: str) -> int:
        """By how much the low or high end of what the eligible get grows, in fen, over all offers; as far as known."""
        return sum(getattr(one.money["eligible"], end) - getattr(one.money[BEFORE], end) for one in self.offers)


def no_money() -> dict[str, Total]:
    """Nobody, whoever is asked for."""
    return dict.fromkeys(MONEY, NOTHING)
