"""The facts that an offer asks a company for: by its requirement, its amount and its stacking. Pure."""

from __future__ import annotations

from companies.facts import Vocabulary
from policies.rules.benefits import expressions_of
from policies.rules.documents import OfferText
from policies.rules.expressions import expression_facts
from policies.rules.faults import RuleFault
from policies.rules.situation import asked_facts, derived_expression


def facts_read(offer: OfferText, vocabulary: Vocabulary) -> frozenset[str]:
    """The asked facts that the offer's verdict and amount come down to, through derived facts."""
    found: set[str] = set()
    for name in _written(offer):
        try:
            found |= asked_facts(frozenset({name}), vocabulary)
        except RuleFault:
            continue  # a derived fact that cannot be read: its own fault is shown where it is defined
    return frozenset(found)


def facts_named(offer: OfferText, vocabulary: Vocabulary) -> frozenset[str]:
    """Every fact that the offer depends on: those it names, and whatever these are computed from."""
    waiting = list(_written(offer))
    found = set(waiting)
    while waiting:
        fact = vocabulary.get(waiting.pop())
        if fact is None or fact.derived is None:
            continue
        try:
            fresh = expression_facts(derived_expression(fact, vocabulary)) - found
        except RuleFault:
            continue
        found |= fresh
        waiting.extend(fresh)
    return frozenset(found)


def _written(offer: OfferText) -> frozenset[str]:
    """The facts that the offer names itself."""
    expressions = [
        *offer.expressions,
        *expressions_of(offer.benefit),
        *(rule.of for rule in offer.stacking if rule.of is not None),
    ]
    return frozenset(name for expression in expressions for name in expression_facts(expression))
