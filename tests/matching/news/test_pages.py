"""The pages of being told: the list, what is read, what is muted; doors, hostile text and costs."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from companies.actions import found_company
from companies.models import Company, Membership
from matching.models import MutedPolicy, Watch
from matching.news import actions
from tests.matching.news.conftest import DAY
from tests.matching.news.test_being_told import lower_the_bar

HOSTILE = "<script>alert(1)</script> '\"&\u202e {{ 7|add:7 }}"
PAGES = ["/news/", "/news/settings/"]


@pytest.fixture
def told(watched, publish, run_all):
    """A publication has changed something for Lin's company."""
    publish(lower_the_bar)
    return run_all()


def test_the_list_says_what_was_what_is_why_and_leads_to_policy_and_company(enter, lin, watched, told):
    page = enter(lin).get("/news/").content.decode()

    assert "large-team" in page
    assert "Not eligible" in page
    assert "other rules are in force (release 2)" in page
    assert reverse("policies:detail", args=["cp-small-2026"]) in page
    assert watched.get_absolute_url() in page


def test_the_navigation_counts_what_is_not_read_until_the_person_says_so(enter, lin, told):
    client = enter(lin)

    before = client.get("/companies/").content.decode()
    client.get("/news/")  # looking alone changes nothing
    still = client.get("/companies/").content.decode()
    answer = client.post("/news/read/", {"up_to": str(told.sequence)}, follow=True)

    assert "(2 new)" in before
    assert "(2 new)" in still
    assert "new)" not in answer.content.decode()


def test_what_comes_while_the_page_is_open_stays_unread(enter, lin, watched, told, answer, run_all):
    answer(watched, employees=5)
    run_all()

    enter(lin).post("/news/read/", {"up_to": str(told.sequence)})

    assert "(2 new)" in enter(lin).get("/companies/").content.decode()


@pytest.mark.parametrize("up_to", ["", "x", "-1", "9" * 40, "1e3", "\x00"])
def test_a_mark_that_is_no_number_changes_nothing(enter, lin, told, up_to):
    enter(lin).post("/news/read/", {"up_to": up_to})

    assert "(2 new)" in enter(lin).get("/companies/").content.decode()


def test_nobody_can_mark_as_read_what_is_not_found_yet(enter, lin, watched, told, answer, run_all):
    enter(lin).post("/news/read/", {"up_to": "999999"})
    answer(watched, employees=5)
    run_all()

    assert "(2 new)" in enter(lin).get("/companies/").content.decode()


def test_without_news_the_page_says_when_there_will_be_some(enter, zhou, release):
    page = enter(zhou).get("/news/").content.decode()

    assert "Nothing has changed so far." in page


def test_the_list_goes_on_with_what_is_older(enter, lin, watched, told, answer, run_all, monkeypatch):
    monkeypatch.setattr("matching.news.views.ON_A_PAGE", 3)
    answer(watched, employees=5)
    run_all()
    client = enter(lin)

    first = client.get("/news/")
    second = client.get("/news/", {"before": first.context["older"]})

    shown = [item.change.pk for page in (first, second) for item in page.context["items"]]
    assert len(first.context["items"]) == 3
    assert len(shown) == len(set(shown)) == 4
    assert second.context["older"] is None


@pytest.mark.parametrize("before", ["", "x", "1", "1.2.3", "1.x", "9" * 30 + ".1", "\x00", "１.２"])
def test_a_place_in_the_list_that_is_none_gives_the_newest(enter, lin, told, before):
    assert len(enter(lin).get("/news/", {"before": before}).context["items"]) == 2


def test_a_policy_is_muted_beside_its_news_and_heard_again_from_the_settings(enter, lin, told):
    client = enter(lin)

    muted = client.post("/news/settings/policies/cp-small-2026/", follow=True).content.decode()
    items = client.get("/news/").context["items"]
    client.post("/news/settings/policies/cp-small-2026/", {"on": "yes"})

    assert "Small measures" in muted
    assert [item.policy for item in items] == [""]
    assert not MutedPolicy.objects.exists()


def test_a_policy_that_does_not_exist_cannot_be_muted(enter, lin, release):
    assert enter(lin).post("/news/settings/policies/no-such-policy/").status_code == 404
    assert not MutedPolicy.objects.exists()


def test_a_member_switches_telling_off_and_on(enter, lin, watched):
    address = f"/news/settings/companies/{watched.public_id}/"

    off = enter(lin).post(address, {"on": "no"}, follow=True).content.decode()
    was_off = Watch.objects.get().is_on
    on = enter(lin).post(address, {"on": "yes"}, follow=True).content.decode()

    assert "you are not told" in off
    assert not was_off
    assert "you are told" in on
    assert Watch.objects.get().is_on


def test_strangers_find_nothing_and_switch_nothing(enter, zhou, watched, told):
    client = enter(zhou)

    foreign = client.post(f"/news/settings/companies/{watched.public_id}/", {"on": "yes"})
    missing = client.post("/news/settings/companies/00000000-0000-4000-8000-000000000000/", {"on": "yes"})
    pages = [client.get(page).content.decode() for page in PAGES]

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert not Watch.objects.filter(membership__user=zhou).exists()
    assert all(watched.name not in page and "large-team" not in page for page in pages)


@pytest.mark.parametrize("address", [*PAGES, "/news/read/", "/news/settings/policies/cp-small-2026/"])
def test_who_is_not_signed_in_is_asked_to(client, release, address):
    answer = client.get(address) if address in PAGES else client.post(address)

    assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={address}")


@pytest.mark.parametrize("address", ["/news/read/", "/news/settings/policies/cp-small-2026/"])
def test_looking_changes_nothing(enter, lin, release, address):
    assert enter(lin).get(address).status_code == 405


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_hostile_name_stays_text(enter, lin, watched, told, language):
    Company.objects.update(name=HOSTILE)
    client = enter(lin)
    client.cookies["django_language"] = language

    pages = [client.get(page).content.decode() for page in PAGES]

    assert all("<script>alert" not in page and escape(HOSTILE) in page for page in pages)


@pytest.mark.parametrize(("page", "queries"), [("/news/", 8), ("/news/settings/", 6)])
def test_pages_take_as_many_queries_for_much_news_as_for_little(
    enter, lin, watched, told, answer, run_all, page, queries, django_assert_num_queries
):
    client = enter(lin)
    client.get(page)
    with django_assert_num_queries(queries):
        client.get(page)
    for at in range(3):
        other = found_company(name=f"C{at}", by=lin)
        actions.watch(company=other, by=lin)
        answer(other, established=True, employees=40)
    run_all(DAY)
    for company in Company.objects.filter(name__startswith="C"):
        answer(company, employees=2)
    run_all(DAY)

    with django_assert_num_queries(queries):
        client.get(page)


def test_the_count_costs_no_query_of_its_own(enter, lin, watched, told, django_assert_num_queries):
    client = enter(lin)
    client.get("/companies/")

    with django_assert_num_queries(4):  # session, the person with the count, companies, and what there is of them
        page = client.get("/companies/").content.decode()

    assert "(2 new)" in page


def test_a_membership_that_ended_takes_the_count_along(enter, lin, watched, told):
    Membership.objects.filter(user=lin).delete()

    assert "new)" not in enter(lin).get("/companies/").content.decode()


def test_telling_is_switched_where_one_looks_for_it_and_one_stays_there(enter, lin, watched):
    client, here = enter(lin), watched.get_absolute_url()
    assert "Stop telling me" in client.get(here).content.decode()

    answer = client.post(f"/news/settings/companies/{watched.public_id}/", {"on": "no", "next": here}, follow=True)

    assert answer.redirect_chain[-1][0] == here
    assert "Tell me when this changes" in answer.content.decode()
    assert not Watch.objects.get(membership__company=watched).is_on


def test_a_policy_is_muted_on_its_own_page_and_heard_again(enter, lin, release):
    client, here = enter(lin), reverse("policies:detail", args=["cp-small-2026"])
    address = "/news/settings/policies/cp-small-2026/"
    assert address in client.get(here).content.decode()

    muted = client.post(address, {"next": here}, follow=True)
    assert muted.redirect_chain[-1][0] == here
    assert "Tell me again" in muted.content.decode()
    client.post(address, {"on": "yes", "next": here})

    assert not MutedPolicy.objects.exists()


def test_nobody_signed_in_sees_no_switch_on_a_policy(client, release):
    page = client.get(reverse("policies:detail", args=["cp-small-2026"])).content.decode()

    assert "/news/settings/" not in page
