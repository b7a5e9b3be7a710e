"""One company × all offers: the status of every node of every tree, from tables made once per catalogue and day.

A criterion on one fact is a table from the fact's states to a code; the tables are filled by asking the reference
evaluator, so they cannot mean something else. What is more than that (arithmetic over several facts) is asked of the
reference evaluator for each company.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from companies.facts import Profile, Vocabulary
from matching.engine.plan.codes import STATUSES, Codes, statuses_of, verdicts_of
from matching.engine.plan.compiling import Plan
from matching.engine.plan.one_compiling import Compiler
from matching.engine.plan.results import VERDICTS
from policies.rules import OfferText, Status, Verdict


@dataclass(frozen=True, slots=True, eq=False)
class ProfileStatuses:
    """What came of all offers for one company."""

    one: "OneCompany"
    codes: Codes
    """A code for each distinct node."""
    nodes: Codes
    """The status of each distinct node, by its place in `STATUSES`."""
    verdicts: Codes
    """The verdict of each offer, by its place in `VERDICTS`."""

    def verdict(self, at: int) -> Verdict:
        """The verdict of one offer."""
        return VERDICTS[self.verdicts[at]]

    def statuses(self, at: int) -> list[Status]:
        """The status of every node of one offer's tree, from the root, each node before its children."""
        return [STATUSES[number] for number in self.nodes[self.one.trees[at]].tolist()]


class Pieces(NamedTuple):
    """An offer's explanation as JSON, cut where a company's verdict and statuses go, and the facts it speaks of."""

    texts: list[bytes]
    facts: frozenset[str]


class OneCompany:
    """A catalogue made ready for one company at a time; the same verdicts and statuses as `evaluate_offer`."""

    def __init__(self, offers: Sequence[OfferText], vocabulary: Vocabulary, day: date) -> None:
        self.offers = tuple(offers)
        self.vocabulary = vocabulary
        self.day = day
        self.pieces: dict[int, Pieces] = {}
        """Explanations rendered so far, by the number of the offer."""
        self._compiled = Compiler(vocabulary, day)
        trees = [self._compiled.tree(offer.requires) for offer in self.offers]
        places = self._compiled.finish()
        self.trees = [places[tree] for tree in trees]
        """The places of each offer's nodes, each node before its children."""
        self._roots = np.array([tree[0] for tree in self.trees], np.intp)
        self._bare = [at for at, offer in enumerate(self.offers) if not offer.expressions]

    @property
    def general(self) -> int:
        """How many distinct criteria are asked of the reference evaluator for each company."""
        return len(self._compiled.general)

    def evaluate(self, profile: Profile) -> ProfileStatuses:
        """All statuses and verdicts for this company; an offer with a criterion at fault is `error`."""
        codes, broken = self._compiled.codes(profile)
        verdicts = verdicts_of(codes.take(self._roots))
        if self._bare or broken:
            verdicts = verdicts.copy()
            verdicts[self._bare] = verdicts_of(codes[self._roots[self._bare]], has_criterion=False)
        for place in broken:
            for at, tree in enumerate(self.trees):
                if place in tree:
                    verdicts[at] = VERDICTS.index(Verdict.ERROR)
        return ProfileStatuses(self, codes, statuses_of(codes), verdicts)


_ready: "WeakKeyDictionary[Plan, OneCompany]" = WeakKeyDictionary()


def one_company(plan: Plan) -> OneCompany:
    """The plan's offers made ready for one company at a time; made at the first call and kept as long as the plan."""
    ready = _ready.get(plan)
    if ready is None:
        ready = _ready[plan] = OneCompany(plan.texts, plan.vocabulary, plan.day)
    return ready


def evaluate_profile(plan: Plan, profile: Profile) -> ProfileStatuses:
    """The status of every node of every tree, and the verdict of every offer, for one company."""
    return one_company(plan).evaluate(profile)
