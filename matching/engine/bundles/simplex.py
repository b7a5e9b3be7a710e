"""Linear programs with 0/1 rows and bounded columns, exactly: for caps that cross, where paying in turn may fall short."""

from collections.abc import Sequence
from fractions import Fraction


def most_of(bounds: Sequence[int], rows: Sequence[tuple[Sequence[int], int]]) -> list[Fraction]:
    """The amounts from 0 to `bounds` with the largest total of which each row's columns together stay within its limit.

    The simplex method on whole numbers over one common denominator. The entering and the leaving column are always the
    ones with the smallest number, so it ends.
    """
    return _Tableau(bounds, rows).solve()


class _Tableau:
    """Row `i` says: own variable = right[i] - sum(body[i][j] x of column j), all over `scale`; every column stands at 0.

    A variable that reaches its upper bound is replaced by what it lacks of that bound (`turned`), which stands at 0 again.
    """

    def __init__(self, bounds: Sequence[int], rows: Sequence[tuple[Sequence[int], int]]) -> None:
        self.bounds = bounds
        self.scale = 1
        self.columns = list(range(len(bounds)))
        self.owners = list(range(len(bounds), len(bounds) + len(rows)))
        self.body = [[int(column in members) for column in self.columns] for members, _ in rows]
        self.right = [limit for _, limit in rows]
        self.gain = [1] * len(bounds)
        self.turned = [False] * len(bounds)

    def solve(self) -> list[Fraction]:
        while (enters := self._entering()) is not None:
            row, to_bound = self._leaving(enters)
            if row is None:
                self._turn_column(enters)
                continue
            if to_bound:
                self._turn_row(row)
            self._pivot(row, enters)
        values = [Fraction(0)] * len(self.bounds)
        for row, owner in enumerate(self.owners):
            if owner < len(values):
                values[owner] = Fraction(self.right[row], self.scale)
        return [self.bounds[at] - value if self.turned[at] else value for at, value in enumerate(values)]

    def _entering(self) -> int | None:
        useful = [(variable, at) for at, variable in enumerate(self.columns) if self.gain[at] > 0]
        return min(useful)[1] if useful else None

    def _leaving(self, enters: int) -> tuple[int | None, bool]:
        """The row that stops the column first, and whether it does so at its upper bound; no row: the column's own bound."""
        variable, bounded = self.columns[enters], len(self.bounds)
        # The way to the nearest stop as a fraction of whole numbers, and whose stop it is; 1/0 is no stop.
        way, per, whose = (self.bounds[variable], 1, variable) if variable < bounded else (1, 0, variable)
        stop: int | None = None
        to_bound = False
        for row, entries in enumerate(self.body):
            slope, owner = entries[enters], self.owners[row]
            if slope > 0:
                room = self.right[row]
            elif slope < 0 and owner < bounded:
                room = self.bounds[owner] * self.scale - self.right[row]
            else:
                continue
            nearer = room * per - way * abs(slope)
            if nearer < 0 or (nearer == 0 and owner < whose):
                way, per, whose, stop, to_bound = room, abs(slope), owner, row, slope < 0
        return stop, to_bound

    def _turn_column(self, column: int) -> None:
        variable = self.columns[column]
        bound = self.bounds[variable]
        self.turned[variable] = not self.turned[variable]
        for row, entries in enumerate(self.body):
            self.right[row] -= entries[column] * bound
            entries[column] = -entries[column]
        self.gain[column] = -self.gain[column]

    def _turn_row(self, row: int) -> None:
        variable = self.owners[row]
        self.turned[variable] = not self.turned[variable]
        self.right[row] = self.bounds[variable] * self.scale - self.right[row]
        self.body[row] = [-entry for entry in self.body[row]]

    def _pivot(self, leaves: int, enters: int) -> None:
        """Exchange row and column. All divisions are exact: the entries are minors of the first tableau."""
        pivot, base, right = self.body[leaves][enters], self.body[leaves], self.right[leaves]
        for row, entries in enumerate(self.body):
            if row == leaves:
                continue
            factor = entries[enters]
            self.right[row] = (self.right[row] * pivot - factor * right) // self.scale
            self.body[row] = [
                -factor if at == enters else (entry * pivot - factor * base[at]) // self.scale
                for at, entry in enumerate(entries)
            ]
        factor = self.gain[enters]
        self.gain = [
            -factor if at == enters else (entry * pivot - factor * base[at]) // self.scale
            for at, entry in enumerate(self.gain)
        ]
        base[enters] = self.scale
        self.scale = pivot
        self.columns[enters], self.owners[leaves] = self.owners[leaves], self.columns[enters]
