"""One reader sees parts of a report: what is not shown is in none of its forms, and the rest is as it was."""

import json
from copy import deepcopy
from datetime import date

import pytest

from companies.facts import read_profile
from matching.engine.report import make_report
from matching.rendering.html import as_html
from matching.rendering.outline import outline_of
from matching.rendering.parts import EVERYTHING, Parts, only
from matching.rendering.spreadsheet import as_spreadsheet
from matching.rendering.text import as_text
from policies.rules.book import read_rulebook
from tests.matching.catalogue import SNAPSHOT

OWN, OFFERS, AMOUNTS = Parts(own=False), Parts(offers=False), Parts(amounts=False)
CHOICES = [
    Parts(offers, amounts, own) for offers in (True, False) for amounts in (True, False) for own in (True, False)
]
WITH_ITS_FIGURE = ("7,654,321", "7654321")


@pytest.fixture(scope="module")
def report():
    """The company spends 7,654,321 on research, which an offer pays a share of."""
    rulebook = read_rulebook(deepcopy(SNAPSHOT), number=1)
    facts = {"established": True, "employees": 1200, "rd_expense_y1": 7_654_321}
    profile, faults = read_profile(rulebook.vocabulary, facts)
    assert not faults
    return make_report(rulebook, profile, date(2026, 11, 24), {"name": "Example"})


def told(report, parts):
    left = only(deepcopy(report), parts)
    return json.dumps(left), as_text(left, "en"), as_html(left, "en")


def test_all_parts_are_the_report_itself(report):
    assert only(report, EVERYTHING) is report


def test_the_company_s_answers_are_nowhere_without_them(report):
    assert all(WITH_ITS_FIGURE[0] in form for form in told(report, EVERYTHING)[1:])

    for form in told(report, OWN):
        assert not any(figure in form for figure in WITH_ITS_FIGURE)
        assert "1,200" not in form
        assert report["profile"]["digest"] not in form


def test_what_a_criterion_requires_and_whether_it_holds_stays_without_the_answers(report):
    (_json, text, page) = told(report, OWN)

    assert "R&amp;D" in page or "research" in text
    assert "Required" in page
    assert "Yours" not in page


def test_no_sum_is_told_without_amounts(report):
    _json, text, page = told(report, AMOUNTS)

    for form in (text, page):
        assert "to be confirmed" not in form
        assert "Best combination" not in form
    assert outline_of(only(report, AMOUNTS)).eligible.total == ""
    assert outline_of(only(report, AMOUNTS)).eligible.offers == 3


def test_the_order_of_the_offers_does_not_tell_their_amounts(report):
    (group,) = [one for one in only(report, AMOUNTS)["groups"] if one["group"] == "eligible"]
    listed = [offer["id"] for offer in report["offers"]]

    assert group["offers"] == sorted(group["offers"], key=listed.index)


def test_without_offers_their_names_are_nowhere_and_the_sums_stay(report):
    for form in told(report, OFFERS):
        assert "founding-reward" not in form
    _json, text, page = told(report, OFFERS)

    whole = outline_of(report).eligible
    assert outline_of(only(report, OFFERS)).eligible == whole
    assert whole.total in page
    assert whole.total in text


@pytest.mark.parametrize("parts", CHOICES, ids=str)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_choice_of_parts_can_be_read_in_every_form(report, parts, language):
    left = only(report, parts)

    assert "Example" in as_html(left, language)
    assert "Example" in as_text(left, language)
    assert as_spreadsheet(left, language)


@pytest.mark.parametrize("parts", CHOICES, ids=str)
def test_taking_parts_out_leaves_the_report_as_it_was(report, parts):
    before = deepcopy(report)

    only(report, parts)

    assert report == before
