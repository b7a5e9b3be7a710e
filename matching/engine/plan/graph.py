"""The distinct nodes of many trees, evaluated level by level for one company: a byte each."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.engine.plan.codes import DENIED, Codes

LEAF, AND, OR, NOT, COUNT = "leaf", "and", "or", "not", "count"

_FEW = 6
"""Nodes with more parts stay together, at the end: a group costs as much as its longest node times its size."""

_Node = tuple[str, int, tuple[int, ...]]
"""Sort; number of the leaf, or how many parts are needed; parts."""


class _Group(NamedTuple):
    """Nodes of one level and sort; their codes are written to `place`."""

    sort: str
    place: slice
    parts: NDArray[np.intp]
    """A column per node with its parts; shorter ones repeat their first part, which changes no "and" and no "or"."""
    needed: NDArray[np.intp]


class Graph:
    """Nodes are added from the leaves up; equal nodes are one. `ready` settles their final places."""

    def __init__(self, denied_leaf: "Callable[[int], int | None]") -> None:
        """`denied_leaf` gives the number of the leaf that says the opposite of a leaf, where there can be one."""
        self._denied_leaf = denied_leaf
        self._numbers: dict[_Node, int] = {}
        self._nodes: list[_Node] = []

    def leaf(self, number: int) -> int:
        """The leaf with this number among all leaves."""
        return self._add(LEAF, number, ())

    def joined(self, needed: int, parts: Sequence[int]) -> int:
        """At least so many of the parts hold; one is needed at least, and not more than there are."""
        sort = AND if needed == len(parts) else OR if needed == 1 else COUNT
        distinct = tuple(sorted(parts) if sort == COUNT else sorted(set(parts)))
        return distinct[0] if len(distinct) == 1 else self._add(sort, needed * (sort == COUNT), distinct)

    def denied(self, part: int) -> int:
        """The part does not hold: said of its leaves wherever possible, which saves steps."""
        sort, number, parts = self._nodes[part]
        if sort == NOT:
            return parts[0]
        if sort == LEAF:
            opposite = self._denied_leaf(number)
            return self._add(NOT, 0, (part,)) if opposite is None else self.leaf(opposite)
        needed = {AND: 1, OR: len(parts), COUNT: len(parts) - number + 1}[sort]
        return self.joined(needed, [self.denied(one) for one in parts])

    def _add(self, sort: str, number: int, parts: tuple[int, ...]) -> int:
        node = (sort, number, parts)
        if node not in self._numbers:
            self._numbers[node] = len(self._nodes)
            self._nodes.append(node)
        return self._numbers[node]

    def ready(self, place_of_leaf: NDArray[np.intp]) -> "tuple[ReadyGraph, NDArray[np.intp]]":
        """The graph for evaluation, and the place of each node's code: leaves first, where they are put."""
        groups: dict[tuple[int, str, int], list[int]] = {}
        place = np.zeros(len(self._nodes), np.intp)
        levels = self._levels()
        for at, (sort, number, parts) in enumerate(self._nodes):
            if sort == LEAF:
                place[at] = place_of_leaf[number]
            else:
                # Repeating a part would count it twice, so nodes that count share a group only with others of their size.
                size = len(parts) if sort == COUNT else 0
                groups.setdefault((levels[at], sort, size), []).append(at)
        first, ready = len(place_of_leaf), []
        for (_level, sort, _size), members in sorted(groups.items()):
            last = first + len(members)
            place[members] = np.arange(first, last)
            parts_at = place[_columns([self._nodes[at][2] for at in members])]
            ready.append(
                _Group(sort, slice(first, last), parts_at, np.array([self._nodes[at][1] for at in members], np.intp))
            )
            first = last
        return ReadyGraph(first, ready), place

    def _levels(self) -> list[int]:
        """Few levels with many nodes each: what stands on leaves alone comes first, everything else as late as it can."""
        early: list[int] = []
        for _sort, _number, parts in self._nodes:
            early.append(1 + max((early[part] for part in parts), default=-1))
        late = [max(early, default=0)] * len(self._nodes)
        for at in reversed(range(len(self._nodes))):
            for part in self._nodes[at][2]:
                late[part] = min(late[part], late[at] - 1)
        return [
            early[at] if early[at] <= 1 and len(parts) <= _FEW else late[at]
            for at, (_sort, _number, parts) in enumerate(self._nodes)
        ]


class ReadyGraph:
    """Evaluates all nodes from the codes of the leaves."""

    def __init__(self, size: int, groups: list[_Group]) -> None:
        self.size = size
        self._groups = groups

    def fill(self, codes: Codes) -> None:
        """Write the codes of all inner nodes; those of the leaves are there."""
        take = codes.take
        for sort, place, parts, needed in self._groups:
            if sort == AND:
                np.bitwise_and.reduce(take(parts), axis=0, out=codes[place])
            elif sort == OR:
                np.bitwise_or.reduce(take(parts), axis=0, out=codes[place])
            elif sort == NOT:
                DENIED.take(take(parts[0]), out=codes[place])
            else:
                bits = np.unpackbits(take(parts)[:, :, None], axis=2).sum(axis=0, dtype=np.intp)
                codes[place] = np.packbits(bits >= needed[:, None], axis=1)[:, 0]


def _columns(nodes: list[tuple[int, ...]]) -> NDArray[np.intp]:
    most = max(map(len, nodes))
    return np.array([(*parts, *(parts[:1] * (most - len(parts)))) for parts in nodes], np.intp).T.copy()
