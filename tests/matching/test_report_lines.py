"""What a report says besides verdicts: the best combination and the routes, on the page and in the text, in both languages."""

from copy import deepcopy
from datetime import date

import pytest

from companies.facts import read_profile
from matching.engine.report import make_report
from matching.rendering.html import as_html
from matching.rendering.text import as_text
from policies.rules.book import read_rulebook
from tests.matching.catalogue import SNAPSHOT


@pytest.fixture(scope="module")
def report():
    """Two offers of one group of which only the highest counts, both eligible."""
    snapshot = deepcopy(SNAPSHOT)
    for offer in snapshot["policies"][0]["offers"]:
        if offer["offer"] in ("founding-reward", "large-team"):
            offer["stacking"] = [{"highest_only": "small", "clause": "Art. 3"}]
    rulebook = read_rulebook(snapshot, number=1)
    profile, faults = read_profile(rulebook.vocabulary, {"established": True, "employees": 1200, "rd_expense_y1": 0})
    assert not faults
    return make_report(rulebook, profile, date(2026, 11, 24), {"name": "Example"})


def test_the_text_says_what_goes_together_and_what_the_next_best_is(report):
    text = as_text(report, "en")

    assert "Best combination now: CNY 800,000 (proven best)" in text
    assert "Next best: “founding-reward” instead of “large-team”: CNY 300,000 less." in text


def test_the_text_says_in_chinese_why_an_offer_was_left_out(report):
    text = as_text(report, "zh-hans")

    assert "目前的最优组合: 80万元 (已证明最优)" in text
    assert "“founding-reward（中文）”让位于“large-team（中文）”" in text


def test_the_page_says_the_sum_that_may_be_had_together_not_the_sum_of_all(report):
    page = as_html(report, "en")

    assert "CNY 800,000" in page
    assert "CNY 1.3 million" not in page
    assert "gives way to" in page


def test_the_first_lines_count_the_tax_savings_of_what_goes_together(report):
    told = deepcopy(report)
    saving = told["combination"]["now"]["high"]["total"]
    for end in ("low", "high"):
        told["combination"]["now"][end]["by_nature"]["tax_saving"] = saving

    first_lines = as_text(told, "en").split("Best combination now")[0]

    assert "You can get: offers: 1; CNY 800,000\n  of which estimated tax savings: CNY 800,000\n" in first_lines


def test_an_offer_of_several_years_is_told_with_the_sum_that_is_counted(report):
    told = deepcopy(report)
    for end in ("low", "high"):
        for offer in told["combination"]["now"][end]["offers"]:
            offer["high"] = "2400000.00"

    assert "CNY 800,000; over all years: CNY 800,000 to CNY 2.4 million" in as_text(told, "en")


def test_where_nothing_is_certain_the_first_line_says_so_in_words():
    rulebook = read_rulebook(deepcopy(SNAPSHOT), number=1)
    profile, _ = read_profile(rulebook.vocabulary, {})
    told = make_report(rulebook, profile, date(2026, 11, 24), {"name": "Only a name"})

    assert "You can get: nothing is certain yet\n" in as_text(told, "en")
    assert "yours: between" not in as_text(told, "en")


def test_a_report_made_before_combinations_were_known_is_still_read(report):
    old = {key: part for key, part in report.items() if key != "combination"}

    assert "CNY 1.3 million" in as_text(old, "en")


def test_a_route_is_said_in_words_in_both_languages(report):
    profile_short = {"established": True, "employees": 900}
    rulebook = read_rulebook(deepcopy(SNAPSHOT), number=1)
    profile, _faults = read_profile(rulebook.vocabulary, profile_short)
    short = make_report(rulebook, profile, date(2026, 11, 24), {"name": "Example"})

    assert "What it would take: Employees: 100 short (now 900, 1,000 needed). Then every criterion" in " ".join(
        as_text(short, "en").split()
    )
    assert "还差100" in as_text(short, "zh-hans")


def test_the_comparison_says_what_comes_out_otherwise_next_year():
    snapshot = deepcopy(SNAPSHOT)
    snapshot["policies"][0]["effective"] = {"from": None, "to": "2027-06-30"}
    rulebook = read_rulebook(snapshot, number=1)
    profile, _faults = read_profile(rulebook.vocabulary, {"established": True})
    report = make_report(rulebook, profile, date(2026, 11, 24), {"name": "Example"})

    text, page = as_text(report, "en"), as_html(report, "zh-hans")

    assert "* Next year, all else as now (2027-11-24)" in text
    assert "~ founding-reward: Eligible (CNY 500,000) → Ended" in text
    assert "明年，其他不变" in page


def test_a_report_without_comparison_has_no_section_for_it(report):
    alone = {**report, "comparison": None}

    assert "What if" not in as_text(alone, "en")
    assert 'id="comparison"' not in as_html(alone, "en")
