"""What an answer decides: the offers that ask for the fact, and the clauses in which they do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from companies.facts import Text
from matching.engine.questions import Question
from policies.rules import OfferText, PolicyText, say_clause
from policies.rules.book import Rulebook
from policies.rules.expressions import expression_facts
from policies.rules.requirements import Criterion, leaves
from policies.rules.saying import say_expression
from policies.rules.situation import asked_facts

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A criterion that asks for the fact, and its clause."""

    said: Text
    clause: Text | None


@dataclass(frozen=True, slots=True)
class Decided:
    """An offer that the answer helps to decide."""

    policy: PolicyText
    offer: OfferText
    asked: tuple[Asked, ...]
    """Empty where only the amount depends on the answer."""
    alone: bool
    """Whether it waits for this answer only."""


def decided_by(question: Question, rulebook: Rulebook) -> list[Decided]:
    """The offers that the answer can decide, those that wait for nothing else first."""
    named = dict.fromkeys([*question.alone, *question.verdicts, *question.amounts])
    policies = {policy.key: policy for policy in rulebook.policies}
    offers = {offer.id: offer for offer in rulebook.offers}
    return [
        Decided(
            policies[offers[name].policy],
            offers[name],
            tuple(_asked(offers[name], question.fact.name, rulebook)),
            alone=name in question.alone,
        )
        for name in named
    ]


def _asked(offer: OfferText, name: str, rulebook: Rulebook) -> Iterator[Asked]:
    for leaf in leaves(offer.requires):
        if not isinstance(leaf, Criterion):
            continue
        if name in asked_facts(expression_facts(leaf.when), rulebook.vocabulary):
            said = leaf.says or say_expression(leaf.when, rulebook.vocabulary)
            yield Asked(said, say_clause(leaf.marks.clause or offer.clause))
