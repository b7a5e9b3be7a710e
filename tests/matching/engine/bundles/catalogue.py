"""A catalogue of offers that anybody who is established can have, with whatever stacking rules a test needs."""

from datetime import date

from companies.facts import read_profile
from matching.engine.bundles import combine_offers
from matching.engine.report import make_report
from policies.rules import Situation
from policies.rules.book import read_rulebook
from tests.matching.catalogue import POLICY, SNAPSHOT, both, fact
from tests.matching.catalogue import offer as plain_offer

DAY = date(2026, 11, 24)
FACTS = [
    fact("established", "yes_no", "Established", "Is it founded?"),
    fact("rented", "yes_no", "Rented", "Does it rent?"),
    fact("own_contribution", "money", "Own contribution", "What does it contribute?") | {"minimum": 0},
    fact("rd_expense_y1", "money", "R&D spend", "How much R&D?"),
    fact("case_by_case_deal", "yes_no", "Deal", "Is there a deal?"),
]
VOCABULARY = {"10-basics": {"section": {"key": "basics", "title": both("Basics")}, "facts": FACTS}}


def an_offer(key, benefit, *stacking, when="established", **more):
    """An offer under Art. 2 of its policy."""
    return {**plain_offer(key, when, benefit), "stacking": list(stacking), **more}


def a_policy(key, level, *offers, **more):
    return {**POLICY, "policy": key, "level": level, "offers": list(offers), **more}


def rulebook_of(*policies):
    kinds = [{"key": key, "label": both(key)} for key in ("reward", "tax", "service")]
    lists = {**SNAPSHOT["lists"], "benefit_kinds": kinds}
    lists["levels"] = [{"key": key, "label": both(key)} for key in ("national", "municipal", "district")]
    return read_rulebook({"lists": lists, "vocabulary": VOCABULARY, "policies": list(policies)}, number=1)


def report_and_situation(rulebook, answers):
    profile, faults = read_profile(rulebook.vocabulary, {"established": True, **answers})
    assert not faults
    report = make_report(rulebook, profile, DAY, {"name": "Example"})
    return report, Situation(rulebook.vocabulary, profile, DAY)


def combined(*offers, scope="now", policies=(), **answers):
    """The combination of these offers of one district policy (`p`), and of other policies."""
    rulebook = rulebook_of(*([a_policy("p", "district", *offers)] if offers else []), *policies)
    report, situation = report_and_situation(rulebook, answers)
    return combine_offers(report["offers"], rulebook.policies, situation)[scope]


def ids(plain):
    return [offer["id"].removeprefix("p/") for offer in plain["offers"]]
