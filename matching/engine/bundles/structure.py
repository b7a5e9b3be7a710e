"""A problem's rules as bit masks: what excludes what, what comes along with what, and what can never be had."""

from collections.abc import Iterable, Iterator
from itertools import compress, count
from operator import attrgetter

from matching.engine.bundles.problem import Problem

_ID = attrgetter("id")
_DIGITS = bytes.maketrans(b"01", b"\0\1")


class Structure:
    """The rules of one problem; bit `i` is the candidate with the `i`-th smallest id, so the order of input is forgotten.

    `obtainable` are the candidates that can be in some lawful combination; `barriers` says for each of the others which
    rule shuts it out and by whom. The masks are symmetric and closed: `against[i]` are all that cannot be together with
    `i` and everything that `i` brings along (`brings[i]`, itself included).
    """

    __slots__ = (
        "_bonus", "against", "barriers", "bit", "brings", "candidates", "capped", "groups", "ids", "links", "obtainable", "place", "wanted_by",
    )  # fmt: skip

    def __init__(self, problem: Problem) -> None:
        self.candidates = sorted(problem.candidates, key=_ID)
        self.ids = list(map(_ID, self.candidates))
        self.place = dict(zip(self.ids, count()))
        if len(self.place) != len(self.ids):
            raise ValueError("an offer is a candidate twice")
        self.barriers: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._bonus: list[int] | None = None
        self.bit = [1 << at for at in range(len(self.ids))]
        """The mask of each candidate alone."""
        conflicts = [0] * len(self.ids)
        groups = [self._clique(group.members, conflicts) for group in problem.exclusive]
        pairs = [self._clique(pair, conflicts) for pair in problem.excludes]
        needed = self._needed(problem) if problem.needs else None
        self.obtainable = self._obtainable(problem, conflicts, needed)
        self._close(conflicts, needed)
        groups = sorted([group & self.obtainable for group in groups])
        self.groups = sorted(groups, key=int.bit_count, reverse=True)
        """The stated groups of which at most one member can be had, the largest first."""
        self.links = [*self.groups, *pairs, *(self.brings if needed else ())]
        """Masks of offers that have to do with each other."""
        self.capped = [self._inside(cap.members) for cap in problem.caps]
        """The obtainable members of each cap, as numbers and as a mask."""

    def _inside(self, names: Iterable[str]) -> tuple[list[int], int]:
        places = self.places(names)
        if self.barriers:
            places = [at for at in places if self.obtainable >> at & 1]
        return places, self.mask_of(places)

    def _close(self, conflicts: list[int], needed: list[int | None] | None) -> None:
        """Conflicts and needs of everything that an offer brings along, as if they were its own."""
        self.brings = self.wanted_by = self.bit
        self.against = [clash & self.obtainable for clash in conflicts] if self.barriers else conflicts
        if needed is None:
            return
        self.brings = [_closure(at, needed) if self.obtainable >> at & 1 else 0 for at in range(len(self.ids))]
        self.wanted_by = [0] * len(self.ids)
        for at in bits(self.obtainable):
            for other in bits(self.brings[at]):
                self.wanted_by[other] |= 1 << at
        self.against = [self._against(at, conflicts) for at in range(len(self.ids))]

    def mask(self, names: Iterable[str]) -> int:
        """The bits of these candidates."""
        return self.mask_of(self.places(names))

    def mask_of(self, places: Iterable[int]) -> int:
        """The bits of the candidates that have these numbers."""
        mask, bit = 0, self.bit
        for at in places:
            mask |= bit[at]
        return mask

    def places(self, names: Iterable[str]) -> list[int]:
        """The numbers of those of the names that are candidates."""
        place = self.place
        return [place[name] for name in names if name in place]

    def names(self, mask: int) -> tuple[str, ...]:
        """The ids of these bits, in order."""
        return tuple([self.ids[at] for at in bits(mask)])

    def _clique(self, names: Iterable[str], conflicts: list[int]) -> int:
        """The mask of these, after noting that each conflicts with the others."""
        place, bit = self.place, self.bit
        places = [place[name] for name in names if name in place]
        clique = 0
        for at in places:
            clique |= bit[at]
        for at in places:
            conflicts[at] |= clique ^ bit[at]
        return clique

    def _needed(self, problem: Problem) -> list[int | None]:
        """What each one needs directly; None where something it needs is no candidate."""
        needed: list[int | None] = [0] * len(self.ids)
        for name, others in problem.needs:
            at = self.place.get(name)
            if at is None:
                continue
            absent = tuple(other for other in others if other not in self.place)
            if absent:
                self.barriers.setdefault(name, ("needs", absent))
                needed[at] = None
            elif (sofar := needed[at]) is not None:
                needed[at] = sofar | self.mask(others)
        return needed

    def _obtainable(self, problem: Problem, conflicts: list[int], needed: list[int | None] | None) -> int:
        for name in sorted(problem.barred & self.place.keys()):
            self.barriers[name] = ("deal", ())
        alive = (1 << len(self.ids)) - 1 & ~self.mask(self.barriers)
        alive = self._with_what_they_need(alive, conflicts, needed)
        outranked = 0
        for group in problem.levels:
            members = list(bits(self.mask(group.members) & alive))
            top = min((self.candidates[at].level for at in members), default=0)
            first = tuple(self.ids[at] for at in members if self.candidates[at].level == top)
            for at in members:
                if self.candidates[at].level > top:
                    outranked |= 1 << at
                    self.barriers.setdefault(self.ids[at], ("higher_level_first", first))
        return self._with_what_they_need(alive & ~outranked, conflicts, needed)

    def _with_what_they_need(self, alive: int, conflicts: list[int], needed: list[int | None] | None) -> int:
        """Those whose needs, and the needs of these, are all there and go together."""
        if needed is None:
            return alive
        while True:
            kept = 0
            for at in bits(alive):
                direct = needed[at]
                if direct is None or direct & ~alive:
                    lacking = 0 if direct is None else direct & ~alive
                    self.barriers.setdefault(self.ids[at], ("needs", self.names(lacking)))
                else:
                    kept |= 1 << at
            if kept == alive:
                break
            alive = kept
        clashing = 0
        for at in bits(alive):
            closure = _closure(at, needed)
            if any(conflicts[other] & closure for other in bits(closure)):
                clashing |= 1 << at
                self.barriers.setdefault(self.ids[at], ("needs_clash", self.names(closure & ~(1 << at))))
        return alive if not clashing else self._with_what_they_need(alive & ~clashing, conflicts, needed)

    def _against(self, at: int, conflicts: list[int]) -> int:
        clash = 0
        for other in bits(self.brings[at]):
            clash |= conflicts[other]
        against = 0
        for other in bits(clash & self.obtainable):
            against |= self.wanted_by[other]
        return against

    @property
    def bonus(self) -> list[int]:
        """What settles ties of money: more offers first, then more of a higher level, then smaller ids. No two sums are equal."""
        if self._bonus is None:
            count = len(self.ids)
            lowest = max((candidate.level for candidate in self.candidates), default=0)
            width = (count + 1) ** (lowest + 1)
            self._bonus = [
                (width + (count + 1) ** (lowest - candidate.level)) << count | 1 << (count - 1 - at)
                for at, candidate in enumerate(self.candidates)
            ]
        return self._bonus


def _closure(at: int, needed: list[int | None]) -> int:
    closure, waiting = 1 << at, [at]
    while waiting:
        fresh = (needed[waiting.pop()] or 0) & ~closure
        closure |= fresh
        waiting.extend(bits(fresh))
    return closure


def bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set, the lowest first."""
    # Read off the binary digits, without a step of Python for each: most masks here are dense.
    return compress(count(), bin(mask)[:1:-1].encode().translate(_DIGITS))


def is_lawful(problem: Problem, chosen: frozenset[str]) -> bool:
    """Whether the rules allow this combination, read straight from the problem (caps cut payments, they forbid nothing)."""
    if not chosen.issubset(map(_ID, problem.candidates)) or chosen & problem.barred:
        return False
    if any(len(group.members & chosen) > 1 for group in problem.exclusive):
        return False
    if any(one in chosen and other in chosen and one != other for one, other in problem.excludes):
        return False
    return not any(name in chosen and not chosen.issuperset(others) for name, others in problem.needs)
