"""Rulebooks of a few offers, written as trees over the small vocabulary of the language."""

from typing import Any

from companies.facts import Profile, Vocabulary, read_profile
from policies.rules import read_policy
from policies.rules.book import Rulebook
from tests.spec.vocabulary import VOCABULARY

TEXT = {"en": "Text", "zh": "文本"}


def rulebook(*offers: tuple[Any, Any], vocabulary: Vocabulary = VOCABULARY, **edition: Any) -> Rulebook:
    """One policy with an offer for each pair of requirement and benefit, called o1, o2 and so on."""
    plain = {
        "policy": "p", "title": TEXT, "issuer": TEXT, "level": "district", "status": "in_force", "beneficiary": "company",
        "confidence": "high", "sources": ["https://example.org/"],
        "offers": [
            {"offer": f"o{at}", "title": TEXT, "kind": "reward", "requires": requires, "benefit": benefit}
            for at, (requires, benefit) in enumerate(offers, start=1)
        ],
        **edition,
    }  # fmt: skip
    policy, faults = read_policy(plain, vocabulary)
    assert policy is not None, faults
    return Rulebook(0, "", vocabulary, {}, (policy,))


def answered(**facts: Any) -> Profile:
    """A profile with these answers."""
    profile, faults = read_profile(VOCABULARY, facts)
    assert not faults
    return profile
