"""Requirement trees: all of, any of, at least n of, not; leaves are computed, judged or not modelled."""

from dataclasses import dataclass, field

from companies.facts import Text
from policies.rules.expressions import Expression, count_nodes


@dataclass(frozen=True, slots=True)
class Marks:
    """Where a node comes from: clause, confidence, source (None: as the policy says) and a note."""

    clause: str | None = None
    confidence: str | None = None
    source: str | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """Any node of a requirement tree."""

    def parts(self) -> "tuple[Requirement, ...]":
        """The nodes directly below this one."""
        return ()


@dataclass(frozen=True, slots=True)
class Criterion(Requirement):
    """A leaf that is computed; `says` replaces the generated sentence."""

    when: Expression
    says: Text | None = None
    marks: Marks = field(default_factory=Marks)


@dataclass(frozen=True, slots=True)
class Judged(Requirement):
    """A leaf that only a person can decide."""

    text: Text
    marks: Marks = field(default_factory=Marks)


@dataclass(frozen=True, slots=True)
class NotModelled(Requirement):
    """A leaf that the document asks and that is not written as a rule."""

    text: Text
    marks: Marks = field(default_factory=Marks)


@dataclass(frozen=True, slots=True)
class All(Requirement):
    """Every node must hold."""

    of: tuple[Requirement, ...]
    marks: Marks = field(default_factory=Marks)

    def parts(self) -> tuple[Requirement, ...]:
        return self.of


@dataclass(frozen=True, slots=True)
class AnyOf(Requirement):
    """One node must hold."""

    of: tuple[Requirement, ...]
    marks: Marks = field(default_factory=Marks)

    def parts(self) -> tuple[Requirement, ...]:
        return self.of


@dataclass(frozen=True, slots=True)
class AtLeast(Requirement):
    """So many of the nodes must hold."""

    count: int
    of: tuple[Requirement, ...]
    marks: Marks = field(default_factory=Marks)

    def parts(self) -> tuple[Requirement, ...]:
        return self.of


@dataclass(frozen=True, slots=True)
class Not(Requirement):
    """The node must not hold."""

    of: Requirement
    marks: Marks = field(default_factory=Marks)

    def parts(self) -> tuple[Requirement, ...]:
        return (self.of,)


def leaves(requirement: Requirement) -> list[Requirement]:
    """The leaves of the tree, in order."""
    found: list[Requirement] = []
    waiting = [requirement]
    while waiting:
        node = waiting.pop()
        parts = node.parts()
        waiting.extend(reversed(parts))
        if not parts:
            found.append(node)
    return found


def count_parts(requirement: Requirement) -> int:
    """Nodes of the tree together with the nodes of its expressions."""
    total, waiting = 0, [requirement]
    while waiting:
        node = waiting.pop()
        total += 1 + (count_nodes(node.when) if isinstance(node, Criterion) else 0)
        waiting.extend(node.parts())
    return total


def both(policy: Requirement | None, offer: Requirement | None) -> Requirement:
    """What an offer asks: its policy's tree and its own; All of nothing when neither asks anything."""
    trees: list[Requirement] = []
    for tree in (policy, offer):
        if isinstance(tree, All) and tree.marks == Marks():
            trees.extend(tree.of)
        elif tree is not None:
            trees.append(tree)
    return trees[0] if len(trees) == 1 else All(tuple(trees))
