"""What a set of offers pays under its caps, exactly: the most that every cap allows together."""

from collections.abc import Sequence
from fractions import Fraction
from operator import itemgetter

from matching.engine.bundles.ledgers import Ledger
from matching.engine.bundles.problem import Candidate, Cap, End
from matching.engine.bundles.structure import bits


class Budget:
    """What the candidates pay at one end, and the caps that can bind as lids: so much at most from all these together.

    A lid adds up a cap over its periods, so it is a bound; where every cap has one period and no two caps cross, the lids
    say it all. Otherwise the ledger, made when it is first needed, knows what is paid in which year under which caps.
    """

    __slots__ = (
        "_buckets",
        "_caps",
        "_ledger",
        "_members",
        "binding",
        "lids",
        "lids_say_all",
        "parents",
        "pays",
        "worth",
    )

    def __init__(
        self,
        candidates: Sequence[Candidate],
        members: Sequence[tuple[Sequence[int], int]],
        caps: Sequence[Cap],
        end: End,
    ) -> None:
        """`members` are the caps' members in the order of `caps`, as numbers and as a mask."""
        self.pays = [candidate.counted(end) for candidate in candidates]
        self.worth = worth = list(map(sum, self.pays))
        """What each candidate pays alone, over all years, before caps."""
        self.binding: dict[tuple[int, int], int] = {}
        """The caps and periods whose members could together exceed the limit, with that limit."""
        self._caps, self._members = caps, members
        self._ledger: Ledger | None = None
        one_year = max(map(len, self.pays), default=0) < 2
        lids: list[tuple[int, int, int, Sequence[int]]] = []
        single = True
        for number, cap in enumerate(caps):
            limit, (inside, mask) = cap.limit(end), members[number]
            if limit is None or sum([worth[at] for at in inside]) <= limit:
                continue
            if one_year:
                self.binding[number, 0] = limit
                lids.append((len(inside), mask, limit, inside))
                continue
            sums = self._sums_by_period(cap, inside)
            over = [period for period, each in sums.items() if each > limit]
            if over:
                self.binding |= {(number, period): limit for period in over}
                lids.append((len(inside), mask, sum([min(limit, each) for each in sums.values()]), inside))
                single = single and len(sums) == 1
        lids.sort(key=itemgetter(0, 1, 2))
        self.lids = [(lid, most) for _, lid, most, _ in lids]
        """The members of each cap that can bind, as a mask, with the most that they pay; inner lids first."""
        self.parents = parents_of([lid for lid, _ in self.lids])
        """The place of the next lid around each, or None where two lids cross."""
        self.lids_say_all = single and self.parents is not None
        self._buckets = [len(lids)] * len(worth)
        for place in range(len(lids) - 1, -1, -1):
            for at in lids[place][3]:
                self._buckets[at] = place

    def _sums_by_period(self, cap: Cap, inside: Sequence[int]) -> dict[int, int]:
        sums: dict[int, int] = {}
        for at in inside:
            for year, paid in enumerate(self.pays[at]):
                period = cap.period(year) if year else 0
                sums[period] = sums.get(period, 0) + paid
        return sums

    @property
    def ledger(self) -> Ledger:
        """The payments by year and by the caps they are under."""
        if self._ledger is None:
            members = [inside for inside, _ in self._members]
            self._ledger = Ledger(self.pays, members, self._caps, self.binding)
        return self._ledger

    def paid(self, chosen: int, beat: int | Fraction = -1) -> int | Fraction:
        """The most that the chosen offers may pay together: a whole number, unless three or more caps cross.

        Where they surely pay no more than `beat`, any number up to that will do, which can save much work.
        """
        if self.parents is None or not self.lids_say_all:
            return self.ledger.paid(chosen, beat)
        return self._under_lids(chosen, self.parents)[-1]

    def used_up(self, chosen: int) -> int:
        """All that is under a lid which the chosen offers use up, where the lids say all: nothing more of it adds anything."""
        used = 0
        if self.parents is not None:
            for (members, most), paid in zip(self.lids, self._under_lids(chosen, self.parents), strict=False):
                if paid >= most:
                    used |= members
        return used

    def _under_lids(self, chosen: int, parents: Sequence[int]) -> list[int]:
        """What comes together under each lid, and last of all what is paid."""
        worth, buckets = self.worth, self._buckets
        sums = [0] * (len(self.lids) + 1)
        for at in bits(chosen):
            sums[buckets[at]] += worth[at]
        for (_, most), paid, parent in zip(self.lids, sums, parents, strict=False):
            sums[parent] += paid if paid < most else most
        return sums


def parents_of(sets: Sequence[int]) -> list[int] | None:
    """For sets that come smallest first: the place of the smallest set around each, the number of sets where there is none.

    None where two sets cross: neither lies in the other, and they have something in common.
    """
    parents = []
    for at, small in enumerate(sets):
        parent = len(sets)
        for place in range(len(sets) - 1, at, -1):
            if not small & ~sets[place]:
                parent = place
            elif small & sets[place]:
                return None
        parents.append(parent)
    return parents
