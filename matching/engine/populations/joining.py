"""The parts of a population put together: one row of bits per offer and verdict over all companies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.engine.plan import NOTHING, Total, total_of
from matching.engine.plan.bits import Words, count_bits, pack, unpack, words_for
from matching.engine.populations.parts import STORED, OfferPart, Part
from policies.rules import Verdict


@dataclass(frozen=True, slots=True, eq=False)
class JoinedOffer:
    """One offer over the whole population; a verdict that nobody has is left out of `bits`."""

    offer: str
    bits: Mapping[Verdict, Words]
    counts: Mapping[Verdict, int]
    eligible: Total
    """What the offer comes to over the eligible companies."""
    in_reach: Total
    """The same over all that are not ineligible."""


class JoinedParts:
    """Takes the parts one after the other, each once, and then tells of the whole; keeps no part."""

    def __init__(self, offers: Sequence[str], rows: int) -> None:
        self.offers = tuple(offers)
        self.total = rows
        self.rows = 0
        # One word more than needed: the last part of a row may be shifted over its end.
        self._bits: dict[tuple[str, Verdict], npt.NDArray[np.uint64]] = {}
        self._width = words_for(rows) + 1
        self._eligible = dict.fromkeys(self.offers, NOTHING)
        self._in_reach = dict.fromkeys(self.offers, NOTHING)
        self.companies = np.zeros(rows, np.int64)
        self.versions = np.zeros(rows, np.int64)

    def add(self, part: Part) -> None:
        """The next part, whose companies have higher ids than those before."""
        start, stop = self.rows, self.rows + part.rows
        if stop > self.total or tuple(part.offers) != self.offers:
            raise ValueError("this part does not belong to the same run")
        self.companies[start:stop], self.versions[start:stop] = part.companies, part.versions
        for name, offer in part.offers.items():
            for verdict, words in offer.bits.items():
                key = (name, verdict)
                if key not in self._bits:
                    self._bits[key] = np.zeros(self._width, np.uint64)
                _put(self._bits[key], words, start)
            eligible, in_reach = totals_of(offer, part.rows)
            self._eligible[name] += eligible
            self._in_reach[name] += in_reach
        self.rows = stop

    def lines(self) -> list[JoinedOffer]:
        """Every offer over all companies, once all parts are in."""
        if self.rows != self.total:
            raise ValueError("not all parts are in")
        return [self._line(name) for name in self.offers]

    def _line(self, name: str) -> JoinedOffer:
        bits = {verdict: self._bits[name, verdict][:-1] for verdict in STORED if (name, verdict) in self._bits}
        counts = {verdict: count_bits(bits[verdict]) if verdict in bits else 0 for verdict in Verdict}
        counts[Verdict.INELIGIBLE] = self.rows - sum(counts.values())
        return JoinedOffer(name, bits, counts, self._eligible[name], self._in_reach[name])


def totals_of(offer: OfferPart, rows: int) -> tuple[Total, Total]:
    """What an offer comes to over the eligible companies of a part, and over all in reach."""
    reached = unpack(offer.reach(rows), rows)
    eligible = offer.bits.get(Verdict.ELIGIBLE)
    if eligible is None:
        return NOTHING, total_of(offer.amounts)
    return total_of(offer.amounts, pack(unpack(eligible, rows)[reached])), total_of(offer.amounts)


def total_to_plain(total: Total) -> dict[str, Any]:
    """The total as JSON: whole fen, and how many companies' ends are not in them."""
    return {
        "companies": total.companies,
        "low_fen": total.low,
        "high_fen": total.high,
        "low_unknown": total.low_unknown,
        "high_unknown": total.high_unknown,
    }


def _put(row: npt.NDArray[np.uint64], words: Words, start: int) -> None:
    """Sets the bits of `words` in the row from bit `start` on; that part of the row was 0."""
    first, shift = start >> 6, np.uint64(start & 63)
    row[first : first + len(words)] |= words << shift
    if shift:
        row[first + 1 : first + 1 + len(words)] |= words >> (np.uint64(64) - shift)
