"""Payments by year and by the caps they are under: what each offer gets when several caps bind, to the fen."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from matching.engine.bundles.problem import Cap
from matching.engine.bundles.simplex import most_of
from matching.engine.bundles.structure import bits


class Limit(NamedTuple):
    """One cap in one period that can bind: the classes of payments under it, together at most `most`."""

    most: int
    classes: tuple[int, ...]
    cap: int


class Ledger:
    """The payments of all candidates, sorted into classes: all payments under the same binding caps are one class."""

    __slots__ = ("classes", "free", "limits", "nested", "parts", "pays")

    def __init__(
        self,
        pays: Sequence[tuple[int, ...]],
        members: Sequence[Sequence[int]],
        caps: Sequence[Cap],
        binding: Mapping[tuple[int, int], int],
    ) -> None:
        """`binding` are the limits by cap and period."""
        self.pays = pays
        self.free = [sum(years) for years in pays]
        """What of each candidate's payments is under no binding cap."""
        self.parts: list[tuple[tuple[int, int, int], ...]] = [()] * len(pays)
        """The rest: class, year and amount."""
        over: dict[int, list[int]] = {}
        for number in sorted({number for number, _ in binding}):
            for at in members[number]:
                over.setdefault(at, []).append(number)
        keys: dict[tuple[tuple[int, int], ...], int] = {}
        for at, numbers in over.items():
            parts = []
            for year, paid in enumerate(pays[at]):
                key = tuple(
                    place
                    for number in numbers
                    if (place := (number, caps[number].period(year) if year else 0)) in binding
                )
                if key and paid:
                    parts.append((keys.setdefault(key, len(keys)), year, paid))
                    self.free[at] -= paid
            self.parts[at] = tuple(parts)
        self.classes = len(keys)
        under: dict[tuple[int, int], list[int]] = {place: [] for place in binding}
        for key, which in keys.items():
            for place in key:
                under[place].append(which)
        limits = [Limit(most, tuple(under[place]), place[0]) for place, most in binding.items()]
        # Inner caps first: paying as much as each allows, from the inside out, is the most where caps are nested.
        self.limits = sorted(limits, key=lambda limit: (len(limit.classes), limit.most, limit.cap))
        self.nested = _are_nested([limit.classes for limit in self.limits])

    def sums(self, chosen: int) -> list[int]:
        """What the chosen offers would pay in each class without caps."""
        sums = [0] * self.classes
        for at in bits(chosen):
            for which, _, paid in self.parts[at]:
                sums[which] += paid
        return sums

    def paid(self, chosen: int, beat: int | Fraction = -1) -> int | Fraction:
        """The most that the chosen offers may pay together; any number up to `beat` where they surely pay no more than that."""
        total = 0
        for at in bits(chosen):
            total += self.free[at]
        sums = self.sums(chosen)
        broken = self._broken(sums)
        if not broken:
            return total + sum(sums)
        if not self.nested and (roof := total + _roof(sums, broken)) <= beat:
            return roof
        return total + sum(self._pay(sums, broken))

    def _broken(self, sums: Sequence[int]) -> list[Limit]:
        return [limit for limit in self.limits if sum([sums[which] for which in limit.classes]) > limit.most]

    def pay_classes(self, sums: Sequence[int]) -> list[int] | list[Fraction]:
        """What each class pays under the limits, the total being the most that is possible."""
        return self._pay(sums, self._broken(sums))

    def _pay(self, sums: Sequence[int], broken: list[Limit]) -> list[int] | list[Fraction]:
        if not broken:
            return list(sums)
        return _pay_nested(sums, broken) if self.nested else _pay_crossing(sums, broken)

    def payments(self, chosen: int) -> dict[tuple[int, int], int]:
        """What each chosen offer is paid in each year, in whole fen: under a cap the earlier years first, then the smaller ids."""
        room = [int(paid // 1) for paid in self.pay_classes(self.sums(chosen))]
        payments: dict[tuple[int, int], int] = {}
        capped = []
        for at in bits(chosen):
            payments |= {(at, year): paid for year, paid in enumerate(self.pays[at])}
            capped += [(year, at, which, paid) for which, year, paid in self.parts[at]]
        for year, at, which, paid in sorted(capped):
            payments[at, year] = min(paid, room[which])
            room[which] -= payments[at, year]
        return payments

    def cut(self, chosen: int) -> dict[int, int]:
        """The caps that bind on the chosen offers, with what they would pay above the cap, over all its periods."""
        sums = self.sums(chosen)
        over: dict[int, int] = {}
        for limit in self.limits:
            excess = sum(sums[which] for which in limit.classes) - limit.most
            if excess > 0:
                over[limit.cap] = over.get(limit.cap, 0) + excess
        return over


def _are_nested(sets: Sequence[tuple[int, ...]]) -> bool:
    """Whether of any two sets, the smaller first, one lies in the other or they have nothing in common."""
    masks = [sum(1 << which for which in classes) for classes in sets]
    return all(not small & ~large or not small & large for at, small in enumerate(masks) for large in masks[at + 1 :])


def _pay_nested(sums: Sequence[int], limits: list[Limit]) -> list[int]:
    """Classes are paid one after another as far as every limit leaves room: the most, since limits are nested."""
    room = [limit.most for limit in limits]
    over: dict[int, list[int]] = {}
    for number, limit in enumerate(limits):
        for which in limit.classes:
            over.setdefault(which, []).append(number)
    paid = list(sums)
    for which, numbers in over.items():
        paid[which] = min(paid[which], *(room[number] for number in numbers))
        for number in numbers:
            room[number] -= paid[which]
    return paid


def _pay_crossing(sums: Sequence[int], limits: list[Limit]) -> list[int] | list[Fraction]:
    """The same for limits that cross: one after another where that is provably the most, else by the exact simplex method."""
    under = [sum([which in limit.classes for limit in limits]) for which in range(len(sums))]
    paid = _pay_in_turn(sums, limits, sorted(range(len(sums)), key=under.__getitem__))
    if sum(paid) == _roof(sums, limits):
        return paid
    bound = [which for which, count in enumerate(under) if count and sums[which]]
    column = {which: place for place, which in enumerate(bound)}
    rows = [([column[which] for which in limit.classes if which in column], limit.most) for limit in limits]
    exact = [Fraction(paid) for paid in sums]
    for which, most in zip(bound, most_of([sums[which] for which in bound], rows), strict=True):
        exact[which] = most
    return exact


def _pay_in_turn(sums: Sequence[int], limits: list[Limit], order: Sequence[int]) -> list[int]:
    paid, room = list(sums), [limit.most for limit in limits]
    over: list[list[int]] = [[] for _ in sums]
    for number, limit in enumerate(limits):
        for which in limit.classes:
            over[which].append(number)
    for which in order:
        for number in over[which]:
            paid[which] = min(paid[which], room[number])
        for number in over[which]:
            room[number] -= paid[which]
    return paid


def _roof(sums: Sequence[int], limits: list[Limit]) -> int:
    """At most this is paid: each limit in turn covers what no limit before it covers, where that is less than the sum."""
    total, left = 0, set(range(len(sums)))
    for limit in sorted(limits, key=lambda limit: limit.most - sum(sums[which] for which in limit.classes)):
        own = left.intersection(limit.classes)
        if sum(sums[which] for which in own) > limit.most:
            total += limit.most
            left -= own
    return total + sum(sums[which] for which in left)
