"""Cases at the edges of criteria: on both sides of each threshold, decided by it, and true to the reference evaluator."""

from __future__ import annotations

from datetime import date

import pytest

from companies.facts import read_vocabulary
from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.lint import lint_draft
from policies.rules import read_policy
from policies.rules.boundaries import boundary_cases
from policies.rules.example_cases import known_companies
from policies.rules.truth import Truth
from tests.policies.conftest import MINI

DAY = date(2026, 11, 24)


def catalogue(folder):
    snapshot = read_catalogue_folder(folder).to_snapshot()
    return snapshot, read_vocabulary(snapshot["vocabulary"], snapshot["lists"])[0]


SNAPSHOT, VOCABULARY = catalogue(MINI)


def boundaries_of(requires, **offer):
    """The boundary cases of the small policy's first offer with these requirements of its own."""
    plain = {**SNAPSHOT["policies"][0], "requires": None, "cases": []}
    plain["offers"] = [{**plain["offers"][0], "requires": requires, **offer}]
    policy, faults = read_policy(plain, VOCABULARY, SNAPSHOT["lists"])
    assert policy is not None, faults
    return boundary_cases(policy.offers[0], VOCABULARY, DAY)


def table(found):
    return [(one.place, one.truth, one.verdict.value) for one in found]


@pytest.mark.parametrize(
    ("when", "fact", "values"),
    [
        ("employees >= 20", "employees", [19, 20, 21]),
        ("employees < 20", "employees", [19, 20, 21]),
        ("5 <= employees", "employees", [4, 5, 6]),
        ("revenue_y1 >= 5000万", "revenue_y1", ["49999999.99", "50000000.00", "50000000.01"]),
        ("growth > 10%", "growth", ["0.0999", "0.1", "0.1001"]),
        ("employees >= 100000", "employees", [99999, 100000]),
        ("2 * employees + 1 >= 21", "employees", [9, 10, 11]),
        ("3 * employees >= 10", "employees", [3, 4]),
    ],
)
def test_each_threshold_gets_a_case_below_at_and_above(when, fact, values):
    found = boundaries_of({"when": when}).found

    assert [one.case["facts"][fact] for one in found[:-1]] == values
    assert found[-1].place == "unknown"
    assert found[-1].case["facts"] == {}


def test_both_lines_of_a_chain_are_thresholds():
    found = boundaries_of({"when": "10 <= employees <= 20"}).found

    assert [one.case["facts"].get("employees") for one in found] == [9, 10, 11, 19, 20, 21, None]


def test_a_derived_fact_is_moved_by_one_of_its_parts():
    found = boundaries_of({"when": "rd_ratio >= 5%"}).found

    assert table(found) == [
        ("below", Truth.NO, "ineligible"), ("at", Truth.YES, "eligible"), ("above", Truth.YES, "eligible"),
        ("unknown", Truth.UNKNOWN, "undetermined"),
    ]  # fmt: skip


@pytest.mark.parametrize("when", ["listed", "stage == 'growing'", '"health" in sectors', 'holds("hnte")', "not listed"])
def test_a_criterion_without_a_threshold_holds_fails_and_is_unknown(when):
    assert table(boundaries_of({"when": when}).found) == [
        ("holds", Truth.YES, "eligible"), ("fails", Truth.NO, "ineligible"), ("unknown", Truth.UNKNOWN, "undetermined"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "requires",
    [
        {"any": [{"when": "employees >= 20"}, {"when": "listed"}]},
        {"all": [{"when": "employees >= 20"}, {"when": "listed"}, {"not": {"when": "stage == 'startup'"}}]},
        {"at_least": 2, "of": [{"when": "employees >= 20"}, {"when": "listed"}, {"when": "growth >= 10%"}]},
        {"not": {"any": [{"when": "employees >= 20"}, {"when": "listed"}]}},
        {"any": [{"all": [{"when": "employees >= 20"}, {"when": "listed"}]}, {"when": "growth >= 50%"}]},
    ],
    ids=["any", "all", "at least", "not any", "nested"],
)
def test_the_other_branches_are_set_so_that_the_criterion_decides(requires):
    found = boundaries_of(requires)

    assert found.not_found == ()
    for criterion in {one.criterion for one in found.found}:
        by_truth = {one.truth: one.verdict.value for one in found.found if one.criterion == criterion}
        assert {by_truth[Truth.YES], by_truth[Truth.NO]} == {"eligible", "ineligible"}, criterion
        assert by_truth[Truth.UNKNOWN] == "undetermined"


def test_a_judgement_beside_it_leaves_the_best_verdict_to_people():
    found = boundaries_of({"all": [{"when": "listed"}, {"judged": {"en": "Experts agree", "zh": "专家同意"}}]}).found

    assert [one.verdict.value for one in found] == ["needs_review", "ineligible", "undetermined"]


def test_a_criterion_that_no_company_can_decide_is_named():
    found = boundaries_of({"all": [{"when": "employees >= 20"}, {"when": "employees < 20"}]})

    assert not found.found
    assert [text.zh for text in found.not_found] == ["员工人数 不低于 20", "员工人数 低于 20"]


def test_the_same_question_gives_the_same_cases():
    requires = {"any": [{"when": "employees >= 20"}, {"when": "listed"}]}

    assert boundaries_of(requires) == boundaries_of(requires)


@pytest.mark.slow
def test_for_the_shipped_catalogue_nearly_every_criterion_is_decided_and_every_case_is_a_green_example():
    snapshot, vocabulary = catalogue(CATALOGUE_DIR)
    criteria, missing, undecided = 0, 0, 0
    for plain in snapshot["policies"]:
        policy, _faults = read_policy(plain, vocabulary, snapshot["lists"])
        cases = []
        for offer in policy.offers:
            found = boundary_cases(offer, vocabulary, DAY, known_companies(policy.cases, offer.key, vocabulary))
            cases.extend(one.case for one in found.found)
            missing += len(found.not_found)
            for criterion in {one.criterion for one in found.found}:
                mine = [one for one in found.found if one.criterion == criterion]
                criteria += 1
                yes, no = ({one.verdict for one in mine if one.truth is truth} for truth in (Truth.YES, Truth.NO))
                undecided += not (yes and no and yes != no)
        faults = lint_draft(snapshot, {**plain, "cases": [*plain["cases"], *cases]}, DAY)
        assert [fault for fault in faults if fault.code != "missing-source"] == [], plain["policy"]

    assert criteria > 250
    assert missing <= 3
    assert undecided <= criteria // 10
