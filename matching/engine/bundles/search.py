"""Branch and bound over one part of a problem: exact as long as it may look at enough nodes.

The work is counted in nodes, never in seconds: the same problem must give the same answer on every machine.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from matching.engine.bundles.budgets import Budget, parents_of
from matching.engine.bundles.structure import Structure, bits

# A set whose payments the bound does not give exactly costs as much as so many nodes, and is counted so.
_LEDGER_NODES = 40


class Found(NamedTuple):
    """The best set that was found, what it pays, and whether nothing pays more; `nodes` tells the work."""

    chosen: int
    paid: int | Fraction
    proven: bool
    nodes: int


class _Dearest(dict[int, int]):
    """What the dearest of some members of a clique pays, remembered by their mask: a bound asks for it all the time."""

    def __init__(self, members: int, values: Sequence[int]) -> None:
        self[0] = 0
        self.order = sorted([(values[at], 1 << at) for at in bits(members)], reverse=True)

    def __missing__(self, mask: int) -> int:
        for value, bit in self.order:
            if mask & bit:
                self[mask] = value
                return value
        return 0


class _Together(dict[int, int]):
    """What the dearest of each of these pieces of cliques pay together: most steps of a search change few of the pieces."""

    def __init__(self, base: int, pieces: Sequence[tuple[int, _Dearest]]) -> None:
        self.base, self.pieces = base, pieces

    def __missing__(self, mask: int) -> int:
        total = self.base
        for piece, dearest in self.pieces:
            total += dearest[mask & piece]
        self[mask] = total
        return total


class Search:
    """One part of a problem at one end of the amounts, prepared so that it can be searched several times."""

    def __init__(self, structure: Structure, budget: Budget, part: int) -> None:
        self.structure, self.budget = structure, budget
        self.against = against = structure.against
        worth = budget.worth
        self.part = part & structure.obtainable
        contested = [at for at in bits(self.part) if against[at]]
        self.contested = structure.mask_of(contested)
        # What conflicts with nothing is always in: it adds nothing to decide, only to the sums.
        self.always = self.part & ~self.contested
        paying = sorted([at for at in contested if worth[at]], key=worth.__getitem__, reverse=True)
        self.paying = structure.mask_of(paying)
        self.order = [(1 << at, at) for at in paying]
        self.cliques = _cliques(structure, self.paying)
        self.lids, self.parents = _nested_lids(budget, self.part)
        self.wholes = [(clique, _Dearest(clique, worth)) for clique in self.cliques]
        self.whole_base = sum([worth[at] for at in bits(self.always)])
        self._beside: dict[int, tuple[int, int, list[tuple[int, _Dearest]]]] = {}
        self._sort_into_buckets(worth)

    def _sort_into_buckets(self, worth: Sequence[int]) -> None:
        """The cliques cut into the pieces that lie under the same innermost lid, with what is always in under each."""
        self.buckets: list[tuple[int, _Together]] = []
        if not self.lids:
            return
        left = self.part
        buckets = []
        for members, _ in self.lids:
            buckets.append(members & left)
            left &= ~members
        buckets.append(left)
        for bucket in buckets:
            base = sum([worth[at] for at in bits(bucket & self.always)])
            pieces = [(clique & bucket, dearest) for clique, dearest in self.wholes if clique & bucket]
            self.buckets.append((bucket & self.paying, _Together(base, pieces)))

    def bound(self, mask: int, beat: int | Fraction = -1) -> int:
        """No lawful set within the mask pays more than this; any number up to `beat` where that is sure."""
        sums = [together[mask & bucket] for bucket, together in self.buckets]
        full = 0
        for number, (_, most) in enumerate(self.lids):
            total = sums[number]
            if total >= most:
                full |= 1 << number
                total = most
            sums[self.parents[number]] += total
        if sums and sums[-1] <= beat:
            return sums[-1]
        least = self.whole_base
        for clique, dearest in self.wholes:
            least += dearest[mask & clique]
        if sums and sums[-1] < least:
            least = sums[-1]
        return least if not full or least <= beat else min(least, self._beside_full(mask, full))

    def _beside_full(self, mask: int, full: int) -> int:
        """A bound, too: these lids pay their most, and of what is under none of them each clique pays once."""
        beside = self._beside.get(full)
        if beside is None:
            beside = self._beside[full] = self._lay_beside(full)
        total, left, cliques = beside
        left &= mask
        for clique, dearest in cliques:
            total += dearest[left & clique]
        return total

    def _lay_beside(self, full: int) -> tuple[int, int, list[tuple[int, _Dearest]]]:
        """What the outermost of these lids and all that is always in beside them pay, the rest of the part, its cliques."""
        total, left, worth = 0, self.part, self.budget.worth
        for number in range(len(self.lids) - 1, -1, -1):
            members, most = self.lids[number]
            # A lid over everything leaves nothing beside it: its most is the other bound.
            if full >> number & 1 and not members & self.part & ~left and self.part & ~members:
                left &= ~members
                total += most
        total += sum([worth[at] for at in bits(left & self.always)])
        return total, left, [(clique, dearest) for clique, dearest in self.wholes if clique & left]

    def most(self, nodes: int, *, start: int = 0, beat: int | Fraction = -1, known: int = 0) -> Found:
        """The set that pays most and holds `start`; only sets that pay more than `beat` count (`known` pays that)."""
        brings, wanted_by, against = self.structure.brings, self.structure.wanted_by, self.against
        order, bound, last = self.order, self.bound, len(self.order)
        best, best_set, seen, exact = beat, known, 0, self.budget.lids_say_all
        allowed = self.paying & ~start
        for at in bits(start):
            allowed &= ~against[at]
        waiting = [(start, allowed, 0)]
        ceiling: int | None = None
        while waiting:
            chosen, allowed, place = waiting.pop()
            most = bound(chosen | allowed, best)
            if ceiling is None:
                ceiling = most
            if most <= best:
                continue
            if seen >= nodes:
                return Found(best_set, best, False, seen)
            seen += 1
            while place < last:
                bit, at = order[place]
                place += 1
                if allowed & bit and allowed & against[at]:
                    waiting.append((chosen, allowed & ~wanted_by[at], place))
                    waiting.append((chosen | brings[at], allowed & ~brings[at] & ~against[at], place))
                    break
            else:
                leaf = self.always | chosen
                for at in bits(allowed):
                    leaf |= brings[at]
                value: int | Fraction = most
                if not exact:
                    seen += _LEDGER_NODES
                    value = self.budget.paid(leaf, best)
                if value > best:
                    best, best_set = value, leaf
                    if best >= ceiling:
                        break
        return Found(best_set, best, True, seen)

    def settle_ties(self, found: Found, nodes: int) -> Found:
        """Of all sets that pay the same as the one found, the one with the largest bonus, as far as the nodes go."""
        structure, against, bound = self.structure, self.against, self.bound
        brings, wanted_by, bonus = structure.brings, structure.wanted_by, structure.bonus
        best_set = self.filled(found.chosen)
        best = sum(bonus[at] for at in bits(best_set & self.contested))
        homes = [(clique, _Dearest(clique, bonus)) for clique in _cliques(structure, self.contested)]
        members = sorted(bits(self.contested), key=lambda at: (against[at].bit_count(), -bonus[at]))
        order, last = [(1 << at, at) for at in members], len(members)
        waiting, seen = [(0, self.contested, 0)], 0
        while waiting and seen < nodes:
            chosen, allowed, place = waiting.pop()
            mask, most = chosen | allowed, 0
            for clique, dearest in homes:
                most += dearest[mask & clique]
            if most <= best or bound(mask, found.paid - 1) < found.paid:
                continue
            seen += 1
            while place < last:
                bit, at = order[place]
                place += 1
                if allowed & bit and allowed & against[at]:
                    waiting.append((chosen, allowed & ~wanted_by[at], place))
                    waiting.append((chosen | brings[at], allowed & ~brings[at] & ~against[at], place))
                    break
            else:
                total = sum(bonus[at] for at in bits(mask & self.contested))
                if total > best:
                    seen += 0 if self.budget.lids_say_all else _LEDGER_NODES
                    if self.budget.paid(mask | self.always) >= found.paid:
                        best, best_set = total, mask | self.always
        return Found(best_set, found.paid, found.proven, found.nodes + seen)

    def filled(self, chosen: int) -> int:
        """The set with everything that can still be added to it, the best ones first: nothing is left out for nothing."""
        structure, against = self.structure, self.against
        chosen |= self.always
        addable = [at for at in bits(self.contested & ~chosen) if not against[at] & chosen]
        for at in sorted(addable, key=lambda at: -structure.bonus[at]):
            if not against[at] & chosen:
                chosen |= structure.brings[at]
        return chosen


def take_dearest(structure: Structure, budget: Budget, part: int) -> int:
    """The dearest offer, then the dearest that goes with it, and so on, and all that conflicts with nothing."""
    return take_in_turn(structure, part, budget.worth.__getitem__)


def take_in_turn(structure: Structure, part: int, key: Callable[[int], int]) -> int:
    """The same with the offers in another order, the largest key first."""
    chosen, left = 0, part
    brings, against = structure.brings, structure.against
    contested = [at for at in bits(part) if against[at]]
    contested.sort(key=key, reverse=True)
    for at in contested:
        if left >> at & 1:
            chosen |= brings[at]
            left &= ~against[at]
    # What is left besides conflicts with nothing.
    return chosen | left


def _cliques(structure: Structure, members: int) -> list[int]:
    """The members cut into sets of which at most one can be had: stated groups first, then what else excludes each other."""
    against = structure.against
    cliques = []
    left = members
    for group in structure.groups:
        inside = group & left
        if inside & (inside - 1):
            cliques.append(inside)
            left &= ~inside
    rest: list[int] = []
    for at in bits(left):
        for number, clique in enumerate(rest):
            if not clique & ~against[at]:
                rest[number] |= 1 << at
                break
        else:
            rest.append(1 << at)
    return cliques + rest


def _nested_lids(budget: Budget, part: int) -> tuple[list[tuple[int, int]], list[int]]:
    """The lids over this part, inner ones first, without those that cross another; and the place of each one's outer lid."""
    kept: list[tuple[int, int]] = []
    for inside, most in budget.lids:
        if inside & part and (budget.parents is not None or parents_of([*(inner for inner, _ in kept), inside])):
            kept.append((inside, most))
    return kept, parents_of([inside for inside, _ in kept]) or []
