"""Combinations of the offers that are shipped: rates that exclude each other, and every example company."""

from datetime import date

import pytest

from companies.facts import read_profile
from matching.engine.bundles import SCOPES
from matching.engine.bundles.building import build_setting
from matching.engine.bundles.structure import is_lawful
from matching.engine.canonical import canonical_text
from matching.engine.report import make_report
from policies.rules import Situation
from tests.matching.engine.plan.companies import real_rulebook, seeded_profiles

DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def rulebook():
    return real_rulebook()


def combined(rulebook, profile):
    report = make_report(rulebook, profile, DAY, {"name": "Example"})
    return report["offers"], report["combination"], Situation(rulebook.vocabulary, profile, DAY)


@pytest.mark.slow
def test_of_two_income_tax_rates_the_lower_one_counts_and_the_other_is_said_to_give_way(rulebook):
    answers = {
        "taxable_income_y1": 2_000_000,
        "employees": 100,
        "total_assets_y1": 20_000_000,
        "restricted_industry": False,
        "certificates": [{"kind": "hnte", "issued": "2025-01-01", "expires": "2028-01-01"}],
    }
    profile, faults = read_profile(rulebook.vocabulary, answers)
    assert not faults

    _, combination, _ = combined(rulebook, profile)

    now = combination["now"]
    rates = [offer["id"] for offer in now["low"]["offers"] if offer["low"] is not None]
    assert rates == ["cn-slpe/reduced-rate"]
    assert now["low"]["by_nature"]["tax_saving"]["low"] == "400000.00"
    assert now["runner_up"]["less"] == "200000.00"
    (left_out,) = now["left_out"]
    assert (left_out["offer"], left_out["because"]) == ("cn-hnte-cit-15/rate-15", ["cn-slpe/reduced-rate"])


@pytest.mark.slow
def test_every_combination_of_many_companies_is_lawful_proven_and_one_spelling(rulebook):
    for profile in seeded_profiles(rulebook, 15):
        entries, combination, situation = combined(rulebook, profile)

        canonical_text(combination)
        for scope, groups in SCOPES.items():
            candidates = [entry for entry in entries if entry["group"] in groups]
            problem = build_setting(candidates, rulebook.policies, situation).problem
            best = combination[scope]
            assert best["proven"]
            assert best["candidates"] == len(candidates)
            for end in ("low", "high"):
                assert is_lawful(problem, frozenset(offer["id"] for offer in best[end]["offers"]))
