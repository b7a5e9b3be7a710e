"""Who is one criterion away: companies that fail, and would not if a single criterion came out the other way.

Near means that then nothing that can be computed stands in the way: the verdict would be eligible, or would wait only for
people or for text that is not modelled. A criterion that a tree names in several places is one criterion.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matching.engine.plan.bits import Words
from policies.rules import Expression
from policies.rules.requirements import Criterion, Judged, Not, NotModelled, Requirement
from policies.rules.verdicts import needed_of


@dataclass(frozen=True, slots=True, eq=False)
class CriterionBits:
    """The companies for which a criterion surely holds, surely does not, and for which people have to look."""

    holds: Words
    fails: Words
    stuck: Words


def near_by_criterion(
    requires: Requirement, ineligible: Words, criteria: Mapping[Expression, CriterionBits]
) -> dict[Expression, Words]:
    """For each criterion the ineligible companies that it alone keeps out."""
    favourable = {
        when: (bits.holds | bits.stuck, bits.fails | bits.stuck) for when, bits in criteria.items()
    }  # as asked for, and denied
    return {
        when: ineligible & _satisfied(requires, {**favourable, when: (bits.fails, bits.holds)}, ineligible)
        for when, bits in criteria.items()
    }


def criteria_of(requires: Requirement) -> tuple[Expression, ...]:
    """The distinct computed criteria of the tree, in their order."""
    found: dict[Expression, None] = {}
    waiting = [requires]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Criterion):
            found.setdefault(node.when)
        waiting.extend(reversed(node.parts()))
    return tuple(found)


def _satisfied(
    node: Requirement, leaves: Mapping[Expression, tuple[Words, Words]], like: Words, positive: bool = True
) -> Words:
    """Where the tree (or its denial) holds if people judge and unseen text turns out as the company would wish."""
    match node:
        case Criterion(when=when):
            return leaves[when][0 if positive else 1]
        case Judged() | NotModelled():
            return ~np.zeros_like(like)
        case Not(of=of):
            return _satisfied(of, leaves, like, not positive)
    parts = [_satisfied(part, leaves, like, positive) for part in node.parts()]
    needed = needed_of(node)
    # Fewer than `needed` of n hold exactly when n - needed + 1 do not.
    return _at_least(needed if positive else len(parts) - needed + 1, parts, like)


def _at_least(needed: int, parts: list[Words], like: Words) -> Words:
    if needed <= 0:
        return ~np.zeros_like(like)
    if needed > len(parts):
        return np.zeros_like(like)
    if needed == len(parts):
        return np.bitwise_and.reduce(parts)
    # Line k says where k + 1 parts hold: each part lifts every line by the one below it.
    reached = np.zeros((needed, *like.shape), np.uint64)
    for part in parts:
        for line in range(needed - 1, 0, -1):
            reached[line] |= reached[line - 1] & part
        reached[0] |= part
    return reached[-1]
