"""How long certificates are valid, and which offers count on them."""

from copy import deepcopy
from datetime import date

import pytest

from companies.facts import read_profile
from matching.engine.report import make_report
from policies.rules.book import read_rulebook
from tests.matching.catalogue import POLICY, SNAPSHOT, both, offer

DAY = date(2026, 11, 24)
TITLES = {
    "fact": "titles", "kind": "certificates", "label": both("Titles"), "question": both("Which titles?"), "effort": "slow",
    "choices": [{"key": key, "label": both(key.upper())} for key in ("srdi", "hnte")],
}  # fmt: skip


def report_for(*held):
    snapshot = deepcopy(SNAPSHOT)
    snapshot["vocabulary"]["10-basics"]["facts"].append(TITLES)
    snapshot["policies"] = [
        {
            **POLICY,
            "offers": [*POLICY["offers"], offer("for-srdi", 'holds("srdi")', {"fixed": 1000}), offer("for-either", 'holds("srdi", "hnte")', {"fixed": 1000})],
        }
    ]  # fmt: skip
    rulebook = read_rulebook(snapshot, number=1)
    profile, faults = read_profile(rulebook.vocabulary, {"titles": list(held)})
    assert not faults
    return make_report(rulebook, profile, DAY, {"name": "Example"}, compare=False)


def test_a_certificate_names_its_last_day_and_the_offers_that_ask_for_it():
    (held,) = report_for({"kind": "srdi", "issued": "2025-01-01", "expires": "2027-12-31"})["validity"]

    assert (held["expires"], held["label"]["en"]) == ("2027-12-31", "SRDI")
    assert [one.split("/")[1] for one in held["offers"]] == ["for-srdi", "for-either"]


def test_an_offer_that_is_out_of_reach_does_not_count_on_a_certificate():
    (held,) = report_for({"kind": "hnte", "issued": "2025-01-01", "expires": "2027-12-31"})["validity"]

    assert [one.split("/")[1] for one in held["offers"]] == ["for-either"]


@pytest.mark.parametrize(("expires", "listed"), [("2026-11-23", 0), ("2026-11-24", 1), (None, 0)])
def test_only_last_days_that_are_known_and_not_over_are_listed(expires, listed):
    held = {"kind": "srdi", "issued": "2025-01-01", **({"expires": expires} if expires else {})}

    assert len(report_for(held)["validity"]) == listed


def test_the_nearest_last_day_stands_first():
    found = report_for(
        {"kind": "srdi", "issued": "2025-01-01", "expires": "2028-01-01"},
        {"kind": "hnte", "issued": "2025-01-01", "expires": "2027-01-01"},
    )["validity"]

    assert [one["kind"] for one in found] == ["hnte", "srdi"]
