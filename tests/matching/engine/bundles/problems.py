"""Small problems, drawn at random or written by hand, and their solution by trying every set."""

from functools import cache
from itertools import combinations
from random import Random

import numpy as np
from hypothesis import strategies as st

from matching.engine.bundles import Candidate, Cap, Group, Problem

FEW = 8
MOST = 16


def offer(name, low, high="same", level=0):
    """A candidate that pays in one year; `low` and `high` in fen, None: not known."""

    def paid(fen):
        return None if fen is None else fen if isinstance(fen, tuple) else (fen,)

    return Candidate(name, paid(low), paid(low if high == "same" else high), level)


def group(*members, name="g"):
    return Group(name, frozenset(members))


def cap(limit, *members, per="company", high="same"):
    return Cap("c", frozenset(members), limit, limit if high == "same" else high, per)


@cache
def every_set(count):
    """One row for each subset of so many candidates."""
    return (np.arange(1 << count)[:, None] >> np.arange(count)) & 1


class BruteForce:
    """Every subset of the candidates, which of them are lawful, and what each pays; made without the engine.

    Payments under caps come from duality: the most that can be paid is the least that some choice of caps, together with
    the payments outside them, covers. That is exact where the caps form two families, each nested in itself.
    """

    def __init__(self, problem):
        self.problem = problem
        self.names = [candidate.id for candidate in problem.candidates]
        self.sets = every_set(len(self.names))
        self.lawful = self._lawful()
        self._paid = {}

    def _column(self, name):
        return self.sets[:, self.names.index(name)]

    def _columns(self, names):
        return [self._column(name) for name in names if name in self.names]

    def _lawful(self):
        problem = self.problem
        lawful = np.ones(len(self.sets), dtype=bool)
        for one in problem.exclusive:
            lawful &= sum(self._columns(one.members), start=np.zeros(len(self.sets), dtype=int)) <= 1
        for pair in problem.excludes:
            if set(pair) <= set(self.names):
                lawful &= self._column(pair[0]) + self._column(pair[1]) < 2
        for name, others in problem.needs:
            if name in self.names:
                for other in others:
                    there = self._column(other) if other in self.names else 0
                    lawful &= (self._column(name) == 0) | (there == 1)
        for name in problem.barred & set(self.names):
            lawful &= self._column(name) == 0
        available = {name for name in self.names if (lawful & (self._column(name) == 1)).any()}
        levels = {candidate.id: candidate.level for candidate in problem.candidates}
        for one in problem.levels:
            members = one.members & available
            top = min((levels[name] for name in members), default=0)
            for name in members:
                if levels[name] > top:
                    lawful &= self._column(name) == 0
        return lawful

    def paid(self, end):
        """What each subset pays at this end."""
        if end not in self._paid:
            self._paid[end] = self._payments(end)
        return self._paid[end]

    def _payments(self, end):
        cells = [
            (at, year, fen)
            for at, candidate in enumerate(self.problem.candidates)
            for year, fen in enumerate(candidate.counted(end))
        ]
        limits = []
        for one in self.problem.caps:
            if one.limit(end) is not None:
                for period in {one.period(year) for _, year, _ in cells}:
                    under = {
                        number
                        for number, (at, year, _) in enumerate(cells)
                        if self.names[at] in one.members and one.period(year) == period
                    }
                    limits.append((one.limit(end), under))
        least = None
        for count in range(len(limits) + 1):
            for chosen in combinations(limits, count):
                covered = set().union(*(under for _, under in chosen))
                pays = np.zeros(len(self.names), dtype=np.int64)
                for number, (at, _, fen) in enumerate(cells):
                    if number not in covered:
                        pays[at] += fen
                total = self.sets @ pays + sum(limit for limit, _ in chosen)
                least = total if least is None else np.minimum(least, total)
        return least

    def best(self, end):
        """The most that a lawful set pays."""
        return int(self.paid(end)[self.lawful].max())

    def winner(self, end):
        """The best set, ties settled: more offers, then more of the highest levels, then the smaller ids."""
        paid = self.paid(end)
        levels = [candidate.level for candidate in self.problem.candidates]

        def rank(row):
            members = [at for at in range(len(self.names)) if self.sets[row, at]]
            by_level = tuple(sum(levels[at] == level for at in members) for level in range(max(levels, default=0) + 1))
            ids = sorted(self.names[at] for at in members)
            order = tuple(name not in ids for name in sorted(self.names))
            return (-paid[row], -len(members), tuple(-count for count in by_level), order)

        best = min((int(row) for row in np.flatnonzero(self.lawful & (paid == self.best(end)))), key=rank)
        return frozenset(name for at, name in enumerate(self.names) if self.sets[best, at])

    def is_lawful(self, chosen):
        row = sum(1 << at for at, name in enumerate(self.names) if name in chosen)
        return bool(self.lawful[row])

    def paid_by(self, chosen, end):
        row = sum(1 << at for at, name in enumerate(self.names) if name in chosen)
        return int(self.paid(end)[row])


def amounts(most):
    return st.one_of(
        st.none(),
        st.integers(0, most).map(lambda fen: (fen,)),
        st.lists(st.integers(0, most), min_size=2, max_size=3).map(tuple),
    )


@st.composite
def problems(draw, most_candidates=MOST, most_fen=40, least_candidates=1, caps=True):
    """Any problem whose caps form two nested families: by group of offers and by policy, with one over all."""
    count = draw(st.integers(least_candidates, most_candidates))
    names = [f"o{number:02}" for number in range(count)]
    candidates = []
    for name in draw(st.permutations(names)):
        low = draw(amounts(most_fen))
        more = draw(st.one_of(st.none(), st.integers(0, most_fen)))
        high = None if more is None else (more,) if low is None else (low[0] + more, *low[1:])
        candidates.append(Candidate(name, low, high, draw(st.integers(0, 2))))
    some = st.lists(st.sampled_from(names), min_size=1, max_size=5, unique=True).map(frozenset)
    pair = st.tuples(st.sampled_from(names), st.sampled_from([*names, "elsewhere"])).filter(
        lambda two: two[0] != two[1]
    )
    needs = draw(st.lists(pair, max_size=2))
    return Problem(
        tuple(candidates),
        exclusive=tuple(
            Group(f"g{at}", members) for at, members in enumerate(draw(st.lists(some, max_size=count // 3 + 1)))
        ),
        levels=tuple(Group("level", members) for members in draw(st.lists(some, max_size=1))),
        excludes=tuple(draw(st.lists(pair, max_size=count // 3))),
        needs=tuple((one, (other,)) for one, other in needs),
        caps=tuple(draw(caps_in_two_families(names, most_fen))) if caps else (),
        barred=frozenset(draw(st.lists(st.sampled_from(names), max_size=1))),
    )


@st.composite
def caps_in_two_families(draw, names, most_fen):
    limit = st.integers(0, most_fen * max(2, len(names) // 2))
    found = []
    by_group = draw(st.sampled_from(["none", "year", "company", "both", "three_years"]))
    members = frozenset(draw(st.lists(st.sampled_from(names), unique=True)))
    if by_group != "none" and members:
        for per in ("year", "company") if by_group == "both" else (by_group,):
            found.append(draw(a_cap(f"group-{per}", members, limit, per)))
    policy = frozenset(draw(st.lists(st.sampled_from(names), unique=True)))
    if policy and draw(st.booleans()):
        found.append(draw(a_cap("policy", policy, limit, "company")))
    if draw(st.booleans()):
        found.append(draw(a_cap("all", frozenset(names), limit, "company")))
    return found


@st.composite
def a_cap(draw, name, members, limit, per):
    low = draw(limit)
    more = draw(st.one_of(st.none(), st.integers(0, low + 1)))
    return Cap(name, members, low, None if more is None else low + more, per)


def sixty(seed):
    """Sixty offers that all compete: overlapping groups of two to five, seven shared caps and a cap over everything."""
    random = Random(seed)
    names = [f"o{number:02}" for number in range(60)]
    worth = {name: random.randint(1, 300) * 10_000 for name in names}
    groups = [Group(f"g{at}", frozenset(random.sample(names, random.randint(2, 5)))) for at in range(30)]
    mixed = random.sample(names, 60)
    caps = [_share_of(worth, names, random.uniform(0.25, 0.6))]
    caps += [_share_of(worth, mixed[at::8], random.uniform(0.2, 0.6)) for at in range(7)]
    return Problem(
        tuple(offer(name, worth[name], level=random.randrange(3)) for name in names), tuple(groups), caps=tuple(caps)
    )


def crossing(seed):
    """Thirty offers under caps that cross each other, some paid over several years: more than the search can settle."""
    random = Random(seed)
    names = [f"o{number:02}" for number in range(30)]
    pays = {name: (random.randint(1, 300) * 10_000,) * random.choice((1, 1, 2)) for name in names}
    groups = [Group(f"g{at}", frozenset(random.sample(names, random.randint(2, 5)))) for at in range(12)]
    worth = {name: sum(years) for name, years in pays.items()}
    caps = [_share_of(worth, random.sample(names, random.randint(5, 12)), random.uniform(0.3, 0.6)) for _ in range(6)]
    return Problem(tuple(offer(name, pays[name]) for name in names), tuple(groups), caps=tuple(caps))


def _share_of(worth, names, share):
    most = int(sum(worth[name] for name in names) * share) // 10_000 * 10_000
    return Cap("c", frozenset(names), most, most)
