"""The newest answers of all companies, from the columns kept on this machine; a little at a time where they have to be read.

A web server may be on another machine than the workers, so it reads for itself what its own disk does not hold: each
request no longer than a person waits, until all is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import monotonic

import numpy as np
from django.db.models import Count, Max

from companies.facts import Vocabulary
from companies.models import ProfileVersion
from matching import snapshots
from matching.engine.plan import Columns
from matching.engine.plan.bits import Words
from matching.engine.plan.joining import joined_with_gaps
from matching.jobs.runs import PART
from matching.snapshots import Ids, VersionGone

SECONDS = 2.0
"""How long one request reads."""
AT_ONCE = 500
"""Profiles that are read in one go; each takes about a millisecond."""
_PARTS_TOGETHER = 32
"""Parts that are counted in one go: as many companies as the engine takes at once."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the companies' answers are there."""

    done: int
    total: int
    is_stuck: bool = False
    """What was read could not be kept: reading on would not help."""

    @property
    def is_ready(self) -> bool:
        """Whether all can be counted at once."""
        return self.total - self.done <= AT_ONCE if self.is_stuck else self.done == self.total


def state_of_population() -> tuple[int, int]:
    """Changes whenever any company's newest answers do: versions are only added, and go with their company."""
    found = ProfileVersion.objects.aggregate(count=Count("pk"), last=Max("pk"))
    return found["count"], found["last"] or 0


class Population:
    """All companies that have a profile, each with its newest version."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        rows = ProfileVersion.objects.of_population().order_by("company_id").values_list("company", "pk")
        ids = np.fromiter((number for row in rows.iterator(10_000) for number in row), np.int64).reshape(-1, 2)
        self.companies, self.versions = ids[:, 0].copy(), ids[:, 1].copy()

    def parts(self) -> Iterator[tuple[int, Ids, Ids]]:
        """The parts in which columns are kept: their numbers, companies and versions."""
        found, starts, sizes = np.unique(self.companies // PART, return_index=True, return_counts=True)
        for number, start, size in zip(found.tolist(), starts, sizes, strict=True):
            yield number, self.companies[start : start + size], self.versions[start : start + size]

    def read_some(self) -> Progress:
        """Read what is not kept yet: something in any case, and for no more than about SECONDS; raises VersionGone."""
        until = monotonic() + SECONDS
        unread, is_late, is_stuck = 0, False, False
        for number, companies, versions in self.parts():
            here = snapshots.count_unread(self.vocabulary, number, companies, versions)
            while here and not is_late and not is_stuck:
                before = here
                self._read(number, companies, versions, here)
                here = snapshots.count_unread(self.vocabulary, number, companies, versions)
                is_late, is_stuck = monotonic() >= until, here >= before
            unread += here
        return Progress(len(self.companies) - unread, len(self.companies), is_stuck)

    def _read(self, number: int, companies: Ids, versions: Ids, unread: int) -> None:
        """A piece of a part: all of it but what would take too long, which comes next time."""
        piece = len(companies) - max(0, unread - AT_ONCE)
        snapshots.columns_for(self.vocabulary, number, companies[:piece], versions[:piece])

    def columns(self, facts: Iterable[str]) -> Iterator[tuple[Columns, Words]]:
        """The answers to these facts, a good many companies at a time, and which rows are companies."""
        wanted, parts = tuple(facts), list(self.parts())
        for start in range(0, len(parts), _PARTS_TOGETHER):
            together = parts[start : start + _PARTS_TOGETHER]
            loaded = [snapshots.columns_for(self.vocabulary, *part).only(wanted) for part in together]
            yield joined_with_gaps(self.vocabulary, loaded)

    def nobody(self) -> tuple[Columns, Words]:
        """The answers of no company at all."""
        return joined_with_gaps(self.vocabulary, [])


__all__ = ["Population", "Progress", "VersionGone", "state_of_population"]
