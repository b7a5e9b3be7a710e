"""The best sets at both ends of the amounts, the runner-up, and what each left-out offer of unknown amount would have to give."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from matching.engine.bundles.problem import ENDS, End, Problem
from matching.engine.bundles.search import Found
from matching.engine.bundles.solving import Combination, solution_of
from matching.engine.bundles.structure import Structure, bits

# For each offer that is left out one more search is needed, so it is a shorter one.
RIVAL_NODES = 300


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """The best lawful set with an offer that the best one leaves out, compared at one end; `less` in whole fen."""

    end: End
    chosen: int
    less: int
    proven: bool


@dataclass(frozen=True, slots=True)
class Rival:
    """The best set with an offer whose amount is not known; `needed` is what the offer must give for it to be better."""

    chosen: int
    less: int
    needed: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Everything that was decided about one problem; sets are bit masks of `structure`."""

    structure: Structure
    low: Combination
    high: Combination
    low_set: int
    high_set: int
    proven: bool
    runner_up: RunnerUp | None
    rivals: dict[tuple[int, End], Rival]

    def set_at(self, end: End) -> int:
        """The best set at this end."""
        return self.low_set if end == "low" else self.high_set


def choose(problem: Problem) -> Choice:
    """The best sets of the problem, made one wherever one set is best at both ends."""
    structure = Structure(problem)
    low, high = (Combination(structure, problem, end) for end in ENDS)
    sets, proven = [], True
    for side in (low, high):
        found, runs = side.best()
        solution = solution_of(side, found, runs)
        sets.append(structure.mask(solution.chosen))
        proven = proven and solution.proven
    low_set, high_set = _as_one(low, high, *sets)
    rivals: dict[tuple[int, End], Rival] = {}
    for side, chosen in ((low, low_set), (high, high_set)):
        rivals |= {(at, side.end): rival for at, rival in _rivals(side, chosen)}
    # Where nothing that is contested has a low end, only the high ends tell the sets apart.
    contested = any(low.budget.worth[at] for part in low.parts for at in bits(part))
    side, chosen = (low, low_set) if contested else (high, high_set)
    return Choice(structure, low, high, low_set, high_set, proven, _runner_up(side, chosen, rivals), rivals)


def _as_one(low: Combination, high: Combination, low_set: int, high_set: int) -> tuple[int, int]:
    """Takes one set for both ends in every part where it pays as much as the other one does at the other's end."""
    for part in _joined([*low.parts, *high.parts]):
        at_low, at_high = low_set & part, high_set & part
        if at_low == at_high:
            continue
        if low.budget.paid(at_high) == low.budget.paid(at_low):
            low_set = low_set & ~part | at_high
        elif high.budget.paid(at_low) == high.budget.paid(at_high):
            high_set = high_set & ~part | at_low
    return low_set, high_set


def _joined(parts: list[int]) -> list[int]:
    joined: list[int] = []
    for part in parts:
        for other in [other for other in joined if other & part]:
            joined.remove(other)
            part |= other
        joined.append(part)
    return joined


def _left_out(side: Combination, chosen: int) -> Iterable[tuple[int, int]]:
    """The contested offers that are obtainable and not chosen, with their part."""
    for part in side.parts:
        for at in bits(part & ~chosen):
            yield at, part


def _with(side: Combination, at: int, part: int, beat: int) -> Found:
    """The best set of the part with this offer, filled up with all that goes along; empty if none pays more than `beat`."""
    search, start = side.search(part), side.structure.brings[at]
    found = search.most(RIVAL_NODES, start=start, beat=beat)
    return Found(search.filled(found.chosen), *found[1:]) if found.chosen else found


def _rivals(side: Combination, chosen: int) -> Iterable[tuple[int, Rival]]:
    for at, part in _left_out(side, chosen):
        if side.structure.candidates[at].known(side.end):
            continue
        found = _with(side, at, part, -1)
        less = max(0, int(side.budget.paid(chosen & part) - found.paid))
        yield at, Rival(chosen & ~part | found.chosen, less, less + side.budget.worth[at])


def _runner_up(side: Combination, chosen: int, rivals: Mapping[tuple[int, End], Rival]) -> RunnerUp | None:
    best: RunnerUp | None = None
    proven = True
    for at, part in _left_out(side, chosen):
        rival = rivals.get((at, side.end))
        if rival is not None:
            candidate = RunnerUp(side.end, rival.chosen, rival.less, True)
        else:
            paid = side.budget.paid(chosen & part)
            found = _with(side, at, part, -1 if best is None else int(paid) - best.less)
            proven = proven and found.proven
            if not found.chosen:
                continue
            candidate = RunnerUp(side.end, chosen & ~part | found.chosen, max(0, int(paid - found.paid)), True)
        if best is None or candidate.less < best.less:
            best = candidate
    return None if best is None else replace(best, proven=proven)
