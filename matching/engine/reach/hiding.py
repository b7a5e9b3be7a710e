"""Which counts must not leave the desk: small ones, and enough others that no small one can be worked out.

Whoever reads a table knows its sums: a single hidden part is the whole less the other parts. So where a part is hidden,
others are hidden with it until what is hidden in a sum is together no small count either, and can be shared out among its
parts in more than one way. A 0 is shown: it is about nobody, and is taken as known throughout.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from matching.engine.reach.deducing import Cell, Sum, worked_out

LEAST = 5
"""From so many companies on a count may be shown."""


def is_small(count: int) -> bool:
    """Whether the count is about somebody, and about too few to be shown."""
    return 0 < count < LEAST


def hide(
    counts: Mapping[Cell, int],
    sums: Sequence[Sum],
    *,
    implicit: Collection[Cell] = frozenset(),
    hidden: Iterable[Cell] = (),
    settled: Iterable[Cell] = (),
) -> frozenset[Cell]:
    """The cells to hide, with those that are hidden already.

    `implicit` cells are never printed, but can be worked out: a small one is protected as well. `settled` ones are
    printed elsewhere and stay as they are.
    """
    return _Hiding(counts, sums, implicit, hidden, settled).hide()


class _Hiding:
    def __init__(
        self,
        counts: Mapping[Cell, int],
        sums: Sequence[Sum],
        implicit: Collection[Cell],
        hidden: Iterable[Cell],
        settled: Iterable[Cell],
    ) -> None:
        self.counts, self.sums, self.implicit = counts, sums, frozenset(implicit)
        self.hidden = set(hidden)
        self.stays = {cell for cell in settled if cell not in self.hidden}
        small = (cell for cell, count in counts.items() if is_small(count))
        self.hidden.update(cell for cell in small if cell not in self.implicit and cell not in self.stays)
        self.sums_of: dict[Cell, list[Sum]] = {}
        for one in sums:
            for cell in (one.whole, *one.parts):
                self.sums_of.setdefault(cell, []).append(one)

    def hide(self) -> frozenset[Cell]:
        waiting = list(reversed(self.sums))
        while True:
            while waiting:
                one = waiting.pop()
                while not self._is_enough_together(one) and (chosen := self._next_to_hide([one])) is not None:
                    waiting += self._hide(chosen)
            choices = (self._next_to_hide(self.sums_of[cell]) for cell in self._worked_out())
            chosen = next((cell for cell in choices if cell is not None), None)
            if chosen is None:
                return frozenset(self.hidden)
            waiting = self._hide(chosen)

    def _hide(self, cell: Cell) -> list[Sum]:
        self.hidden.add(cell)
        return list(self.sums_of[cell])

    def _is_unknown(self, cell: Cell) -> bool:
        return cell in self.hidden or cell in self.implicit

    def _is_protected(self, cell: Cell) -> bool:
        return cell in self.hidden or is_small(self.counts[cell])

    def _is_enough_together(self, one: Sum) -> bool:
        """Whether what is not known of the sum is no small count together, which can be worked out where the whole is."""
        unknown = [cell for cell in one.parts if self._is_unknown(cell)]
        if self._is_unknown(one.whole) or not any(map(self._is_protected, unknown)):
            return True
        return not is_small(sum(self.counts[cell] for cell in unknown))

    def _next_to_hide(self, sums: Sequence[Sum]) -> Cell | None:
        """The smallest part, else the smallest whole, of these sums; else of the sums that share an unknown with them."""
        seen: set[Sum] = set()
        while sums:
            parts = [cell for one in sums for cell in one.parts if self._can_be_hidden(cell)]
            shown = parts or [one.whole for one in sums if self._can_be_hidden(one.whole)]
            if shown:
                return min(shown, key=self.counts.__getitem__)
            seen.update(sums)
            unknown = (cell for one in sums for cell in (one.whole, *one.parts) if self._is_unknown(cell))
            further = dict.fromkeys(other for cell in unknown for other in self.sums_of[cell])
            sums = [one for one in further if one not in seen]
        return None

    def _can_be_hidden(self, cell: Cell) -> bool:
        return self.counts[cell] > 0 and not self._is_unknown(cell) and cell not in self.stays

    def _worked_out(self) -> list[Cell]:
        """The protected cells for which all sums together leave no choice."""
        # Of a hidden cell it is known that it is not 0, of one that is not printed not even that.
        floors = {cell: int(cell in self.hidden) for cell in self.counts if self._is_unknown(cell)}
        protected = [cell for cell in floors if self._is_protected(cell)]
        return worked_out(self.counts, self.sums, floors, protected)
