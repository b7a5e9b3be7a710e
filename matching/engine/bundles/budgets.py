"""What a set of offers pays under its caps, exactly: the most that every cap allows together."""

from collections.abc import Sequence
from fractions import Fraction

from matching.engine.bundles.ledgers import Ledger
from matching.engine.bundles.problem import Candidate, Cap, End
from matching.engine.bundles.structure import bits


class Budget:
    """What the candidates pay at one end, and the caps that can bind as lids: so much at most from all these together.

    A lid adds up a cap over its periods, so it is a bound; where every cap has one period and no two caps cross, the lids
    say it all. Otherwise the ledger, made when it is first needed, knows what is paid in which year under which caps.
    """

    __slots__ = ("_caps", "_ledger", "_members", "binding", "lids", "lids_say_all", "parents", "pays", "worth")

    def __init__(self, candidates: Sequence[Candidate], members: Sequence[int], caps: Sequence[Cap], end: End) -> None:
        """`members` are the masks of the caps' members, in the order of `caps`."""
        self.pays = [candidate.counted(end) for candidate in candidates]
        self.worth = [sum(years) for years in self.pays]
        """What each candidate pays alone, over all years, before caps."""
        self.binding: dict[tuple[int, int], int] = {}
        """The caps and periods whose members could together exceed the limit, with that limit."""
        self._caps, self._members = caps, members
        self._ledger: Ledger | None = None
        lids = []
        one_year = all(len(years) < 2 for years in self.pays)
        single = True
        for number, cap in enumerate(caps):
            limit = cap.limit(end)
            inside = members[number]
            total = sum([self.worth[at] for at in bits(inside)])
            if limit is None or total <= limit:
                continue
            sums = {0: total} if one_year else self._sums_by_period(cap, inside)
            over = [period for period, total in sums.items() if total > limit]
            if over:
                self.binding |= {(number, period): limit for period in over}
                lids.append((inside, sum(min(limit, total) for total in sums.values())))
                single = single and len(sums) == 1
        self.lids = sorted(lids, key=lambda lid: (lid[0].bit_count(), lid))
        self.parents = parents_of([inside for inside, _ in self.lids])
        self.lids_say_all = single and self.parents is not None

    def _sums_by_period(self, cap: Cap, inside: int) -> dict[int, int]:
        sums: dict[int, int] = {}
        for at in bits(inside):
            for year, paid in enumerate(self.pays[at]):
                period = cap.period(year) if year else 0
                sums[period] = sums.get(period, 0) + paid
        return sums

    @property
    def ledger(self) -> Ledger:
        """The payments by year and by the caps they are under."""
        if self._ledger is None:
            self._ledger = Ledger(self.pays, self._members, self._caps, self.binding)
        return self._ledger

    def paid(self, chosen: int) -> int | Fraction:
        """The most that the chosen offers may pay together. A whole number, unless three or more caps cross."""
        if self.parents is None or not self.lids_say_all:
            return self.ledger.paid(chosen)
        worth = self.worth
        sums = []
        for inside, _ in self.lids:
            sums.append(sum([worth[at] for at in bits(chosen & inside)]))
            chosen &= ~inside
        sums.append(sum([worth[at] for at in bits(chosen)]))
        for number, (_, most) in enumerate(self.lids):
            sums[self.parents[number]] += min(sums[number], most)
        return sums[-1]


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
