"""The facts that an offer asks a company for: by its requirement, its amount and its stacking. Pure."""

from __future__ import annotations

from companies.facts import Vocabulary
from policies.rules.benefits import expressions_of
from policies.rules.documents import OfferText
from policies.rules.expressions import expression_facts
from policies.rules.faults import RuleFault
from policies.rules.situation import asked_facts


def facts_read(offer: OfferText, vocabulary: Vocabulary) -> frozenset[str]:
    """The asked facts that the offer's verdict and amount come down to, through derived facts."""
    expressions = [
        *offer.expressions,
        *expressions_of(offer.benefit),
        *(rule.of for rule in offer.stacking if rule.of is not None),
    ]
    found: set[str] = set()
    for name in {name for expression in expressions for name in expression_facts(expression)}:
        try:
            found |= asked_facts(frozenset({name}), vocabulary)
        except RuleFault:
            continue  # a derived fact that cannot be read: its own fault is shown where it is defined
    return frozenset(found)
