"""From the offers of a release to a plan: what is computed, in which order, each distinct part once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from companies.facts import Vocabulary
from matching.engine.plan.criteria import Asked, Ranged, Test
from matching.engine.plan.expanding import Expander, tests_by_column
from matching.engine.plan.trees import Forest, Step, steps_of
from policies.rules import Expression, OfferText, print_expression


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Plan:
    """Offers made ready for many companies on one day; evaluated as often as wanted."""

    texts: tuple[OfferText, ...]
    vocabulary: Vocabulary
    day: date
    tests: tuple[Test, ...]
    """One for each distinct criterion, or for each of its parts that others share."""
    steps: tuple[Step, ...]
    registers: int
    by_column: Mapping[str, tuple[int, ...]]
    """The tests that read no more than the column of one fact."""
    ranged: tuple[int, ...]
    """The tests that are computed with ranges."""
    fallible: Mapping[int, tuple[int, ...]]
    """For each test that can fail, the offers that fail with it."""
    derived: Mapping[str, Expression]
    """The expressions of the derived facts."""
    offers: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "offers", tuple(text.id for text in self.texts))


def compile_plan(offers: Sequence[OfferText], vocabulary: Vocabulary, day: date) -> Plan:
    """The plan of these offers on this day."""
    forest = Forest()
    expander = Expander(forest, vocabulary, day)
    roots = [forest.add(offer.requires, expander.place) for offer in offers]
    tests = tuple(expander.tests)
    ranged = tuple(number for number, test in enumerate(tests) if isinstance(test, Ranged))
    steps, registers = steps_of(forest, roots, frozenset(ranged))
    fallible: dict[int, tuple[int, ...]] = {}
    for number, test in enumerate(tests):
        if isinstance(test, Asked):
            failing = (at for at, offer in enumerate(offers) if test.key in map(print_expression, offer.expressions))
            fallible[number] = tuple(failing)
    return Plan(
        tuple(offers), vocabulary, day, tests, steps, registers,
        tests_by_column(tests), ranged, fallible, dict(expander.derived),
    )  # fmt: skip
