"""The best lawful set of a problem: parts that do not touch each other one by one, search first, then the solver."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from matching.engine.bundles.budgets import Budget
from matching.engine.bundles.exchanging import exchange, take_sparing
from matching.engine.bundles.problem import End, Problem
from matching.engine.bundles.search import Found, Search, take_dearest
from matching.engine.bundles.structure import Structure, bits, is_lawful

Strategy = Literal["search_then_solver", "search", "solver"]

# Chosen by the bench: beyond this the solver is quicker than more search.
SEARCH_NODES = 200
TIE_NODES = 400
# In larger parts so many sets pay the same that looking for the best of them would cost more than finding one.
TIE_OFFERS = 20
SOLVER_NODES = 2_000


@dataclass(frozen=True, slots=True)
class Solution:
    """A lawful set of offers and the most it can pay at one end, in fen; `proven`: no lawful set pays more."""

    chosen: frozenset[str]
    paid: int | Fraction
    proven: bool
    searched: int
    """Nodes that the search looked at."""
    solver_runs: int
    """Parts that were given to the solver."""


class Combination:
    """A problem at one end, prepared once and solved for as many questions as there are about it."""

    def __init__(self, structure: Structure, problem: Problem, end: End) -> None:
        self.structure, self.problem, self.end = structure, problem, end
        self.budget = Budget(structure.candidates, structure.capped, problem.caps, end)
        self.parts = _parts(structure, self.budget)
        self._searches: dict[int, Search] = {}

    def search(self, part: int) -> Search:
        """The search over one part, prepared when it is first needed."""
        found = self._searches.get(part)
        if found is None:
            found = self._searches[part] = Search(self.structure, self.budget, part)
        return found

    def best(self, strategy: Strategy = "search_then_solver", *, ties: bool = True) -> tuple[dict[int, Found], int]:
        """The best set of every part, and how many of them the solver had to settle."""
        if strategy == "solver":
            part = self.structure.obtainable
            return {part: self._solved(part)}, 1
        found, runs = {}, 0
        for part in self.parts:
            found[part], ran = self.best_of(part, strategy)
            if ties and part.bit_count() <= TIE_OFFERS:
                found[part] = self.search(part).settle_ties(found[part], TIE_NODES)
            runs += ran
        return found, runs

    def best_of(self, part: int, strategy: Strategy) -> tuple[Found, int]:
        """A set of one part that pays most, and whether the solver had to settle it."""
        budget = self.budget
        # Where ties are not settled, any set that pays most will do, so a better start is worth its own work.
        large = part.bit_count() > TIE_OFFERS and budget.lids_say_all
        first = (take_sparing if large else take_dearest)(self.structure, budget, part)
        paid = budget.paid(first)
        if paid == budget.paid(part):
            return Found(first, paid, True, 0), 0
        search, runs = self.search(part), 0
        if large:
            first = exchange(search, first)
            paid = budget.paid(first)
        found = search.most(SEARCH_NODES, beat=paid, known=first)
        if not found.proven and strategy != "search":
            runs = 1
            solved = self._solved(part)
            better = solved if solved.paid > found.paid else found
            found = Found(better.chosen, better.paid, solved.proven, found.nodes)
            if not found.proven:
                again = search.most(SEARCH_NODES, beat=found.paid, known=found.chosen)
                found = Found(again.chosen, again.paid, again.proven, found.nodes + again.nodes)
        return Found(search.filled(found.chosen), *found[1:]), runs

    def _solved(self, part: int) -> Found:
        """What the solver makes of one part."""
        # Few companies ever need it, and loading it costs every command and worker a good part of a second.
        from matching.engine.bundles.solver import solve_with_highs

        return solve_with_highs(self.structure, self.budget, part, SOLVER_NODES)


def solve(problem: Problem, end: End, strategy: Strategy = "search_then_solver", *, ties: bool = True) -> Solution:
    """The lawful set that pays most at this end of the amounts.

    Ties go to more offers, then to a higher level, then to the smaller ids. `strategy` is there for comparison: "search"
    never asks the solver, "solver" asks it at once for the whole problem. Without `ties`, and with the solver alone, any
    set that pays most will do.
    """
    combination = Combination(Structure(problem), problem, end)
    found, runs = combination.best(strategy, ties=ties)
    return solution_of(combination, found, runs)


def solution_of(combination: Combination, found: Mapping[int, Found], runs: int = 0) -> Solution:
    """The sets of the parts and everything that is in no part, put together and checked once more against the rules."""
    chosen, proven, nodes = combination.structure.obtainable & ~sum(found), True, 0
    paid = combination.budget.paid(chosen)
    for part in found.values():
        chosen |= part.chosen
        paid += part.paid
        proven = proven and part.proven
        nodes += part.nodes
    names = frozenset(combination.structure.names(chosen))
    if not is_lawful(combination.problem, names) or chosen & ~combination.structure.obtainable:
        raise AssertionError(f"not a lawful combination: {sorted(names)}")
    return Solution(names, paid, proven, nodes, runs)


def _parts(structure: Structure, budget: Budget) -> list[int]:
    """The contested offers in parts that share no conflict, need or binding cap; with all that use up a cap of theirs."""
    if any(members == structure.obtainable for members, _ in budget.lids):
        return [structure.obtainable] if any(structure.against) else []
    parts: list[int] = []
    for link in (*structure.links, *(members for members, _ in budget.lids)):
        part = link & structure.obtainable
        if part:
            apart = [other for other in parts if not other & part]
            for other in parts:
                if other & part:
                    part |= other
            parts = [*apart, part]
    against = structure.against
    return sorted(part for part in parts if any(against[at] for at in bits(part)))
