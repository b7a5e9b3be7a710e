"""The page of a comparison: whole evaluations side by side, why they differ, for those who may see the company."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from companies.actions import found_company
from companies.models import Company, ProfileVersion
from matching.comparing.forms import ColumnForm, Offered
from matching.engine.report import make_report
from matching.models import MatchReport, MatchRequest
from matching.rendering.side_by_side_files import FILES
from matching.rendering.words import GROUPS

pytestmark = pytest.mark.django_db
ZONES = {"a_place": "now", "b_place": "zone-ftz-changping-cluster", "c_place": "zone-zgc-changping-park"}
FOUR = {**ZONES, "d_place": "city", "d_day": "2027-11-30", "b_people": "300", "c_title": "little_giant"}


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to("2026-11-30T04:00:00Z", tick=False)


def test_each_column_is_what_a_report_of_that_company_says(look, book, answered):
    table = look(**FOUR).context["table"]
    profile = answered.profile(book.vocabulary)

    sent = {name.replace("_", "-", 1): value for name, value in FOUR.items()}
    offered = Offered(book, profile, look(**FOUR).context["offered"].day)
    for column in table.columns:
        form = ColumnForm(sent, letter=column.key, offered=offered)
        assert form.is_valid()
        variant = form.variant()
        report = make_report(book, variant.apply(profile), variant.day, {"name": ""}, compare=False)
        groups = {offer["id"]: offer["group"] for offer in report["offers"]}
        amounts = {
            offer["id"]: offer["amount"] for offer in report["offers"] if offer["group"] in ("eligible", "needs_review")
        }
        assert column.eligible == sum(group == "eligible" for group in groups.values())
        assert column.best.high == report["combination"]["possible"]["high"]["total"]["high"]
        for row in [*table.differing, *table.alike]:
            (cell,) = (cell for cell in row.cells if cell.column is column)
            assert cell.mark is GROUPS[groups[row.id]], (column.letter, row.id)
            if row.id in amounts:
                assert (cell.low, cell.high) == (amounts[row.id]["low"], amounts[row.id]["high"]), row.id


def test_what_differs_is_marked_and_names_the_criterion_and_its_clause(look):
    answer = look(a_place="now", b_place="city")
    table = answer.context["table"]

    differing = [cell for row in table.differing for cell in row.cells if cell.differs]
    assert differing
    assert all(cell.column.letter == "B" for cell in differing)
    causes = [cause for cell in differing for cause in cell.causes]
    assert any("Changping" in cause.sentence and cause.clause and cause.before != cause.after for cause in causes)
    said = answer.content.decode()
    assert said.count('<span class="compare-mark" aria-hidden="true">≠</span>') == len(differing)
    assert causes[0].sentence.split("“")[0] in said


def test_what_has_ended_everywhere_is_no_difference_and_what_ends_until_then_says_so(look):
    answer = look(a_place="now", b_place="city", c_place="now", c_day="2028-11-30")
    ended = GROUPS["ended"]

    marks = [[cell.mark for cell in row.cells] for row in answer.context["table"].differing]
    assert [ended, ended, ended] not in marks
    over = [row.cells[2] for row in answer.context["table"].differing if row.cells[2].mark is ended]
    assert over
    assert not any(cell.causes for cell in over if cell.differs)
    assert str(ended.meaning) in answer.content.decode()


def test_the_same_company_twice_has_no_difference(look):
    table = look(a_place="now", b_place="now").context["table"]

    assert not table.differing
    assert table.columns[0].now == table.columns[1].now


def test_without_being_asked_it_begins_with_the_zones(look):
    answer = look()

    assert [column.letter for column in answer.context["table"].columns] == ["A", "B", "C"]
    places = [form["place"].value() for form in answer.context["columns"]]
    assert places == ["now", "zone-ftz-changping-cluster", "zone-zgc-changping-park", "off"]


def test_any_fact_can_be_otherwise_as_one_writes_it_in_the_form(look, book):
    revenue = book.vocabulary.get("revenue_y1")

    for language, word in (("en", revenue.label.en), ("zh-hans", revenue.label.zh)):
        table = look(language, a_place="now", b_place="now", b_fact=word, b_value="2000万").context["table"]
        (change,) = table.columns[1].changes
        assert (change["fact"], change["to"]) == ("revenue_y1", "20000000.00")


@pytest.mark.parametrize(
    ("asked", "field", "typed"),
    [
        ({"b_people": "many"}, "people", "many"),
        ({"b_fact": "no such thing", "b_value": "7"}, "fact", "no such thing"),
        ({"b_fact": "employees", "b_value": ""}, "value", "employees"),
        ({"b_fact": "", "b_value": "7"}, "fact", "7"),
        ({"b_fact": "revenue_y1", "b_value": "<script>alert(1)</script>"}, "value", "alert(1)"),
        ({"b_day": "1850-01-01"}, "day", "1850-01-01"),
        ({"b_place": "zone-on-the-moon"}, "place", ""),
        ({"b_people": "\x00"}, "people", ""),
        ({"b_fact": "certificates", "b_value": "hnte"}, "fact", "hnte"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_not_lost(look, asked, field, typed):
    for language in ("en", "zh-hans"):
        answer = look(language, a_place="now", **{"b_place": "now", **asked})

        assert answer.status_code == 422
        assert answer.context["table"] is None
        assert field in answer.context["columns"][1].errors
        assert typed in answer.content.decode()
        assert "<script>alert" not in answer.content.decode()


def test_strangers_find_neither_page_nor_file_and_nobody_is_asked_to_sign_in(client, zhou, company, answered):
    for name, more in [("compare", []), *(("compare_file", [form]) for form in FILES)]:
        mine, missing = (reverse(f"matching:{name}", args=[key, *more]) for key in (company.public_id, uuid4()))
        client.logout()
        assert client.get(mine).headers["Location"].startswith(reverse("account_login"))
        client.force_login(zhou)
        assert (client.get(mine).status_code, client.get(missing).status_code) == (404, 404)


def test_who_started_without_an_account_compares_and_no_other_browser_does(client, book):
    client.post(reverse("matching:start"), {"name": "Not yet a company", "founded": "no"})
    held = Company.objects.get()
    path = reverse("matching:compare", args=[held.public_id])
    other = Client()
    other.post(reverse("matching:start"), {"name": "Somebody else", "founded": "yes"})

    assert client.get(path).status_code == 200
    assert client.get(path + "csv/").status_code == 200
    assert other.get(path).status_code == 404
    assert Client().get(path).status_code == 302


def test_without_saying_which_one_is_led_to_ones_own_company_or_chooses(client, lin, zhou, company):
    path = reverse("matching:compare_any")
    mine = reverse("matching:compare", args=[company.public_id])
    assert client.get(path).headers["Location"] == reverse("matching:start")
    client.force_login(zhou)
    assert client.get(path).headers["Location"] == reverse("matching:start")
    client.force_login(lin)
    assert client.get(path).headers["Location"] == mine
    other = found_company(name="Second <i>Ltd</i>", by=lin)

    said = client.get(path).content.decode()

    assert mine in said
    assert reverse("matching:compare", args=[other.public_id]) in said
    assert "<i>Ltd" not in said


def test_a_colleague_who_may_only_read_may_compare(client, wei, company, answered):
    client.force_login(wei)

    assert client.get(reverse("matching:compare", args=[company.public_id])).status_code == 200


def test_the_queries_do_not_grow_with_columns_and_nothing_is_stored(look, django_assert_num_queries):
    look()

    for asked in ({}, FOUR):
        with django_assert_num_queries(5):
            look(**asked)
    assert (ProfileVersion.objects.count(), MatchRequest.objects.count(), MatchReport.objects.count()) == (1, 0, 0)


def test_a_company_that_has_said_nothing_can_be_compared_too(client, lin, company, book):
    client.force_login(lin)

    answer = client.get(reverse("matching:compare", args=[company.public_id]))

    assert answer.status_code == 200
    assert answer.context["table"].columns[0].eligible == 0


def test_a_planned_company_is_compared_as_if_founded_in_each_zone(client, book, look):
    assert "founded" not in look().context["columns"][1].fields
    client.logout()
    client.post(reverse("matching:start"), {"name": "Not yet", "founded": "no"})
    path = reverse("matching:compare", args=[Company.objects.latest("pk").public_id])

    table = client.get(path).context["table"]

    now, *others = table.columns
    assert table.differing
    assert not any(change["fact"] == "established" for change in now.changes)
    for column in others:
        changed = {change["fact"]: change["to"] for change in column.changes}
        assert changed["established"] is True
        assert changed["founding_day"] == "2026-11-30"
    unfounded = client.get(path, {"a-place": "now", "b-place": "now"}).context["table"]
    assert not unfounded.differing


def test_without_a_release_the_page_says_so(client, lin, company):
    client.force_login(lin)

    said = client.get(reverse("matching:compare", args=[company.public_id])).content.decode()

    assert "The catalogue has not been loaded yet" in said
