"""One run of the bench: how large its sizes are, where figures go, and the workload, drawn once and kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from matching.bench.measuring import Sheet, Timed, interleaved, ratios
from matching.bench.workload import Companies, Node, draw_companies, draw_rules, read_offers
from policies.rules import OfferText


@dataclass
class BenchRun:
    """What every part is given."""

    sheet: Sheet
    size: str = "usual"
    """quick, usual or full"""
    rounds: int = 5
    pairs: int | None = None
    """How many pairs the agreement part compares; None: by the size."""
    _companies: dict[int, Companies] = field(default_factory=dict)

    def sized(self, quick: int, usual: int, full: int) -> int:
        """The number for this run's size."""
        return {"quick": quick, "usual": usual, "full": full}[self.size]

    @cached_property
    def rules(self) -> list[Node]:
        """A thousand rules; a part takes the first so many."""
        return draw_rules(1000)

    @cached_property
    def offers(self) -> list[OfferText]:
        """The same thousand as the product's offers."""
        return read_offers(self.rules)

    def companies(self, rows: int) -> Companies:
        """So many companies."""
        if rows not in self._companies:
            self._companies.clear()  # one size at a time: a million take half a gigabyte
            self._companies[rows] = draw_companies(rows)
        return self._companies[rows]

    def compare(
        self, part: str, runs: Mapping[str, Timed], goals: Mapping[str, str], **more: Any
    ) -> dict[str, list[float]]:
        """Time all in turns, say their medians and the ratio of each to `ours`; `goals` are of the ratios."""
        seconds = interleaved(self.rounds, runs)
        for name, times in seconds.items():
            self.sheet.say(part, name, sorted(times)[len(times) // 2] * 1000, "ms", **more)
        for name, (middle, low, high) in ratios(seconds, "ours").items():
            self.sheet.say(
                part,
                f"{name} / ours",
                middle,
                "x",
                goal=goals.get(name),
                low=round(low, 2),
                high=round(high, 2),
                **more,
            )
        return seconds
