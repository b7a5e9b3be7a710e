"""Branch and bound over one part of a problem: exact as long as it may look at enough nodes.

The work is counted in nodes, never in seconds: the same problem must give the same answer on every machine.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from matching.engine.bundles.budgets import Budget
from matching.engine.bundles.structure import Structure, bits


class Found(NamedTuple):
    """The best set that was found, what it pays, and whether nothing pays more; `nodes` tells the work."""

    chosen: int
    paid: int | Fraction
    proven: bool
    nodes: int


class Search:
    """One part of a problem at one end of the amounts, prepared so that it can be searched several times."""

    def __init__(self, structure: Structure, budget: Budget, part: int) -> None:
        self.structure, self.budget, self.part = structure, budget, part
        self.against = structure.against
        worth = budget.worth
        paying = [at for at in bits(part) if worth[at]]
        paying.sort(key=lambda at: (-worth[at], at))
        self.paying = sum(1 << at for at in paying)
        self.order = [(1 << at, at) for at in paying]
        self.lids, self.parents = _nested_lids(budget.lids, part)
        self.homes = self._homes(paying, bucketed=True)
        # Where lids cut cliques into pieces, the cliques as a whole bound better as long as no lid binds.
        self.wholes = self._homes(paying, bucketed=False) if self.lids else []

    def _homes(self, paying: Sequence[int], *, bucketed: bool) -> list[tuple[int, list[tuple[int, int]]]]:
        """The paying offers in groups of which at most one can be had, each group under one lid, dearest first."""
        worth, against = self.budget.worth, self.against
        homes: list[tuple[int, list[tuple[int, int]]]] = []
        masks: list[int] = []
        for at in paying:
            bucket = self._bucket(at) if bucketed else -1
            for number, (home, members) in enumerate(homes):
                if home == bucket and not masks[number] & ~against[at]:
                    members.append((1 << at, worth[at]))
                    masks[number] |= 1 << at
                    break
            else:
                homes.append((bucket, [(1 << at, worth[at])]))
                masks.append(1 << at)
        return homes

    def _bucket(self, at: int) -> int:
        """The innermost lid over this offer; -1, the last place of the sums, where there is none."""
        return next((number for number, (members, _) in enumerate(self.lids) if members >> at & 1), -1)

    def bound(self, mask: int) -> int:
        """No lawful set within the mask pays more than this."""
        sums = [0] * (len(self.lids) + 1)
        for bucket, members in self.homes:
            for bit, worth in members:
                if mask & bit:
                    sums[bucket] += worth
                    break
        if not self.lids:
            return sums[-1]
        for number, (_, most) in enumerate(self.lids):
            total = sums[number]
            sums[self.parents[number]] += total if total < most else most
        whole = 0
        for _, members in self.wholes:
            for bit, worth in members:
                if mask & bit:
                    whole += worth
                    break
        return min(sums[-1], whole)

    def most(self, nodes: int, *, start: int = 0, beat: int | Fraction = -1, known: int = 0) -> Found:
        """The set that pays most and holds `start`; only sets that pay more than `beat` count (`known` pays that)."""
        brings, wanted_by, against = self.structure.brings, self.structure.wanted_by, self.against
        order, bound, paid = self.order, self.bound, self.budget.paid
        best, best_set, seen = beat, known, 0
        allowed = self.paying & ~start
        for at in bits(start):
            allowed &= ~against[at]
        waiting = [(start, allowed, 0)]
        ceiling: int | None = None
        while waiting:
            chosen, allowed, place = waiting.pop()
            most = bound(chosen | allowed)
            if ceiling is None:
                ceiling = most
            if most <= best:
                continue
            if seen >= nodes:
                return Found(best_set, best, False, seen)
            seen += 1
            while place < len(order):
                bit, at = order[place]
                if allowed & bit and allowed & against[at]:
                    waiting.append((chosen, allowed & ~wanted_by[at], place + 1))
                    waiting.append((chosen | brings[at], allowed & ~brings[at] & ~against[at], place + 1))
                    break
                place += 1
            else:
                leaf = chosen
                for at in bits(allowed):
                    leaf |= brings[at]
                value = paid(leaf)
                if value > best:
                    best, best_set = value, leaf
                    if best >= ceiling:
                        break
        return Found(best_set, best, True, seen)

    def settle_ties(self, found: Found, nodes: int, *, start: int = 0) -> Found:
        """Of all sets that pay the same as the one found, the one with the largest bonus, as far as the nodes go."""
        structure, against, bound = self.structure, self.against, self.bound
        brings, wanted_by, bonus = structure.brings, structure.wanted_by, structure.bonus
        best_set = self.filled(found.chosen)
        best = sum(bonus[at] for at in bits(best_set))
        members = sorted(bits(self.part), key=lambda at: -bonus[at])
        homes = _bonus_homes(members, against, bonus)
        order = [(1 << at, at) for at in sorted(members, key=lambda at: (against[at].bit_count(), -bonus[at]))]
        allowed = self.part & structure.obtainable & ~start
        for at in bits(start):
            allowed &= ~against[at]
        waiting, seen = [(start, allowed, 0)], 0
        while waiting and seen < nodes:
            chosen, allowed, place = waiting.pop()
            mask, most = chosen | allowed, 0
            for home in homes:
                for bit, gain in home:
                    if mask & bit:
                        most += gain
                        break
            if most <= best or bound(mask) < found.paid:
                continue
            seen += 1
            while place < len(order):
                bit, at = order[place]
                if allowed & bit and allowed & against[at]:
                    waiting.append((chosen, allowed & ~wanted_by[at], place + 1))
                    waiting.append((chosen | brings[at], allowed & ~brings[at] & ~against[at], place + 1))
                    break
                place += 1
            else:
                total = sum(bonus[at] for at in bits(mask))
                if total > best and self.budget.paid(mask) >= found.paid:
                    best, best_set = total, mask
        return Found(best_set, found.paid, found.proven, found.nodes + seen)

    def filled(self, chosen: int) -> int:
        """The set with everything that can still be added to it, the best ones first: nothing is left out for nothing."""
        structure = self.structure
        for at in sorted(bits(self.part & structure.obtainable & ~chosen), key=lambda at: -structure.bonus[at]):
            if not self.against[at] & chosen:
                chosen |= structure.brings[at]
        return chosen


def _nested_lids(lids: Sequence[tuple[int, int]], part: int) -> tuple[list[tuple[int, int]], list[int]]:
    """Lids over this part, the inner ones first, leaving out such as cross another one; and the place of each one's outer lid."""
    kept: list[tuple[int, int]] = []
    for members, most in sorted(((members & part, most) for members, most in lids), key=lambda lid: lid[0].bit_count()):
        if members and all(not (members & inner) or not (inner & ~members) for inner, _ in kept):
            kept.append((members, most))
    parents = []
    for number, (members, _) in enumerate(kept):
        outer = (at for at in range(number + 1, len(kept)) if not members & ~kept[at][0])
        parents.append(next(outer, len(kept)))
    return kept, parents


def _bonus_homes(members: Sequence[int], against: Sequence[int], bonus: Sequence[int]) -> list[list[tuple[int, int]]]:
    homes: list[list[tuple[int, int]]] = []
    masks: list[int] = []
    for at in members:
        for number, mask in enumerate(masks):
            if not mask & ~against[at]:
                homes[number].append((1 << at, bonus[at]))
                masks[number] |= 1 << at
                break
        else:
            homes.append([(1 << at, bonus[at])])
            masks.append(1 << at)
    return homes
