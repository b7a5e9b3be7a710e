"""Requirement trees in negation normal form, each distinct part once, as steps over a few registers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from policies.rules.expressions import Expression
from policies.rules.requirements import Criterion, Judged, Not, NotModelled, Requirement
from policies.rules.verdicts import needed_of

Key = tuple[object, ...]
JUDGED: Key = ("judged",)
UNSEEN: Key = ("unseen",)
CERTAIN: Key = ("certain",)
IMPOSSIBLE: Key = ("impossible",)


@dataclass(slots=True)
class Forest:
    """All distinct nodes of many trees; a node is (kind, number, ...) and stands after the nodes below it."""

    nodes: list[Key] = field(default_factory=list)
    _places: dict[Key, int] = field(default_factory=dict)

    def add(self, requirement: Requirement, leaf: "Callable[[Expression, bool], int]", positive: bool = True) -> int:
        """The place of the node that says what the requirement (or its denial) says; `leaf` places its criteria."""
        match requirement:
            case Criterion(when=when):
                return leaf(when, positive)
            case Judged():
                return self.place(JUDGED)
            case NotModelled():
                return self.place(UNSEEN)
            case Not(of=of):
                return self.add(of, leaf, not positive)
        parts = [self.add(part, leaf, positive) for part in requirement.parts()]
        return self.group(needed_of(requirement), parts, positive)

    def group(self, needed: int, parts: list[int], positive: bool) -> int:
        """The place of "at least `needed` of these hold"; for a denial, `parts` are the denials of the parts."""
        # Fewer than `needed` of n hold exactly when n - needed + 1 do not.
        needed = needed if positive else len(parts) - needed + 1
        if needed <= 0:
            return self.place(CERTAIN)
        if needed > len(parts):
            return self.place(IMPOSSIBLE)
        if needed not in (1, len(parts)):
            return self.place(("at_least", needed, *sorted(parts)))
        distinct = sorted(set(parts))
        if len(distinct) == 1:
            return distinct[0]
        return self.place(("all" if needed == len(parts) else "any", 0, *distinct))

    def place(self, key: Key) -> int:
        """The place of a node; the same node has one place."""
        place = self._places.setdefault(key, len(self.nodes))
        if place == len(self.nodes):
            self.nodes.append(key)
        return place


@dataclass(frozen=True, slots=True)
class Step:
    """Fill register `out`: from a test (`kind` test or denied), or from the registers in `parts`.

    A negative `out` stands for the place where the result of the only offer is kept.
    """

    kind: str
    out: int
    number: int
    """The test, or how many of the parts must hold."""
    parts: tuple[int, ...] = ()
    offers: tuple[int, ...] = ()
    """The offers of which this node is the root."""
    plain: bool = False
    """Nothing below is left to people or unseen text: whatever is open waits for an answer."""
    simple: tuple[bool, ...] = ()
    """The same of each part."""


def steps_of(forest: Forest, roots: Sequence[int], ranged: frozenset[int]) -> tuple[tuple[Step, ...], int]:
    """The steps that compute all roots, each node once, and how many registers they need.

    Depth first, offer by offer, so that what was just computed is used while it is in the cache; a register is free
    again after the last use of its node. `ranged` are the tests that can be open although nothing is missing.
    """
    order = _order(forest, roots)
    uses = dict.fromkeys(order, 0)
    for node in order:
        for part in _parts(forest.nodes[node]):
            uses[part] += 1
    offers: dict[int, list[int]] = {}
    for at, root in enumerate(roots):
        offers.setdefault(root, []).append(at)
    registers = 0
    free: list[int] = []
    steps: list[Step] = []
    held: dict[int, int] = {}
    plain: dict[int, bool] = {}
    for node in order:
        key = forest.nodes[node]
        below, roots_here = _parts(key), tuple(offers.get(node, ()))
        number = int(str(key[1])) if len(key) > 1 else 0
        simple = tuple(plain[part] for part in below)
        plain[node] = all(simple) and key not in (JUDGED, UNSEEN) and not (key[0] in _LEAVES and number in ranged)
        if not uses[node] and len(roots_here) == 1 and plain[node]:
            out = -1
        elif free:
            out = free.pop()
        else:
            out, registers = registers, registers + 1
        held[node] = out
        parts = tuple(held[part] for part in below)
        steps.append(Step(str(key[0]), out, number, parts, roots_here, plain[node], simple))
        for part in below:
            uses[part] -= 1
            if not uses[part]:
                free.append(held[part])
        if not uses[node] and out >= 0:
            free.append(out)
    return tuple(steps), registers


_LEAVES = ("test", "denied")


def _parts(key: Key) -> tuple[int, ...]:
    return tuple(int(str(part)) for part in key[2:]) if key[0] in ("all", "any", "at_least") else ()


def _order(forest: Forest, roots: Sequence[int]) -> list[int]:
    """Every node that a root needs, parts before wholes."""
    seen: dict[int, None] = {}
    for root in roots:
        waiting = [(root, False)]
        while waiting:
            node, ready = waiting.pop()
            if node in seen:
                continue
            if ready:
                seen[node] = None
                continue
            waiting.append((node, True))
            waiting.extend((part, False) for part in reversed(_parts(forest.nodes[node])) if part not in seen)
    return list(seen)
