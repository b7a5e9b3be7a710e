"""The report as data: the same bytes again, honest sums, nothing lost."""

import copy
import subprocess
import sys
from datetime import date

import pytest

from companies.facts import Profile, read_profile
from matching.engine.canonical import canonical_text, digest_of
from matching.engine.report import GROUPS, make_report
from matching.engine.totals import total_worth
from matching.rendering.html import as_html
from matching.rendering.money import amount_in_short, total_in_short
from policies.rules.book import read_rulebook
from tests.matching.catalogue import SNAPSHOT

DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def rulebook():
    return read_rulebook(SNAPSHOT, number=1)


def report_of(rulebook, answers):
    profile, faults = read_profile(rulebook.vocabulary, answers)
    assert not faults
    return make_report(rulebook, profile, DAY, {"name": "Example"})


def test_the_same_inputs_give_the_same_bytes(rulebook):
    answers = {"established": True, "employees": 40}
    again = read_rulebook(SNAPSHOT, number=1)

    assert canonical_text(report_of(rulebook, answers)) == canonical_text(report_of(again, answers))


def test_nothing_but_a_name_is_eligible_for_nothing_and_breaks_nothing(rulebook):
    counts = make_report(rulebook, Profile({}), DAY, {"name": "Only a name"})["summary"]["counts"]

    assert counts["eligible"] == 0
    assert counts["error"] == 0
    assert counts["undetermined"] == counts["offers"] == 3


def test_every_offer_is_in_exactly_one_group(rulebook):
    report = report_of(rulebook, {"established": True, "employees": 40})

    grouped = [offer for group in report["groups"] for offer in group["offers"]]
    assert sorted(grouped) == sorted(offer["id"] for offer in report["offers"])
    assert sum(report["summary"]["counts"][group] for group in GROUPS) == len(grouped)


def test_missing_facts_are_named_with_the_offers_they_decide(rulebook):
    report = report_of(rulebook, {"established": True})

    by_name = {fact["fact"]: fact for fact in report["missing"]}
    assert by_name["employees"]["verdicts"] == ["cp-small-2026/large-team"]
    assert by_name["employees"]["alone"] == ["cp-small-2026/large-team"]
    assert by_name["employees"]["section"] == "basics"
    assert "established" not in by_name


def test_the_sum_of_what_is_eligible(rulebook):
    worth = report_of(rulebook, {"established": True})["summary"]["worth"]

    assert worth["eligible"]["all"]["low"] == worth["eligible"]["all"]["high"] == "500000.00"


def amount(low, high, status="range", nature="cash"):
    return {"low": low, "high": high, "status": status, "nature": nature}


def test_an_unknown_amount_is_counted_and_never_added_as_nothing():
    total = total_worth([amount(None, None, "to_confirm"), amount("10.50", "20.00"), amount(None, "5.00", "up_to")])

    assert total["low"] == "10.50"
    assert total["high"] == "25.00"
    assert (total["offers"], total["priced"], total["to_confirm"]) == (3, 2, 1)
    assert total["low_open"]
    assert not total["high_open"]


def test_a_sum_of_nothing_known_is_unknown_not_zero():
    total = total_worth([amount(None, None, "to_confirm")])

    assert total["low"] is None
    assert total["high"] is None


@pytest.mark.parametrize("wrong", [1.5, {"a": float("nan")}, {"b": (1, 2)}, {"c": {1: 2}}])
def test_what_has_no_single_spelling_is_refused(wrong):
    with pytest.raises((TypeError, ValueError)):
        canonical_text({"x": wrong})


def test_the_digest_is_over_the_bytes():
    assert digest_of("{}") == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_a_worker_is_told_after_each_offer(rulebook):
    told = []

    make_report(rulebook, Profile({}), DAY, {}, on_offer=lambda done, total: told.append((done, total)))

    assert told == [(1, 3), (2, 3), (3, 3)]


def test_the_engine_needs_no_django():
    code = "import sys; sys.modules['django'] = None; sys.modules['celery'] = None; import matching.engine.report"

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_an_amount_that_waits_for_an_answer_is_not_called_unpublished():
    waiting = {"status": "to_confirm", "low": None, "high": None, "missing": ["rd_expense_y1"]}

    assert amount_in_short(waiting) == "depends on your answers"
    assert amount_in_short({**waiting, "missing": []}) == "amount to be confirmed"


def test_a_criterion_without_a_clause_links_the_site_of_its_source():
    snapshot = copy.deepcopy(SNAPSHOT)
    for one in snapshot["policies"][0]["offers"]:
        one["requires"] = {"all": [{"when": "established", "clause": None}]}
    report = make_report(read_rulebook(snapshot, number=1), Profile({}), DAY, {"name": "Qinghe"})

    page = as_html(report, "en")

    assert ">Source<" in page
    assert '"https://example.org/policy" rel="noreferrer">example.org</a>' in page
    assert ">https://example.org" not in page


def test_what_is_wholly_in_kind_is_not_called_unknown():
    in_kind = {"status": "in_kind", "low": None, "high": None}

    assert total_in_short(total_worth([in_kind, in_kind])) == "in kind"
    assert total_in_short(total_worth([in_kind, {**in_kind, "status": "to_confirm"}])) == "not known yet"
