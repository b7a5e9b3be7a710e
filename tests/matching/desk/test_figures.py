"""The figures for people who see counts only: who gets in, what is shown, and that small counts never are."""

from __future__ import annotations

import pytest
from django.utils import timezone

from companies.models import Company, User
from matching import actions, tasks
from matching.desk.reach import population
from matching.jobs import runs
from matching.models import Cause
from policies.models import Release
from tests.matching.desk.test_reach import IN, crowd, snapshot_dir
from tests.policies.conftest import staff

__all__ = ["crowd", "snapshot_dir"]

pytestmark = pytest.mark.django_db

PAGES = ["/desk/figures/", "/desk/figures/cp-mini/"]


@pytest.fixture(autouse=True)
def _silent_bell(monkeypatch):
    monkeypatch.setattr(tasks, "ring", lambda: True)


@pytest.fixture
def run_all(mini):
    def run():
        run = actions.request_run(
            release=Release.objects.latest(), day=timezone.localdate(), cause=Cause.ASKED, by=None
        )
        while runs.do_next():
            pass
        return run

    return run


@pytest.fixture
def analyst(db):
    return staff("ana", "analyst")


def offers_in(answer):
    return {one.title.en: one for one in answer.context["offers"]}


@pytest.mark.parametrize("role", ["curator", "reviewer", "publisher", "analyst"])
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_who_may_see_counts_sees_figures(enter, crowd, run_all, role, page, language):
    crowd(6, **IN, rd_expense_y1="300万", revenue_y1="6000万")
    run_all()
    client = enter(staff("other", role))
    client.cookies["django_language"] = language

    answer = client.get(page)

    assert answer.status_code == 200
    assert "Company 1" not in answer.content.decode()


@pytest.mark.parametrize("role", ["support", None])
@pytest.mark.parametrize("page", PAGES)
def test_nobody_else_does(enter, crowd, run_all, role, page):
    run_all()
    person = User.objects.create_user("other@example.com") if role is None else staff("other", role)

    assert enter(person).get(page).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_who_is_not_signed_in_is_asked_to(client, mini, page):
    assert client.get(page).status_code == 302


def test_an_analyst_finds_the_figures_from_every_page_and_nothing_else_of_the_desk(enter, analyst, mini):
    client = enter(analyst)

    home = client.get("/").content.decode()

    assert 'href="/desk/figures/"' in home
    assert 'href="/desk/"' not in home
    for url in ("/desk/", "/desk/policies/", "/desk/policies/cp-mini/", "/desk/policies/cp-mini/1/reach/"):
        assert client.get(url).status_code == 404, url


def test_before_the_first_run_the_page_says_so(enter, analyst, mini):
    answer = enter(analyst).get("/desk/figures/")

    assert "There are no figures yet" in answer.content.decode()
    assert enter(analyst).get("/desk/figures/cp-mini/").status_code == 404


def test_the_figures_are_those_of_the_run(enter, analyst, crowd, run_all):
    crowd(6, **IN, rd_expense_y1="300万", revenue_y1="6000万")
    crowd(7, sectors=["robotics"], employees="30", listed=True)
    crowd(8, employees="30", rd_expense_y1="300万")
    run_all()

    answer = enter(analyst).get("/desk/figures/cp-mini/")

    team = offers_in(answer)["Team reward"]
    assert (team.whole.companies, team.whole.eligible, team.whole.undetermined) == (21, 6, 8)
    assert team.money == "CNY 1.8 million"
    sectors = {line.label.en: (line.companies, line.eligible) for line in team.groups[0].lines}
    assert sectors == {"Health": (6, 6), "Robotics": (7, 0)}
    overview = enter(analyst).get("/desk/figures/")
    assert overview.context["everybody"].companies == 21


def test_small_counts_and_what_would_tell_them_are_hidden_from_everybody(enter, chen, crowd, run_all):
    crowd(3, **IN, rd_expense_y1="300万", revenue_y1="6000万")
    crowd(30, **IN, rd_expense_y1="0", revenue_y1="6000万")
    crowd(6, sectors=["robotics"], employees="30")
    run_all()

    answer = enter(chen).get("/desk/figures/cp-mini/")

    team = offers_in(answer)["Team reward"]
    assert team.whole.eligible is None
    assert team.money is None
    assert "hidden" in answer.content.decode()
    shown = [team.whole, *(line for group in team.groups for line in group.lines)]
    assert not {count for line in shown for count in (line.eligible, line.undetermined)} & {1, 2, 3, 4}
    assert enter(chen).get("/desk/figures/").context["groups"][0].lines[0].companies == 33


def test_a_company_that_is_gone_since_the_run_is_in_no_group(enter, analyst, crowd, run_all):
    companies = crowd(12, **IN, rd_expense_y1="300万", revenue_y1="6000万")
    run_all()
    Company.objects.filter(pk__in=[one.pk for one in companies[:6]]).delete()

    answer = enter(analyst).get("/desk/figures/cp-mini/")

    team = offers_in(answer)["Team reward"]
    assert (team.whole.companies, team.whole.eligible) == (12, 12)
    assert team.groups[0].lines[0].eligible == 6


def test_while_answers_have_to_be_read_the_page_says_how_far_it_is(
    enter, analyst, crowd, run_all, monkeypatch, settings, tmp_path
):
    crowd(7, **IN)
    run_all()
    settings.SNAPSHOT_DIR = tmp_path / "another machine"
    monkeypatch.setattr(population, "SECONDS", 0)
    monkeypatch.setattr(population, "AT_ONCE", 3)

    answers = [enter(analyst).get("/desk/figures/cp-mini/") for _ in range(3)]

    assert "Companies read: 3 of 7" in answers[0].content.decode()
    assert offers_in(answers[2])["Team reward"].whole.companies == 7


def test_figures_cost_the_same_queries_however_many_companies_there_are(
    enter, analyst, crowd, run_all, django_assert_num_queries
):
    crowd(6, **IN)
    run_all()
    client = enter(analyst)
    for page in PAGES:
        client.get(page)

    with django_assert_num_queries(8):
        client.get(PAGES[1])
    with django_assert_num_queries(8):
        client.get(PAGES[0])
    crowd(9, **IN)
    client.get(PAGES[0])
    with django_assert_num_queries(8):
        client.get(PAGES[1])
