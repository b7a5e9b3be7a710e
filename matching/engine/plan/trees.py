"""Requirement trees in negation normal form, each distinct part once, as steps over a few registers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from policies.rules.expressions import Expression
from policies.rules.printing import print_expression
from policies.rules.requirements import Criterion, Judged, Not, NotModelled, Requirement
from policies.rules.verdicts import needed_of

Key = tuple[object, ...]
JUDGED: Key = ("judged",)
UNSEEN: Key = ("unseen",)
CERTAIN: Key = ("certain",)
IMPOSSIBLE: Key = ("impossible",)


@dataclass(slots=True)
class Forest:
    """All distinct nodes of many trees; a node is (kind, ...) and stands after the nodes below it."""

    nodes: list[Key] = field(default_factory=list)
    criteria: list[Expression] = field(default_factory=list)
    _places: dict[Key, int] = field(default_factory=dict)
    _criteria: dict[str, int] = field(default_factory=dict)
    _known: dict[int, tuple[Expression, int]] = field(default_factory=dict)

    def add(self, requirement: Requirement, positive: bool = True) -> int:
        """The place of the node that says what the requirement (or its denial) says."""
        match requirement:
            case Criterion(when=when):
                return self._place(("criterion", self.criterion(when), positive))
            case Judged():
                return self._place(JUDGED)
            case NotModelled():
                return self._place(UNSEEN)
            case Not(of=of):
                return self.add(of, not positive)
        parts = [self.add(part, positive) for part in requirement.parts()]
        needed = needed_of(requirement)
        # Fewer than `needed` of n hold exactly when n - needed + 1 do not.
        return self._group(needed if positive else len(parts) - needed + 1, parts)

    def criterion(self, when: Expression) -> int:
        """The number of the criterion; the same canonical text is the same criterion."""
        known = self._known.get(id(when))
        if known is None:
            text = print_expression(when)
            number = self._criteria.setdefault(text, len(self.criteria))
            if number == len(self.criteria):
                self.criteria.append(when)
            # The expression is kept beside its number, so that its id stays its own.
            known = self._known[id(when)] = (when, number)
        return known[1]

    def _group(self, needed: int, parts: list[int]) -> int:
        if needed <= 0:
            return self._place(CERTAIN)
        if needed > len(parts):
            return self._place(IMPOSSIBLE)
        if needed not in (1, len(parts)):
            return self._place(("at_least", needed, *sorted(parts)))
        distinct = sorted(set(parts))
        if len(distinct) == 1:
            return distinct[0]
        return self._place(("all" if needed == len(parts) else "any", 0, *distinct))

    def _place(self, key: Key) -> int:
        place = self._places.setdefault(key, len(self.nodes))
        if place == len(self.nodes):
            self.nodes.append(key)
        return place


@dataclass(frozen=True, slots=True)
class Step:
    """Fill register `out`: from a criterion (`kind` criterion or denied), or from the registers in `parts`."""

    kind: str
    out: int
    number: int
    """The criterion, or how many of the parts must hold."""
    parts: tuple[int, ...] = ()
    offers: tuple[int, ...] = ()
    """The offers of which this node is the root."""


def steps_of(forest: Forest, roots: Sequence[int]) -> tuple[tuple[Step, ...], int]:
    """The steps that compute all roots, each node once, and how many registers they need.

    Depth first, offer by offer, so that what was just computed is used while it is in the cache; a register is free
    again after the last use of its node.
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
    for node in order:
        key = forest.nodes[node]
        below = _parts(key)
        if free:
            out = free.pop()
        else:
            out, registers = registers, registers + 1
        held[node] = out
        number = int(str(key[1])) if len(key) > 1 else 0
        kind = str(key[0])
        if kind == "criterion" and key[2] is False:
            kind = "denied"
        steps.append(Step(kind, out, number, tuple(held[part] for part in below), tuple(offers.get(node, ()))))
        for part in below:
            uses[part] -= 1
            if not uses[part]:
                free.append(held[part])
        if not uses[node]:
            free.append(out)
    return tuple(steps), registers


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
