"""Verdicts by example: which of missing, judged and unseen parts wins, what the reasons and the gaps are."""

from datetime import date

import pytest

from companies.facts import read_profile
from policies.rules import Situation, evaluate_offer, read_policy, write_policy
from tests.spec.vocabulary import VOCABULARY

DAY = date(2026, 11, 24)
SAID = {"en": "Experts agree", "zh": "专家同意"}
STAFF, REVENUE, LISTED = {"when": "staff >= 20"}, {"when": "revenue >= 100"}, {"when": "listed"}
JUDGED, UNSEEN = {"judged": SAID}, {"not_modelled": SAID}


def policy(requires, benefit=None):
    text = {"en": "Text", "zh": "文本"}
    plain = {
        "policy": "p", "title": text, "issuer": text, "level": "district", "status": "in_force", "beneficiary": "company",
        "confidence": "high", "sources": ["https://example.org/"],
        "offers": [{"offer": "o", "title": text, "kind": "reward", "requires": requires, "benefit": benefit or {"fixed": 100}}],
    }  # fmt: skip
    read, faults = read_policy(plain, VOCABULARY)
    assert not faults, faults
    return read


def finding(requires, facts, benefit=None):
    profile, faults = read_profile(VOCABULARY, facts)
    assert not faults
    return evaluate_offer(policy(requires, benefit).offers[0], Situation(VOCABULARY, profile, DAY))


VERDICTS = [
    ("all hold", {"all": [STAFF, REVENUE]}, {"staff": 20, "revenue": 100}, "eligible"),
    ("one fails", {"all": [STAFF, REVENUE]}, {"staff": 19}, "ineligible"),
    ("one is missing", {"all": [STAFF, REVENUE]}, {"staff": 20}, "undetermined"),
    ("judgement remains", {"all": [STAFF, JUDGED]}, {"staff": 20}, "needs_review"),
    ("judgement cannot mend a no", {"all": [STAFF, JUDGED]}, {"staff": 1}, "ineligible"),
    ("a gap before judgement", {"all": [STAFF, JUDGED]}, {}, "undetermined"),
    ("unseen text remains", {"all": [STAFF, UNSEEN]}, {"staff": 20}, "not_modelled"),
    ("unseen text before judgement", {"all": [STAFF, JUDGED, UNSEEN]}, {"staff": 20}, "not_modelled"),
    ("a yes needs no judgement", {"any": [STAFF, JUDGED]}, {"staff": 20}, "eligible"),
    ("judgement as the other way", {"any": [STAFF, JUDGED]}, {"staff": 1}, "needs_review"),
    ("denied judgement stays judgement", {"all": [STAFF, {"not": JUDGED}]}, {"staff": 20}, "needs_review"),
    ("nothing computed", {"all": [JUDGED]}, {}, "not_modelled"),
    ("two of three", {"at_least": 2, "of": [STAFF, REVENUE, LISTED]}, {"staff": 20, "listed": True}, "eligible"),
    ("two of three out of reach", {"at_least": 2, "of": [STAFF, REVENUE, LISTED]}, {"staff": 1, "listed": False}, "ineligible"),
    ("two of three open", {"at_least": 2, "of": [STAFF, REVENUE, LISTED]}, {"staff": 20}, "undetermined"),
    ("a quotient over zero is for a person", {"all": [{"when": "ratio >= 5%"}]}, {"spend": 1, "revenue": 0}, "needs_review"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("requires", "facts", "verdict"), [row[1:] for row in VERDICTS], ids=[row[0] for row in VERDICTS]
)
def test_the_verdict(requires, facts, verdict):
    assert finding(requires, facts).verdict.value == verdict


def test_the_reasons_of_a_no_are_the_smallest_set():
    found = finding({"all": [{"any": [STAFF, REVENUE]}, LISTED]}, {"staff": 1, "revenue": 1, "listed": False})

    assert [reason.sentence.en for reason in found.reasons] == ["listed: yes"]


def test_settled_branches_ask_for_nothing_more():
    found = finding({"all": [{"any": [STAFF, LISTED]}, REVENUE]}, {"staff": 20})

    assert found.missing == ("revenue",)


def test_a_derived_fact_asks_for_the_facts_behind_it():
    assert finding({"all": [{"when": "ratio >= 5%"}]}, {"spend": 1}).missing == ("revenue",)


def test_evidence_is_told_from_what_was_only_said():
    proven = {"value": 20, "source": "document"}

    assert finding({"all": [STAFF]}, {"staff": proven}).strength == "evidenced"
    assert finding({"all": [STAFF, LISTED]}, {"staff": proven, "listed": True}).strength == "self_declared"
    assert finding({"all": [STAFF]}, {}).strength == "none"


AMOUNTS = [
    ("fixed", {"fixed": 500}, {}, ("exact", "500", "500")),
    ("rate", {"rate": "10%", "of": "spend"}, {"spend": 1000}, ("exact", "100", "100")),
    ("cap", {"rate": "10%", "of": "spend", "cap": 50}, {"spend": 1000}, ("exact", "50", "50")),
    ("below the cap", {"rate": "10%", "of": "spend", "cap": 50}, {"spend": "499.90"}, ("exact", "49.99", "49.99")),
    ("floor", {"rate": "10%", "of": "spend", "floor": 20}, {"spend": 100}, ("exact", "20", "20")),
    ("band on its edge", {"band": {"of": "revenue", "steps": [{"from": 0, "amount": 1}, {"from": 100, "amount": 2}]}}, {"revenue": 100}, ("exact", "2", "2")),
    ("band unknown", {"band": {"of": "revenue", "steps": [{"from": 0, "amount": 1}, {"from": 100, "amount": 2}]}}, {}, ("range", "1", "2")),
    ("by evaluation", {"up_to": 900}, {}, ("up_to", None, "900")),
    ("not published", {"to_confirm": SAID}, {}, ("to_confirm", None, None)),
    ("tax", {"tax_rate": {"from": "25%", "to": "15%", "of": "revenue"}}, {"revenue": 1000}, ("exact", "100", "100")),
]  # fmt: skip


@pytest.mark.parametrize(("benefit", "facts", "wanted"), [row[1:] for row in AMOUNTS], ids=[row[0] for row in AMOUNTS])
def test_the_amount(benefit, facts, wanted):
    amount = finding({"all": [STAFF]}, facts, benefit).amount

    status, low, high = wanted
    assert amount.status == status
    assert (amount.low, amount.high) == tuple(
        None if end is None else pytest.approx(type(amount.low or amount.high)(end)) for end in (low, high)
    )


def test_writing_and_reading_a_policy_again_changes_nothing():
    first = policy(
        {"all": [STAFF, {"any": [JUDGED, UNSEEN]}, {"not": LISTED}]}, {"rate": "10%", "of": "spend", "cap": 50}
    )

    again, faults = read_policy(write_policy(first), VOCABULARY)

    assert not faults
    assert again == first
