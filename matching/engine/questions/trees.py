"""Requirement trees made ready for one question: which leaves can still change the verdict?

In negation normal form every node is monotone: a leaf that turns to yes never makes the offer worse. A verdict
is then made of four readings of the tree, each a plain yes/no function of its open criteria:

    possible    everything not computed counts as yes
    assumed     judged leaves and text that is not modelled count as yes
    judged      judged leaves count as yes
    computed    neither does

A leaf can change the verdict exactly if it is left over in one of the readings after all that is settled has been
taken out; an open criterion beside a judged alternative, for example, is left over in no reading.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from policies.rules import Verdict
from policies.rules.expressions import Expression
from policies.rules.requirements import Criterion, Judged, Not, NotModelled, Requirement
from policies.rules.verdicts import needed_of

POSSIBLE, ASSUMED, JUDGED, COMPUTED = 8, 4, 2, 1
_ALL = POSSIBLE | ASSUMED | JUDGED | COMPUTED


class Readings(NamedTuple):
    """A node in the four readings, a bit each: where it is surely yes, and where it can be yes."""

    sure: int
    can: int

    @property
    def open(self) -> int:
        """The readings in which the node is not settled."""
        return self.sure ^ self.can


YES = Readings(_ALL, _ALL)
NO = Readings(0, 0)
OPEN = Readings(0, _ALL)
NEEDS_A_PERSON = Readings(POSSIBLE | ASSUMED | JUDGED, POSSIBLE | ASSUMED | JUDGED)
UNSEEN = Readings(POSSIBLE | ASSUMED, POSSIBLE | ASSUMED)
STAYS_UNKNOWN = Readings(POSSIBLE, POSSIBLE)
"""A criterion whose facts the company cannot tell: never settled, and nobody has to look at it either."""

_DENIED = {YES: NO, NO: YES}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A criterion, by its number, asked for or denied; a judged or unseen leaf has a reading that never changes."""

    criterion: int = -1
    denied: bool = False
    fixed: Readings | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """At least `needed` of these parts."""

    needed: int
    parts: "tuple[Tree, ...]"


Tree = Leaf | Group


def plant(requirement: Requirement, numbers: dict[Expression, int], *, denied: bool = False) -> Tree:
    """The tree in negation normal form; `numbers` gives each distinct criterion its number, and grows."""
    match requirement:
        case Criterion(when=when):
            return Leaf(numbers.setdefault(when, len(numbers)), denied)
        case Judged():
            return Leaf(fixed=NEEDS_A_PERSON)
        case NotModelled():
            return Leaf(fixed=UNSEEN)
        case Not(of=of):
            return plant(of, numbers, denied=not denied)
    parts = tuple(plant(part, numbers, denied=denied) for part in requirement.parts())
    needed = needed_of(requirement)
    return Group(len(parts) - needed + 1 if denied else needed, parts)


def read_tree(tree: Tree, states: Sequence[Readings]) -> Readings:
    """The tree in the four readings, each criterion being in the state of its number."""
    if isinstance(tree, Leaf):
        if tree.fixed is not None:
            return tree.fixed
        state = states[tree.criterion]
        return _DENIED.get(state, state) if tree.denied else state
    parts = [read_tree(part, states) for part in tree.parts]
    if tree.needed == len(parts):
        sure = can = _ALL
        for part in parts:
            sure &= part.sure
            can &= part.can
        return Readings(sure, can)
    if tree.needed == 1:
        sure = can = 0
        for part in parts:
            sure |= part.sure
            can |= part.can
        return Readings(sure, can)
    return Readings(
        _counted(tree.needed, [part.sure for part in parts]), _counted(tree.needed, [part.can for part in parts])
    )


def leaves_left(tree: Tree, states: Sequence[Readings], readings: int = _ALL) -> Iterator[int]:
    """The numbers of the criteria that can still change the verdict, in the order of the tree."""
    readings &= read_tree(tree, states).open
    if not readings:
        return
    if isinstance(tree, Leaf):
        yield tree.criterion
        return
    for part in tree.parts:
        yield from leaves_left(part, states, readings)


def is_possible(root: Readings) -> bool:
    """Whether the offer is not ruled out."""
    return bool(root.can & POSSIBLE)


def verdict_read(root: Readings, *, has_criterion: bool) -> Verdict:
    """The verdict that the readings of the root come to: the same as `verdict_of` gives."""
    if not root.can & POSSIBLE:
        return Verdict.INELIGIBLE
    if not has_criterion:
        return Verdict.NOT_MODELLED
    if root.sure & COMPUTED:
        return Verdict.ELIGIBLE
    if root.sure & JUDGED:
        return Verdict.NEEDS_REVIEW
    return Verdict.NOT_MODELLED if root.sure & ASSUMED else Verdict.UNDETERMINED


def _counted(needed: int, masks: list[int]) -> int:
    """The bits that are set in at least `needed` of the masks."""
    found = 0
    for bit in (POSSIBLE, ASSUMED, JUDGED, COMPUTED):
        if sum(1 for mask in masks if mask & bit) >= needed:
            found |= bit
    return found
