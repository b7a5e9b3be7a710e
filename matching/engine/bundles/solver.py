"""The same question put to HiGHS, for parts of a problem that the search cannot settle, and for comparison.

The solver computes in floating point, so only its choice of offers is taken: what they pay is summed again in whole fen.
One thread, no clock: the work is limited in nodes.
"""

from functools import reduce
from math import gcd
from typing import Any

import highspy
import numpy as np

from matching.engine.bundles.budgets import Budget
from matching.engine.bundles.ledgers import Ledger
from matching.engine.bundles.search import Found
from matching.engine.bundles.structure import Structure, bits

# Above this many units the solver's tolerances could hide a unit, so its word is not taken as a proof.
_MOST_UNITS = 10**8


def solve_with_highs(structure: Structure, budget: Budget, part: int, nodes: int) -> Found:
    """The set of offers of this part that pays most, with `proven` as far as the solver can say."""
    members = list(bits(part & structure.obtainable))
    unit = _unit(budget.ledger, members)
    model = _Rows(structure, budget.ledger, members, unit)
    # The class that is meant for use prints a banner when it is made; its base does not.
    solver = highspy._Highs()  # type: ignore[attr-defined]
    for option, value in _OPTIONS.items():
        solver.setOptionValue(option, value)
    solver.setOptionValue("mip_max_nodes", nodes)
    if solver.passModel(model.build()) == highspy.HighsStatus.kError:
        raise AssertionError("the solver refused the model")
    if solver.run() == highspy.HighsStatus.kError:
        # HiGHS has one set of threads per process: somebody else has started it with another number of them.
        solver.resetGlobalScheduler(True)
        if solver.run() == highspy.HighsStatus.kError:
            raise AssertionError("the solver did not run")
    values = solver.getSolution().col_value
    chosen = 0
    if len(values) >= len(members):
        chosen |= sum(1 << at for at in members if values[model.column[at]] > 0.5)
    chosen = _repaired(structure, chosen)
    paid = budget.paid(chosen)
    info = solver.getInfo()
    solved = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    small = model.ceiling <= _MOST_UNITS
    proven = solved and small and info.mip_dual_bound * unit < paid + unit / 2
    return Found(chosen, paid, proven, int(max(info.mip_node_count, 1)))


_OPTIONS: dict[str, Any] = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "random_seed": 0,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 0.0,
}


def _unit(ledger: Ledger, members: list[int]) -> int:
    """The largest amount of which every payment and cap is a whole multiple: small numbers suit the solver."""
    amounts = [paid for at in members for _, _, paid in ledger.parts[at]] + [ledger.free[at] for at in members]
    amounts += [limit.most for limit in ledger.limits]
    return reduce(gcd, amounts, 0) or 1


def _repaired(structure: Structure, chosen: int) -> int:
    """The solver's set without anything that does not go together, should a tolerance have let it through."""
    kept = 0
    for at in bits(chosen):
        if not structure.against[at] & kept and not structure.brings[at] & ~chosen:
            kept |= structure.brings[at]
    return kept


class _Rows:
    """The model: a yes/no column for each offer, and for each class of payments under the same caps what it pays."""

    def __init__(self, structure: Structure, ledger: Ledger, members: list[int], unit: int) -> None:
        self.structure, self.ledger, self.unit = structure, ledger, unit
        self.column = {at: place for place, at in enumerate(members)}
        self.count = len(members)
        used = sorted({which for at in members for which, _, _ in ledger.parts[at]})
        self.class_column = {which: self.count + place for place, which in enumerate(used)}
        self.index: list[int] = []
        self.value: list[float] = []
        self.starts: list[int] = []
        self.upper: list[float] = []
        self.ceiling = sum(sum(ledger.pays[at]) for at in members) // unit

    def _row(self, entries: list[tuple[int, int]], most: int) -> None:
        self.starts.append(len(self.index))
        self.index.extend(place for place, _ in entries)
        self.value.extend(float(value) for _, value in entries)
        self.upper.append(float(most))

    def build(self) -> highspy.HighsLp:
        """The model for the solver."""
        column, ledger, unit = self.column, self.ledger, self.unit
        self._rows_of_conflicts()
        for at, place in column.items():
            for other in bits(self.structure.brings[at] & ~(1 << at)):
                self._row([(place, 1), (column[other], -1)], 0)
        for which, place in self.class_column.items():
            sums: dict[int, int] = {}
            for at in column:
                for own, _, paid in ledger.parts[at]:
                    if own == which:  # instalments of several years may fall under the same caps
                        sums[at] = sums.get(at, 0) + paid
            self._row([(place, 1), *((column[at], -paid // unit) for at, paid in sums.items())], 0)
        for limit in ledger.limits:
            entries = [(self.class_column[which], 1) for which in limit.classes if which in self.class_column]
            if entries:
                self._row(entries, limit.most // unit)
        lp = highspy.HighsLp()
        lp.num_col_ = self.count + len(self.class_column)
        lp.num_row_ = len(self.upper)
        lp.sense_ = highspy.ObjSense.kMaximize
        cost = [ledger.free[at] // unit for at in column] + [1] * len(self.class_column)
        lp.col_cost_ = np.array(cost, dtype=np.float64)
        lp.col_lower_ = np.zeros(lp.num_col_)
        lp.col_upper_ = np.array([1.0] * self.count + [highspy.kHighsInf] * len(self.class_column))
        kinds = [highspy.HighsVarType.kInteger] * self.count + [highspy.HighsVarType.kContinuous] * len(
            self.class_column
        )
        lp.integrality_ = kinds
        lp.row_lower_ = np.full(len(self.upper), -highspy.kHighsInf)
        lp.row_upper_ = np.array(self.upper)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array([*self.starts, len(self.index)], dtype=np.int32)
        lp.a_matrix_.index_ = np.array(self.index, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(self.value)
        return lp

    def _rows_of_conflicts(self) -> None:
        """Groups that exclude each other as one row each, until every conflict is in some row."""
        against, column = self.structure.against, self.column
        inside = sum(1 << at for at in column)
        left = {at: against[at] & inside for at in column}
        for at in column:
            while left[at]:
                clique = 1 << at
                common = left[at]
                while common:
                    other = (common & -common).bit_length() - 1
                    clique |= 1 << other
                    common &= against[other]
                places = list(bits(clique))
                self._row([(column[member], 1) for member in places], 1)
                for member in places:
                    left[member] &= ~clique
