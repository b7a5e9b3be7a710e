"""What somebody can work out who knows some counts, and how all of them add up: the linear programs behind it."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import highspy
import numpy as np

Cell = Hashable

_APART = 0.5
"""Counts are whole: two solutions that differ by less are one."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The whole is what its parts add up to."""

    whole: Cell
    parts: tuple[Cell, ...]


def worked_out(
    counts: Mapping[Cell, int], sums: Sequence[Sum], floors: Mapping[Cell, int], wanted: Iterable[Cell]
) -> list[Cell]:
    """The wanted cells that can have no other count than they have.

    `floors` has the cells that are not known, each with the least that it is known to be.
    """
    fixed = list(dict.fromkeys(wanted))
    if not fixed:
        return []
    program = _Program(counts, sums, floors)
    # A solution that differs from the truth proves for many cells at once that they are not fixed.
    for sign in (1, -1):
        fixed = program.still_fixed(fixed, program.solve(dict.fromkeys(fixed, sign)))
    found = []
    while fixed:
        cell = fixed.pop(0)
        solutions = [program.solve({cell: sign}) for sign in (1, -1)]
        if all(program.still_fixed([cell], solution) for solution in solutions):
            found.append(cell)
        for solution in solutions:
            fixed = program.still_fixed(fixed, solution)
    return found


class _Program:
    """One variable for each cell that is not known, one row for each sum with such a cell."""

    def __init__(self, counts: Mapping[Cell, int], sums: Sequence[Sum], floors: Mapping[Cell, int]) -> None:
        self.counts = counts
        self.column = {cell: at for at, cell in enumerate(floors)}
        rows = [row for row in map(self._row, sums) if row[0]]
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(floors), len(rows)
        model.col_cost_ = np.zeros(len(floors))
        model.col_lower_ = np.array(list(floors.values()), float)
        # Far above everything, so that the programs have an end.
        model.col_upper_ = np.full(len(floors), 10.0 * max(counts.values()) + 100)
        model.row_lower_ = model.row_upper_ = np.array([right for _, right in rows], float)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = [0, *np.cumsum([len(row) for row, _ in rows]).tolist()]
        model.a_matrix_.index_ = [at for row, _ in rows for at in row]
        model.a_matrix_.value_ = [factor for row, _ in rows for factor in row.values()]
        # The class that is meant for use prints a banner when it is made; its base does not.
        self.solver = highspy._Highs()  # type: ignore[attr-defined]
        for option, value in {"output_flag": False, "threads": 1, "parallel": "off"}.items():
            self.solver.setOptionValue(option, value)
        if self.solver.passModel(model) == highspy.HighsStatus.kError:
            raise AssertionError("the solver refused the model")

    def _row(self, one: Sum) -> tuple[dict[int, float], int]:
        """The parts less the whole, and what they come to as far as they are known."""
        row: dict[int, float] = {}
        right = 0
        for cell, factor in ((one.whole, -1), *((part, 1) for part in one.parts)):
            if cell in self.column:
                row[self.column[cell]] = factor
            else:
                right -= factor * self.counts[cell]
        return row, right

    def solve(self, costs: Mapping[Cell, int]) -> list[float]:
        """The counts for which these come to the least."""
        for cell, cost in costs.items():
            self.solver.changeColCost(self.column[cell], cost)
        if self.solver.run() == highspy.HighsStatus.kError:
            # HiGHS has one set of threads per process: somebody else has started it with another number of them.
            self.solver.resetGlobalScheduler(True)
            if self.solver.run() == highspy.HighsStatus.kError:
                raise AssertionError("the solver did not run")
        for cell in costs:
            self.solver.changeColCost(self.column[cell], 0)
        return list(self.solver.getSolution().col_value)

    def still_fixed(self, cells: Collection[Cell], solution: Sequence[float]) -> list[Cell]:
        """The cells that have the same count in the solution as in truth."""
        return [cell for cell in cells if abs(solution[self.column[cell]] - self.counts[cell]) < _APART]
