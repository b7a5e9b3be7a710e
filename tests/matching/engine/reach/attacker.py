"""Somebody who reads a printed table and knows how its counts add up: what of the hidden can they work out?

Solved as linear programs over everything that is not printed, by a solver that has nothing to do with the hiding.
"""

from __future__ import annotations

from functools import cached_property

import highspy
import numpy as np


class Attacker:
    """Collects what is known; counts are given by name, those not known as None."""

    def __init__(self):
        self.names: dict[object, int] = {}
        self.floors: list[int] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []

    def sees(self, parts, total, most=None):
        """The parts (name: value or None, with its least) add up to `total`, or to between `total` and `most`."""
        known = sum(factor * value for _name, factor, value, _least in parts if value is not None)
        unknown: dict[int, float] = {}
        for name, factor, value, least in parts:
            if value is None:
                at = self.variable(name, least)
                unknown[at] = unknown.get(at, 0) + factor
        if unknown:
            self.rows.append((unknown, total - known, (total if most is None else most) - known))

    def variable(self, name, least):
        at = self.names.setdefault(name, len(self.names))
        if at == len(self.floors):
            self.floors.append(least)
        self.floors[at] = max(self.floors[at], least)
        return at

    def is_consistent_with(self, truth):
        """Whether what is seen is true at all: a guard against an attacker who fools themselves."""
        return all(
            low - 1e-9
            <= sum(factor * truth[name] for name, at in self.names.items() if (factor := row.get(at)))
            <= high + 1e-9
            for row, low, high in self.rows
        ) and all(truth[name] >= self.floors[at] for name, at in self.names.items())

    def range_of(self, name):
        """The least and the most that the count can be."""
        at = self.names[name]
        return self._least_of(at, 1), -self._least_of(at, -1)

    def _least_of(self, at, sign):
        self.solver.changeColCost(at, sign)
        assert self.solver.run() != highspy.HighsStatus.kError
        assert self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal, self.solver.getModelStatus()
        found = self.solver.getInfo().objective_function_value
        self.solver.changeColCost(at, 0)
        return found

    @cached_property
    def solver(self):
        """All that is known as a linear program; made when everything has been seen."""
        model = highspy.HighsLp()
        count = len(self.names)
        model.num_col_, model.num_row_ = count, len(self.rows)
        model.col_cost_ = np.zeros(count)
        model.col_lower_, model.col_upper_ = np.array(self.floors, float), np.full(count, 1e6)
        model.row_lower_ = np.array([low for _row, low, _high in self.rows])
        model.row_upper_ = np.array([high for _row, _low, high in self.rows])
        starts, indices, values = [0], [], []
        for row, _low, _high in self.rows:
            indices += row.keys()
            values += row.values()
            starts.append(len(indices))
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = starts, indices, values
        solver = highspy._Highs()
        solver.setOptionValue("output_flag", False)
        assert solver.passModel(model) != highspy.HighsStatus.kError
        return solver
