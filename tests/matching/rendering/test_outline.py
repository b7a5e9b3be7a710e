"""What the outline draws and counts: the line of months, the bars of amounts, steps, strength, and an offer's part in the whole."""

from copy import deepcopy
from datetime import date

import pytest

from companies.facts import read_profile
from matching.engine.report import make_report
from matching.rendering.chart import bar_of, chart_of
from matching.rendering.dates import days_of, timeline_of
from matching.rendering.html import as_html
from matching.rendering.outline import outline_of
from policies.rules.book import read_rulebook
from tests.matching.catalogue import SNAPSHOT

DAY = date(2026, 11, 24)


def report_of(answers, change=lambda offers: None):
    snapshot = deepcopy(SNAPSHOT)
    change({offer["offer"]: offer for offer in snapshot["policies"][0]["offers"]})
    rulebook = read_rulebook(snapshot, number=1)
    profile, faults = read_profile(rulebook.vocabulary, answers)
    assert not faults
    return make_report(rulebook, profile, DAY, {"name": "Example"})


def window(opens, closes):
    def change(offers):
        offers["founding-reward"]["window"] = {"kind": "fixed", "opens": opens, "closes": closes}

    return change


@pytest.fixture(scope="module")
def report():
    return report_of({"established": True, "employees": 900})


def priced(identifier, low, high, status="range", missing=()):
    amount = {"low": low, "high": high, "status": status, "missing": list(missing), "nature": "cash"}
    return {"id": identifier, "title": {"en": identifier, "zh": identifier}, "amount": amount}


def test_the_line_begins_with_the_month_of_the_report_and_shows_a_year_at_least():
    line = timeline_of(report_of({"established": True}, window("2026-12-01", "2027-01-15")), [])

    assert [tick.said for tick in line.ticks] == ["2026-11", "2027-03", "2027-07", "2027-11"]
    assert (line.ticks[0].place, line.ticks[-1].place) == (0.0, 100.0)


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [
        ("2026-11-01", "2027-10-31", (0.0, 99.7, False)),
        ("2020-01-01", "2027-05-01", (0.0, 49.6, False)),
        ("2027-05-02", "2027-05-02", (49.9, 1.5, False)),
        ("2026-11-01", "2036-01-01", (0.0, 100.0, True)),
    ],
)
def test_a_window_lies_where_its_days_are(opens, closes, expected):
    report = report_of({"established": True}, window(opens, closes))

    (span,) = [one for one in outline_of(report).timeline.spans if one.anchor.endswith("founding-reward")]

    assert (span.start, span.width, span.runs_on) == expected


def test_offers_without_a_day_are_counted_by_what_is_known_of_their_window(report):
    assert [(str(word), count) for word, count in outline_of(report).timeline.without_day] == [("open all year", 2)]


def test_days_of_windows_and_certificates_are_one_list_the_nearest_first():
    report = report_of({"established": True}, window("2026-12-01", "2027-01-15"))
    report["validity"] = [
        {"fact": "f", "kind": "k", "label": {"en": "Title", "zh": "称号"}, "issued": None, "expires": "2026-12-24", "offers": []}
    ]  # fmt: skip

    due = days_of(report, {offer["id"]: offer for offer in report["offers"]})

    assert [(one.day, str(one.what)) for one in due] == [
        ("2026-12-01", "opens"), ("2026-12-24", "valid until"), ("2027-01-15", "closes"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("10000.00", "100000000.00", (0.0, 100.0, False, False)),
        ("1000000.00", "1000000.00", (50.0, 1.5, False, False)),
        (None, "1000000.00", (0.0, 50.0, True, False)),
        ("1000000.00", None, (50.0, 50.0, False, True)),
        ("0.00", "1.00", (0.0, 1.5, False, False)),
    ],
)
def test_a_bar_lies_on_a_scale_of_powers_of_ten(low, high, expected):
    bar = bar_of(low, high, 4)

    assert (bar.start, bar.width, bar.low_open, bar.high_open) == expected


def test_an_amount_that_is_not_known_is_counted_and_never_drawn_as_nothing():
    chart = chart_of(
        [
            priced("a", None, None, "to_confirm"),
            priced("b", None, None, "to_confirm", missing=["revenue"]),
            priced("c", None, None, "in_kind"),
            priced("d", "5.00", "5.00"),
        ]
    )

    assert [line.offer["id"] for line in chart.lines] == ["d"]
    assert (chart.to_confirm, chart.depends, chart.in_kind) == (1, 1, 1)


def test_the_scale_grows_where_an_amount_is_above_it():
    words = [word for _place, word, _side in chart_of([priced("a", None, "900000000.00")]).ticks]

    assert words == ["CNY 10,000", "CNY 10 million", "CNY 10 billion"]


def test_one_step_away_is_what_takes_a_single_change(report):
    steps = outline_of(report).steps

    assert [(step.offer["offer"], step.change["fact"]) for step in steps] == [
        ("research-reward", "rd_expense_y1"), ("large-team", "employees"),
    ]  # fmt: skip
    assert str(steps[1].then.word) == "Eligible"


def test_strength_says_where_answers_come_from_and_who_answers_the_criteria():
    def judged(offers):
        offers["founding-reward"]["requires"]["all"].append(
            {"judged": {"en": "Experts agree", "zh": "专家认可"}, "clause": "Art. 1"}
        )

    strength = outline_of(report_of({"established": True}, judged)).strength

    assert [(share.key, share.count, share.percent) for share in strength.sources] == [("self_declared", 1, 100)]
    assert [(share.key, share.count, share.percent) for share in strength.criteria] == [
        ("computed", 3, 75), ("judged", 1, 25),
    ]  # fmt: skip
    assert strength.evidenced == 0


def test_an_offer_says_why_it_was_left_out_of_the_combination():
    def exclusive(offers):
        for key in ("founding-reward", "large-team"):
            offers[key]["stacking"] = [{"highest_only": "small", "clause": "Art. 3"}]

    outline = outline_of(report_of({"established": True, "employees": 1200}, exclusive))
    roles = {offer.plain["offer"]: offer.role for group in outline.groups for offer in group.offers}

    assert roles["large-team"].chosen
    assert not roles["founding-reward"].chosen
    assert "gives way to" in roles["founding-reward"].left_out[0]["en"]


def test_the_amount_of_an_offer_paid_in_parts_is_told_part_by_part():
    halves = [{"share": "50%", "when": {"en": when, "zh": when}} for when in ("at once", "a year later")]

    def in_parts(offers):
        offers["founding-reward"]["benefit"]["instalments"] = halves

    page = as_html(report_of({"established": True}, in_parts), "en")

    assert "<li>at once: CNY 250,000</li><li>a year later: CNY 250,000</li>" in page


def test_a_link_to_an_offer_leads_into_what_is_folded_so_that_the_browser_opens_it(report):
    page = as_html(report, "en")

    for group in report["groups"]:
        for offer in group["offers"]:
            place = f'<div class="card-body" id="offer-{offer.replace("/", "--")}">'
            before = page[: page.index(place)]
            assert before.count("<details") > before.count("</details>")
            assert before.rindex("</summary>") > before.rindex("<summary")


def test_a_report_of_an_earlier_engine_is_still_read(report):
    old = {key: part for key, part in report.items() if key != "validity"}
    old["profile"] = {key: part for key, part in report["profile"].items() if key != "sources"}
    for offer in old["offers"]:
        del offer["amount"]["instalments"]

    assert "Example" in as_html(old, "zh-hans")
