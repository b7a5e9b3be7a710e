"""The calendar at a secret address: days to apply, no figures, revocable."""

import re
from datetime import date

import pytest
import time_machine
from icalendar import Calendar

from companies.actions import found_company
from companies.models import Company, Membership
from matching.models import Addressee
from matching.news import actions

WINDOW = {"kind": "fixed", "opens": "2026-12-01", "closes": "2026-12-31"}


@pytest.fixture(autouse=True)
def the_day():
    with time_machine.travel("2026-11-24T10:00:00+08:00", tick=False):
        yield


@pytest.fixture
def dated(watched, publish):
    """The offers that Lin's company has or may get have windows; so has the one it cannot get."""
    publish(lambda offers: [offer.update(window=WINDOW) for offer in offers])
    return watched


@pytest.fixture
def address(enter, lin):
    page = enter(lin).post("/news/settings/calendar/", {"on": "yes"}).content.decode()
    return re.search(r'value="http://testserver(/news/calendar/[^"]+)"', page)[1]


def entries(content: bytes) -> list[tuple[str, date]]:
    return [(str(event["summary"]), event["dtstart"].dt) for event in Calendar.from_ical(content).walk("VEVENT")]


def test_it_has_the_days_of_what_the_company_can_get_or_may_yet(client, dated, address):
    client.logout()
    answer = client.get(address)

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert entries(answer.content) == [
        ("Opens: founding-reward", date(2026, 12, 1)),
        ("Closes: founding-reward", date(2026, 12, 31)),
        ("Opens: research-reward", date(2026, 12, 1)),
        ("Closes: research-reward", date(2026, 12, 31)),
    ]


def test_it_says_no_amount_no_answer_and_no_name_where_one_company_is_watched(client, dated, address):
    events = Calendar.from_ical(client.get(address).content).walk("VEVENT")

    # Not the ids, which may hold any figure by chance.
    said = " ".join(str(event[name]) for event in events for name in ("SUMMARY", "DESCRIPTION", "URL"))
    assert "founding-reward" in said
    assert all(word not in said for word in ("500,000", "500000", "CNY", "Biotech", "lin@"))


def test_several_companies_are_told_apart_by_name_and_hostile_names_stay_text(client, lin, dated, address, answer):
    other = found_company(name="Evil\r\nATTENDEE:x;y,z\\", by=lin)
    answer(other, established=True)
    actions.watch(company=other, by=lin)

    content = client.get(address).content

    calendar = Calendar.from_ical(content)
    assert not [event for event in calendar.walk("VEVENT") if "attendee" in event]
    assert "Opens: founding-reward (Beijing Example Biotech)" in [summary for summary, _day in entries(content)]


def test_entries_keep_their_ids(client, dated, address):
    first, second = (client.get(address).content for _ in range(2))

    ids = [[str(event["uid"]) for event in Calendar.from_ical(one).walk("VEVENT")] for one in (first, second)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 4


@pytest.mark.parametrize("why", ["muted", "not a member", "not watched"])
def test_it_follows_what_the_person_decides(client, lin, dated, address, why):
    match why:
        case "muted":
            actions.mute(policy="cp-small-2026", by=lin)
        case "not a member":
            Membership.objects.filter(user=lin).delete()
        case "not watched":
            actions.stop_watching(company=dated, by=lin)

    assert entries(client.get(address).content) == []


def test_an_address_ends_when_it_is_ended_or_another_is_made(client, lin, dated, address):
    renewed = actions.open_calendar(by=lin, language="en")
    old = client.get(address).status_code
    new = client.get(f"/news/calendar/{renewed}.ics").status_code
    client.post("/news/settings/calendar/", {"on": "no"})

    assert (old, new) == (404, 200)
    assert client.get(f"/news/calendar/{renewed}.ics").status_code == 404


def test_the_secret_itself_is_not_kept(lin, dated, address):
    secret = address.rpartition("/")[2].removesuffix(".ics")

    assert len(secret) >= 43
    assert secret not in str(Addressee.objects.values().get())


@pytest.mark.parametrize("secret", ["x", "None", "", "..", "a" * 500])
def test_a_guess_finds_nothing(client, dated, secret):
    assert client.get(f"/news/calendar/{secret}.ics").status_code == 404


def test_it_is_in_the_language_of_who_made_it(client, lin, dated):
    secret = actions.open_calendar(by=lin, language="zh-hans")

    assert entries(client.get(f"/news/calendar/{secret}.ics").content)[0][0] == "开始受理：founding-reward（中文）"


def test_it_costs_as_many_queries_for_many_companies_as_for_one(
    client, lin, dated, address, answer, django_assert_num_queries
):
    client.logout()
    client.get(address)
    with django_assert_num_queries(5):
        client.get(address)
    for at in range(3):
        other = found_company(name=f"C{at}", by=lin)
        answer(other, established=True)
        actions.watch(company=other, by=lin)

    assert Company.objects.count() == 4
    with django_assert_num_queries(5):
        client.get(address)
