"""Which offers may be had together, as a small abstract problem: no company, no catalogue, only ids, fen and rules."""

from dataclasses import dataclass
from typing import Literal

End = Literal["low", "high"]
ENDS: tuple[End, End] = ("low", "high")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer with what it pays in its first, second, ... year, in whole fen; None: that end is not known."""

    id: str
    low: tuple[int, ...] | None
    high: tuple[int, ...] | None
    level: int = 0
    """0 is the highest level of government."""

    def counted(self, end: End) -> tuple[int, ...]:
        """What is counted at this end: all that is known there. An unknown end is left out of the sum, not taken as 0."""
        if end == "high" and self.high is not None:
            return self.high
        return self.low or ()

    def known(self, end: End) -> bool:
        """Whether this end is known, so that the sum at it leaves nothing of this offer out."""
        return (self.low if end == "low" else self.high) is not None


@dataclass(frozen=True, slots=True)
class Group:
    """Offers that share a rule under one name."""

    name: str
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cap:
    """The members together pay at most this much in each period; a sum above it is cut, not forbidden.

    The cap itself may be a range (a share of a fact that is not known): `low` holds at the low end, `high` at the
    high end, where None is a cap that is not known to bind at all.
    """

    name: str
    members: frozenset[str]
    low: int
    high: int | None
    per: str = "company"

    def limit(self, end: End) -> int | None:
        """The cap at this end."""
        return self.low if end == "low" else self.high

    def period(self, year: int) -> int:
        """The number of the period in which this year (0 is the first) falls. A project is one period, as is a company."""
        return {"year": year, "three_years": year // 3}.get(self.per, 0)


@dataclass(frozen=True, slots=True)
class Problem:
    """Candidates and the rules between them; rules may name offers that are no candidates."""

    candidates: tuple[Candidate, ...]
    exclusive: tuple[Group, ...] = ()
    """At most one member each: "highest only" groups and families of which one counts per period."""
    levels: tuple[Group, ...] = ()
    """Higher level first: a member of a lower level stands back behind a candidate of a higher one."""
    excludes: tuple[tuple[str, str], ...] = ()
    """Pairs that do not go together, whichever of the two says so."""
    needs: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """An offer and all the offers that must be in the combination with it."""
    caps: tuple[Cap, ...] = ()
    barred: frozenset[str] = frozenset()
    """Offers shut out whatever else is chosen: by a case-by-case deal."""
