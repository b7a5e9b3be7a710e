"""What is different for whom between two evaluations of a part of the population."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.engine.plan import STATUSES, VERDICTS
from matching.engine.plan.bits import places_of, unpack
from matching.engine.populations.parts import OfferPart, Part
from policies.rules import Verdict

# Of an offer that came or went, only those hear who get (or got) something by it: the others are in the bitmaps.
GOOD = (Verdict.ELIGIBLE, Verdict.NEEDS_REVIEW)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict, with its amount where the verdict leaves the offer in reach: status, and ends in fen or None."""

    verdict: Verdict
    status: str | None = None
    low: int | None = None
    high: int | None = None

    def amount(self) -> dict[str, Any] | None:
        """The amount as it stands in a report: money as text."""
        if self.status is None:
            return None
        return {"status": self.status, "low": _money(self.low), "high": _money(self.high)}


@dataclass(frozen=True, slots=True)
class Difference:
    """One company, one offer; `before` or `after` is None where the offer was not there."""

    company: int
    offer: str
    before: Outcome | None
    after: Outcome | None
    old_version: int
    new_version: int
    """The profile versions that were read before and after."""


def differences_between(
    before: Part, after: Part, *, moved: Collection[str] = (), waiting: Collection[int] = ()
) -> Iterator[Difference]:
    """A difference wherever verdict or amount changed for a company that is in both parts.

    A company that was not there before has no differences: its whole result is new. Of the offers that `moved`, whose
    window is another one, there is one also for each of the `waiting` companies for which the offer is in reach.
    """
    both, old, new = np.intersect1d(before.companies, after.companies, assume_unique=True, return_indices=True)
    hears = np.isin(both, np.fromiter(waiting, np.int64))
    for name in dict.fromkeys([*before.offers, *after.offers]):
        was = _Side(before.offers.get(name), before.rows, old)
        now = _Side(after.offers.get(name), after.rows, new)
        changed = _changed(was, now)
        if name in moved:
            changed |= hears & (now.place >= 0)
        for at in np.flatnonzero(changed).tolist():
            versions = int(before.versions[old[at]]), int(after.versions[new[at]])
            yield Difference(int(both[at]), name, was.outcome(at), now.outcome(at), *versions)


class _Side:
    """One offer before or after, over the companies of both parts."""

    def __init__(self, offer: OfferPart | None, rows: int, chosen: npt.NDArray[np.int64]) -> None:
        self.offer = offer
        self.codes = np.full(len(chosen), VERDICTS.index(Verdict.INELIGIBLE), np.uint8)
        self.place = np.full(len(chosen), -1, np.int64)
        """Where the amount of each company is in `offer.amounts`; -1 where it has none."""
        if offer is not None:
            self.codes = offer.codes(rows)[chosen]
            places = np.full(rows, -1, np.int64)
            reached = places_of(offer.reach(rows), rows)
            places[reached] = np.arange(len(reached))
            self.place = places[chosen]

    def amounts(self, at: npt.NDArray[np.int64]) -> list[npt.NDArray[Any]]:
        """The arrays of the amounts of these companies, which all have one."""
        assert self.offer is not None
        amounts = self.offer.amounts
        known = [unpack(words, amounts.rows) for words in (amounts.low_known, amounts.high_known)]
        # Ends too large for the arrays are 0 there: their companies are looked at one by one.
        large = np.zeros(amounts.rows, np.bool_)
        large[list(amounts.large)] = True
        arrays: list[npt.NDArray[Any]] = [amounts.status, amounts.low, amounts.high, *known, large]
        return [array[self.place[at]] for array in arrays]

    def outcome(self, at: int) -> Outcome | None:
        """What the company at this place has; None where the offer is not there."""
        if self.offer is None:
            return None
        verdict, place = VERDICTS[self.codes[at]], int(self.place[at])
        if place < 0:
            return Outcome(verdict)
        amounts = self.offer.amounts
        return Outcome(verdict, STATUSES[amounts.status[place]], *amounts.ends(place))


def _changed(was: _Side, now: _Side) -> npt.NDArray[np.bool_]:
    if was.offer is None or now.offer is None:
        side = now if was.offer is None else was
        return np.isin(side.codes, [VERDICTS.index(verdict) for verdict in GOOD])
    changed = was.codes != now.codes
    both = np.flatnonzero((was.place >= 0) & (now.place >= 0))
    for before, after in zip(was.amounts(both), now.amounts(both), strict=True):
        changed[both] |= before != after
    if was.offer.amounts.large or now.offer.amounts.large:
        for at in both[~changed[both]].tolist():
            changed[at] = was.outcome(at) != now.outcome(at)
    return changed


def _money(fen: int | None) -> str | None:
    if fen is None:
        return None
    sign, fen = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{fen // 100}.{fen % 100:02}"
