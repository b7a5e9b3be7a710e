"""From the offers of a release to a plan: what is computed, in which order, each distinct part once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from companies.facts import Vocabulary
from matching.engine.plan.criteria import Asked, Test
from matching.engine.plan.trees import Forest, Step, steps_of
from policies.rules import OfferText


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Plan:
    """Offers made ready for many companies on one day; evaluated as often as wanted."""

    texts: tuple[OfferText, ...]
    vocabulary: Vocabulary
    day: date
    tests: tuple[Test, ...]
    """One for each distinct criterion."""
    steps: tuple[Step, ...]
    registers: int
    twice: frozenset[int]
    """The criteria that are both asked for and denied."""
    criteria_of: tuple[tuple[int, ...], ...]
    """The criteria of each offer."""
    offers: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "offers", tuple(text.id for text in self.texts))


def compile_plan(offers: Sequence[OfferText], vocabulary: Vocabulary, day: date) -> Plan:
    """The plan of these offers on this day."""
    forest = Forest()
    roots = [forest.add(offer.requires) for offer in offers]
    steps, registers = steps_of(forest, roots)
    tests = tuple(Asked.of(when, vocabulary) for when in forest.criteria)
    signs = Counter(step.number for step in steps if step.kind in ("criterion", "denied"))
    return Plan(
        tuple(offers), vocabulary, day, tests, steps, registers,
        frozenset(number for number, times in signs.items() if times > 1),
        tuple(tuple(dict.fromkeys(map(forest.criterion, offer.expressions))) for offer in offers),
    )  # fmt: skip
