"""The feed of changes: for a partner's own companies, in the order of finding, each once, with the cause."""

from __future__ import annotations

import copy
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from companies.actions import partners as partner_actions
from companies.models import Membership, PartnerCompany, Role, User
from matching import actions, tasks
from matching.jobs import runs
from matching.models import Cause, Run, State, VerdictChange
from matching.news import actions as news
from policies import rulebook
from policies.models import Release
from policies.rules.book import snapshot_digest
from tests.matching.catalogue import SNAPSHOT

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)
TEAM, RESEARCH = "cp-small-2026/large-team", "cp-small-2026/research-reward"


@pytest.fixture(autouse=True)
def quiet(monkeypatch, settings, tmp_path):
    monkeypatch.setattr(tasks, "ring", lambda: True)
    settings.SNAPSHOT_DIR = tmp_path / "snapshots"


@pytest.fixture
def answer(release):
    def give(link: PartnerCompany, **answers) -> PartnerCompany:
        facts = rulebook.current().vocabulary
        saved = partner_actions.answer_for_company(
            company=link.company, answers=answers, partner=link.partner, vocabulary=facts
        )
        assert not saved.faults
        return link

    return give


@pytest.fixture
def send(partner, answer):
    """A company of the partner with these answers."""
    letters = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

    def send_one(by=partner, **answers) -> PartnerCompany:
        letter = next(letters)
        return answer(partner_actions.send_company(partner=by, name=letter, reference=f"{letter}-1"), **answers)

    return send_one


def request(day: date = DAY, **changes) -> Run:
    wanted = {"release": Release.objects.latest(), "day": day, "cause": Cause.ASKED, "by": None}
    return actions.request_run(**{**wanted, **changes})


def run_all(day: date = DAY) -> Run:
    run = request(day)
    while runs.do_next():
        pass
    run.refresh_from_db()
    assert run.state == State.DONE, (run.reason, run.last_error)
    return run


def publish(change) -> None:
    snapshot = copy.deepcopy(SNAPSHOT)
    change(snapshot["policies"][0]["offers"])
    with time_machine.travel(DAY, tick=False):
        Release.objects.create(
            number=Release.objects.latest().number + 1, digest=snapshot_digest(snapshot), snapshot=snapshot
        )


@pytest.fixture
def feed(call):
    """All of the feed since the cursor, in pieces of `limit`, and the cursor to go on with."""

    def read(cursor: str | None = None, limit: int = 50, **how) -> tuple[list[dict], str]:
        address, found = f"changes?limit={limit}" + (f"&cursor={cursor}" if cursor else ""), []
        while True:
            said = call("GET", address, **how)
            assert said.status_code == 200, said.content
            piece = said.json()
            found += piece["results"]
            if piece["next"] is None:
                return found, piece["cursor"]
            address = piece["next"].removeprefix("/api/v1/")

    return read


def test_before_anything_changed_the_feed_is_empty_and_gives_a_cursor(send, feed):
    send(employees=40)
    run_all()

    found, cursor = feed()

    assert found == []
    assert feed(cursor) == ([], cursor)


def test_new_answers_are_told_with_the_fact_the_clause_and_both_sides(send, answer, feed):
    company = send(employees=40)
    run_all()
    answer(company, employees=1000)
    run = run_all()

    ((told,), _cursor) = feed()

    assert (told["company"], told["reference"]) == (str(company.company.public_id), "A-1")
    assert (told["offer"], told["title"]["en"], told["run"]) == (TEAM, "large-team", str(run.public_id))
    assert (told["changed"], told["causes"], told["facts"]) == (["verdict", "amount"], ["profile"], ["employees"])
    assert told["before"] == {
        "day": "2026-11-24", "release": 1, "profile": 1, "verdict": "ineligible", "amount": None, "window": None,
        "combination": None,
    }  # fmt: skip
    assert told["after"]["profile"] == 2
    assert told["after"]["verdict"] == "eligible"
    assert told["after"]["amount"] == {"status": "exact", "low": "800000.00", "high": "800000.00"}
    (criterion,) = told["criteria"]
    assert (criterion["before"], criterion["after"], criterion["facts"]) == ("no", "yes", ["employees"])
    assert criterion["clause"]["en"] == "Art. 1"


def test_an_amount_that_changed_alone_is_told_as_that(send, answer, feed):
    company = send(rd_expense_y1="2000000")
    run_all()
    answer(company, rd_expense_y1="2000010")
    run_all()

    ((told,), _cursor) = feed()

    assert (told["offer"], told["changed"], told["facts"]) == (RESEARCH, ["amount"], ["rd_expense_y1"])
    assert (told["before"]["amount"]["low"], told["after"]["amount"]["low"]) == ("200000.00", "200001.00")
    assert told["criteria"] == []


def test_other_rules_are_told_with_the_criterion_that_went_and_the_one_that_came(send, feed):
    send(employees=999)
    run_all()
    publish(lambda offers: offers[1]["requires"]["all"][0].update(when="employees >= 999"))
    run_all()

    ((told,), _cursor) = feed()

    assert (told["causes"], told["facts"]) == (["release"], [])
    assert (told["before"]["release"], told["after"]["release"]) == (1, 2)
    assert [(one["before"], one["after"]) for one in told["criteria"]] == [(None, "yes"), ("no", None)]


def test_an_offer_that_is_no_more_has_no_verdict_after(send, feed):
    send(employees=1000)
    run_all()
    publish(lambda offers: offers.pop(1))
    run_all()

    ((told,), _cursor) = feed()

    assert (told["before"]["verdict"], told["after"]["verdict"]) == ("eligible", None)
    assert told["title"]["en"] == "large-team"


def test_a_window_that_opens_and_closes_is_told_for_whom_the_offer_is_in_reach_and_nobody_else(
    send, other_partner, feed, other_partners_key
):
    publish(lambda offers: offers[1].update(window={"kind": "fixed", "opens": "2026-11-25", "closes": "2026-11-26"}))
    reached, _refused = send(employees=1000), send(employees=40)
    run_all(DAY)
    run_all(DAY + timedelta(days=1))
    run_all(DAY + timedelta(days=2))
    run_all(DAY + timedelta(days=3))

    found, _cursor = feed()

    assert {told["reference"] for told in found} == {reached.reference}
    assert [(told["changed"], told["causes"]) for told in found] == [(["window"], ["day"])] * 2
    states = [(told["before"]["window"]["state"], told["after"]["window"]["state"]) for told in found]
    assert states == [("opens_on", "open"), ("open", "closed")]
    assert found[0]["after"]["day"] == "2026-11-25"
    assert found[0]["after"]["window"] == {"state": "open", "opens": "2026-11-25", "closes": "2026-11-26"}
    assert {told["after"]["verdict"] for told in found} == {"eligible"}
    assert feed(key=other_partners_key)[0] == []


def test_in_pieces_of_any_size_everything_comes_once_and_in_the_order_of_finding(send, answer, feed):
    companies = [send(employees=40) for _ in range(5)]
    run_all()
    for employees in (1000, 40, 2000):
        for company in companies:
            answer(company, employees=employees)
        run_all()

    whole, _cursor = feed()

    assert len(whole) == len({told["id"] for told in whole}) == 15
    assert [told["after"]["verdict"] for told in whole] == ["eligible"] * 5 + ["ineligible"] * 5 + ["eligible"] * 5
    for limit in (1, 2, 7):
        assert feed(limit=limit)[0] == whole


def test_a_cursor_goes_on_where_it_stopped_also_when_more_was_found_meanwhile(send, answer, feed, call):
    companies = [send(employees=40) for _ in range(3)]
    run_all()
    for company in companies:
        answer(company, employees=1000)
    run_all()
    piece = call("GET", "changes?limit=2").json()
    answer(companies[0], employees=40)
    run_all()

    rest, cursor = feed(piece["cursor"])

    told = [(one["reference"], one["after"]["verdict"]) for one in [*piece["results"], *rest]]
    assert told == [("A-1", "eligible"), ("B-1", "eligible"), ("C-1", "eligible"), ("A-1", "ineligible")]
    assert feed(cursor)[0] == []


def test_a_run_whose_id_is_older_but_that_is_committed_later_is_not_skipped(send, answer, feed):
    """A publication takes the id of its run, then a run of the day is committed and done, then the publication commits."""
    company = send(employees=40)
    run_all()
    later_id = Run.objects.latest("pk").pk + 5
    answer(company, employees=1000)
    early = request()
    Run.objects.filter(pk=early.pk).update(id=later_id)
    while runs.do_next():
        pass
    seen, cursor = feed()
    answer(company, employees=40)
    publish(lambda offers: offers[0].update(clause="Art. 3"))
    old_id = later_id - 1
    Run.objects.filter(pk=request().pk).update(id=old_id)
    while runs.do_next():
        pass

    rest, _cursor = feed(cursor)

    assert Run.objects.get(pk=old_id).state == State.DONE
    assert [told["after"]["verdict"] for told in seen] == ["eligible"]
    assert [told["after"]["verdict"] for told in rest if told["offer"] == TEAM] == ["ineligible"]


def test_a_run_that_was_overtaken_begins_again_and_tells_nothing_twice(send, answer, feed):
    company = send(employees=40)
    run_all()
    answer(company, employees=1000)
    overtaken = request(DAY + timedelta(days=1))
    lease = runs.claim()
    runs.do_step(lease, Run.objects.without_bulk().get(pk=overtaken.pk), lambda: None)
    assert VerdictChange.objects.filter(run=overtaken).exists()
    # Its id is older, its commit later: it is next in line, and ends first.
    Run.objects.filter(pk=overtaken.pk).update(run_after=timezone.now() + timedelta(hours=1))
    first = request()
    Run.objects.filter(pk=first.pk).update(id=0)
    while runs.do_next():
        pass
    assert Run.objects.get(pk=0).state == State.DONE
    Run.objects.filter(pk=overtaken.pk).update(run_after=timezone.now() - timedelta(seconds=5))
    while runs.do_next():
        pass

    found, _cursor = feed()

    assert Run.objects.get(pk=overtaken.pk).state == State.DONE
    assert [(told["offer"], told["after"]["verdict"]) for told in found] == [(TEAM, "eligible")]


def test_a_trial_and_a_run_under_way_are_nobodys_news(send, answer, feed):
    company = send(employees=40)
    run_all()
    answer(company, employees=1000)
    request(DAY + timedelta(days=9), trial=True)
    while runs.do_next():
        pass
    run = request()
    runs.do_next()
    assert Run.objects.get(pk=run.pk).state != State.DONE
    assert VerdictChange.objects.exists()

    assert feed()[0] == []


def test_of_others_companies_nothing_is_told_nor_of_one_given_up(send, other_partner, answer, feed, other_partners_key):
    mine, theirs = send(employees=40), send(by=other_partner, employees=40)
    run_all()
    for company in (mine, theirs):
        answer(company, employees=1000)
    run_all()

    assert {told["company"] for told in feed()[0]} == {str(mine.company.public_id)}
    assert {told["company"] for told in feed(key=other_partners_key)[0]} == {str(theirs.company.public_id)}
    PartnerCompany.objects.filter(pk=mine.pk).update(ended_at=timezone.now())
    assert feed()[0] == []


@pytest.mark.parametrize("cursor", ["x", "1.2", ""])
def test_a_cursor_that_was_not_given_out_is_refused(call, release, cursor):
    assert call("GET", f"changes?cursor={cursor}").status_code in (400, 422)


def test_a_cursor_of_another_list_is_refused(call, partner, release):
    for name in "AB":
        partner_actions.send_company(partner=partner, name=name)
    other = call("GET", "companies?limit=1").json()["next"].partition("cursor=")[2].partition("&")[0]

    assert call("GET", f"changes?cursor={other}").json()["type"] == "/api/v1/problems/bad-cursor/"


def test_a_piece_costs_the_same_however_much_is_in_it(send, answer, call, django_assert_num_queries):
    companies = [send(employees=40) for _ in range(6)]
    run_all()
    for company in companies:
        answer(company, employees=1000)
    run_all()
    call("GET", "changes")

    for limit in (1, 5):
        # The key, the changes, the profile versions, the release.
        with django_assert_num_queries(4):
            assert len(call("GET", f"changes?limit={limit}").json()["results"]) == limit


def test_the_best_combination_of_a_company_that_its_members_watch_is_told_without_an_offer(send, answer, feed):
    company = send(established=True, employees=40)
    lin = User.objects.create_user("lin@example.com", "a-long-password")
    Membership.objects.create(company=company.company, user=lin, role=Role.OWNER)
    news.watch(company=company.company, by=lin)
    run_all()
    answer(company, employees=1000)
    run_all()

    (*_verdicts, told), _cursor = feed()

    assert (told["offer"], told["title"], told["changed"], told["causes"]) == (None, None, ["combination"], ["profile"])
    assert told["before"]["combination"] == {
        "offers": ["cp-small-2026/founding-reward"], "otherwise": None, "low": "500000.00", "high": "500000.00", "open": False,
    }  # fmt: skip
    assert told["after"]["combination"]["offers"] == ["cp-small-2026/founding-reward", TEAM]
    assert told["after"]["combination"]["high"] == "1300000.00"


def test_a_document_that_ends_is_told_as_a_window_in_which_nobody_can_apply_any_more(send, feed):
    send(employees=1000)
    run_all()
    with time_machine.travel(DAY, tick=False):
        snapshot = copy.deepcopy(SNAPSHOT)
        snapshot["policies"][0]["effective"] = {"from": None, "to": "2026-12-31"}
        Release.objects.create(number=2, digest=snapshot_digest(snapshot), snapshot=snapshot)
    run_all()
    run_all(DAY + timedelta(days=60))

    found, _cursor = feed()

    assert {(one["offer"], one["after"]["window"]["state"], tuple(one["causes"])) for one in found} == {
        (f"cp-small-2026/{offer}", "ended", ("day",)) for offer in ("founding-reward", "large-team", "research-reward")
    }
