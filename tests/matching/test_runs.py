"""Runs over all companies: the same verdicts as single matches, changes only where something changed, done once."""

import copy
from datetime import date, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from companies.actions import found_company, save_answers
from companies.models import Company
from matching import actions, jobs, snapshots, tasks
from matching.engine.report import make_report
from matching.jobs import runs
from matching.models import Cause, MatchReport, Reason, Run, RunOffer, RunPart, State, VerdictChange
from policies import rulebook
from policies.models import Release
from policies.rules import Verdict
from policies.rules.book import snapshot_digest
from tests.matching.catalogue import SNAPSHOT, both, offer, publish_small_release

DAY = date(2026, 11, 24)


@pytest.fixture
def answer(lin, release):
    """Gives a company answers: a new one, unless it is named. Later ones come earlier in the alphabet."""
    letters = iter("ZYXWVUTSRQPONMLKJIHGFEDCBA" * 5)

    def give(company=None, **answers):
        company = company or found_company(name=f"{next(letters)} Example", by=lin)
        vocabulary = rulebook.current().vocabulary
        assert not save_answers(company=company, answers=answers, by=lin, vocabulary=vocabulary).faults
        actions.version_to_match(company=company, by=lin)
        return company

    return give


@pytest.fixture
def population(answer):
    """Six companies of every kind: nothing known, small, large, and with research."""
    return [
        answer(),
        answer(established=True, employees=40),
        answer(established=False, employees=1000),
        answer(established=True, employees=999, rd_expense_y1="5000000"),
        answer(rd_expense_y1="999999.99"),
        answer(established=True, employees=2000, rd_expense_y1="1000000"),
    ]


@pytest.fixture
def run_all(silent_bell):
    """Asks for a run and does all its steps."""

    def run_once(day=DAY, cause=Cause.ASKED, by=None):
        run = actions.request_run(release=Release.objects.latest(), day=day, cause=cause, by=by)
        while runs.do_next():
            pass
        run.refresh_from_db()
        assert run.state == State.DONE, (run.state, run.reason, run.last_error)
        return run

    return run_once


def publish(change) -> Release:
    """The small catalogue with a change as the next release."""
    snapshot = copy.deepcopy(SNAPSHOT)
    change(snapshot["policies"][0]["offers"])
    number = Release.objects.latest().number + 1
    with time_machine.travel(DAY, tick=False):
        return Release.objects.create(number=number, digest=snapshot_digest(snapshot), snapshot=snapshot)


def stored(run) -> dict[tuple[int, str], str]:
    """The verdict of every company and offer, read back from the bitmaps."""
    return {
        (company, line.offer): verdict.value
        for line in run.offers.select_related("run")
        for verdict in Verdict
        for company in line.company_ids(verdict)
    }


def told(run) -> list[tuple[int, str, str, str]]:
    rows = VerdictChange.objects.filter(run=run).order_by("company_id", "offer")
    return [(row.company_id, row.offer.split("/")[1], row.before, row.after) for row in rows]


def causes(run) -> set[tuple[bool, bool, bool, bool]]:
    return set(run.changes.values_list("by_profile", "by_release", "by_day", "by_engine"))


def test_a_run_finds_for_each_company_what_its_own_match_would(population, run_all):
    run = run_all()

    found = stored(run)
    rules = rulebook.current()
    assert run.companies == len(population)
    for company in population:
        report = make_report(rules, company.latest_version.profile(rules.vocabulary), DAY, {})
        for entry in report["offers"]:
            assert found[company.pk, entry["id"]] == entry["verdict"], (company, entry["id"])


def test_counts_and_totals_are_those_of_the_companies(population, run_all):
    run = run_all()

    line = run.offers.get(offer="cp-small-2026/research-reward")
    assert {verdict: count for verdict, count in line.counts.items() if count} == {
        "eligible": 2, "ineligible": 1, "undetermined": 3,
    }  # fmt: skip
    assert line.totals["eligible"] == {
        "companies": 2, "low_fen": 60_000_000, "high_fen": 60_000_000, "low_unknown": 0, "high_unknown": 0,
    }  # fmt: skip
    assert line.totals["in_reach"]["companies"] == 5
    assert line.needs_review is None
    assert line.not_modelled is None


def test_a_sum_of_which_nothing_is_known_is_not_zero(population, run_all, silent_bell):
    publish(lambda offers: offers[0].update(benefit={"to_confirm": both("Not published.")}))

    run = run_all()

    line = run.offers.get(offer="cp-small-2026/founding-reward")
    assert line.eligible_sum("low") == line.eligible_sum("high") == (None, 3)
    assert run.offers.get(offer="cp-small-2026/research-reward").eligible_sum("low") == (60_000_000, 0)


def test_the_first_run_has_nothing_to_compare_with(population, run_all):
    run = run_all()

    assert run.compared_with is None
    assert run.changed == 0


def test_a_second_run_with_nothing_changed_tells_of_no_change_and_finds_the_same(population, run_all):
    first = run_all()

    second = run_all()

    assert second.pk != first.pk
    assert (second.compared_with, second.changed, second.digest) == (first, 0, first.digest)
    assert not VerdictChange.objects.exists()


def test_new_answers_change_only_what_they_decide(population, answer, run_all):
    run_all()
    answer(population[1], employees=1000)

    second = run_all()

    assert told(second) == [(population[1].pk, "large-team", "ineligible", "eligible")]
    assert causes(second) == {(True, False, False, False)}
    change = second.changes.get()
    assert change.before_amount is None
    assert change.after_amount == {"status": "exact", "low": "800000.00", "high": "800000.00"}


def test_an_amount_that_changed_is_told_though_the_verdict_is_the_same(population, answer, run_all):
    run_all()
    answer(population[3], rd_expense_y1="5000000.10")

    second = run_all()

    assert told(second) == [(population[3].pk, "research-reward", "eligible", "eligible")]
    change = second.changes.get()
    assert (change.before_amount["low"], change.after_amount["low"]) == ("500000.00", "500000.01")


def test_other_rules_change_the_companies_they_reach(population, run_all, silent_bell):
    run_all()
    publish(lambda offers: offers[1]["requires"]["all"][0].update(when="employees >= 999"))

    second = run_all()

    assert told(second) == [(population[3].pk, "large-team", "ineligible", "eligible")]
    assert causes(second) == {(False, True, False, False)}


def test_an_offer_that_came_or_went_is_told_to_those_who_get_it(population, run_all, silent_bell):
    run_all()

    def replace(offers):
        offers[0] = offer("opening-reward", "employees >= 1000", {"fixed": 1})

    publish(replace)

    second = run_all()

    got, lost = [population[2].pk, population[5].pk], [population[at].pk for at in (1, 3, 5)]
    assert {(c, b, a) for c, o, b, a in told(second) if o == "opening-reward"} == {(c, "", "eligible") for c in got}
    assert {(c, b, a) for c, o, b, a in told(second) if o == "founding-reward"} == {(c, "eligible", "") for c in lost}
    assert len(told(second)) == 5


def test_a_day_that_passes_changes_what_hangs_on_days(answer, run_all, silent_bell):
    snapshot = copy.deepcopy(SNAPSHOT)
    facts = snapshot["vocabulary"]["10-basics"]["facts"]
    facts.append({**facts[0], "fact": "founded_on", "kind": "day", "label": both("Founded"), "question": both("?")})
    snapshot["policies"][0]["offers"].append(offer("young", "years_since(founded_on) < 1", {"fixed": 100}))
    Release.objects.create(number=2, digest=snapshot_digest(snapshot), snapshot=snapshot)
    company, other = answer(founded_on="2025-11-25"), answer(founded_on="2026-01-01")
    run_all(DAY)

    second = run_all(DAY + timedelta(days=1))

    assert told(second) == [(company.pk, "young", "eligible", "ineligible")]
    assert causes(second) == {(False, False, True, False)}
    assert stored(second)[other.pk, "cp-small-2026/young"] == "eligible"


def test_a_company_that_is_new_has_results_but_no_changes(population, answer, run_all):
    run_all()
    newcomer = answer(established=True)

    second = run_all()

    assert second.changed == 0
    assert stored(second)[newcomer.pk, "cp-small-2026/founding-reward"] == "eligible"


def test_a_company_that_is_gone_shifts_nobody(population, answer, run_all):
    run_all()
    gone, kept = population[0].pk, [company.pk for company in population[1:]]
    Company.objects.get(pk=gone).delete()
    answer(population[4], established=True)

    second = run_all()

    assert second.company_ids() == kept
    assert told(second) == [(population[4].pk, "founding-reward", "undetermined", "eligible")]


def test_parts_join_to_the_same_result_wherever_they_are_cut(population, run_all, monkeypatch):
    whole = run_all()
    verdicts = stored(whole)
    totals = list(whole.offers.values_list("offer", "counts", "totals"))

    for size in (1, 2, 5):
        monkeypatch.setattr(runs, "PART", size)
        run = run_all()

        assert stored(run) == verdicts
        assert list(run.offers.values_list("offer", "counts", "totals")) == totals


def test_nobody_to_run_for_is_an_honest_empty_result(release, run_all):
    run = run_all()

    assert (run.companies, run.company_ids()) == (0, [])
    assert run.offers.count() == 3


def test_a_step_costs_the_same_few_queries_for_any_number_of_companies(answer, run_all, silent_bell):
    def count():
        run = actions.request_run(release=Release.objects.latest(), day=DAY, cause=Cause.ASKED, by=None)
        with CaptureQueriesContext(connection) as asked:
            while runs.do_next():
                pass
        run.refresh_from_db()
        assert run.state == State.DONE
        return len(asked)

    for _ in range(3):
        answer(established=True)
    run_all(), run_all()
    for company in Company.objects.all():
        answer(company, employees=1000)
    few = count()

    for _ in range(30):
        answer(established=True)
    run_all()
    for company in Company.objects.all():
        answer(company, employees=2 if company.pk % 2 else 2000)
    many = count()

    assert many == few


def test_matches_go_before_runs(ask, answer, silent_bell):
    run = actions.request_run(release=Release.objects.latest(), day=DAY, cause=Cause.ASKED, by=None)
    ask()

    assert jobs.do_next()

    run.refresh_from_db()
    assert MatchReport.objects.count() == 1
    assert run.state == State.QUEUED


def test_a_match_that_comes_in_during_a_run_goes_between_two_steps(ask, population, silent_bell, monkeypatch):
    monkeypatch.setattr(runs, "PART", 1)
    run = actions.request_run(release=Release.objects.latest(), day=DAY, cause=Cause.ASKED, by=None)
    assert jobs.do_next()
    ask()

    tasks.look_for_work()

    run.refresh_from_db()
    assert MatchReport.objects.count() == 1
    assert run.parts.count() == 1
    while jobs.do_next():
        pass
    run.refresh_from_db()
    assert run.state == State.DONE


def test_a_later_run_never_overtakes(population, silent_bell):
    first = actions.request_run(release=Release.objects.latest(), day=DAY, cause=Cause.ASKED, by=None)
    second = actions.request_run(
        release=Release.objects.latest(), day=DAY + timedelta(days=1), cause=Cause.DAY, by=None
    )
    Run.objects.filter(pk=first.pk).update(run_after=Now() + timedelta(seconds=60))

    assert runs.claim() is None

    Run.objects.filter(pk=first.pk).update(run_after=Now() - timedelta(seconds=1))
    assert runs.claim().row == first.pk
    assert runs.claim() is None
    second.refresh_from_db()
    assert second.state == State.QUEUED


def lease_runs_out(run):
    Run.objects.filter(pk=run.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_a_step_that_comes_too_late_is_refused(population, silent_bell):
    run = actions.request_run(release=Release.objects.latest(), day=DAY, cause=Cause.ASKED, by=None)
    frozen = runs.claim()
    seen = Run.objects.get(pk=run.pk)
    part = runs.evaluate(seen, 0)
    lease_runs_out(run)
    assert jobs.return_overdue() == 1
    while runs.do_next():
        pass

    with pytest.raises(jobs.LeaseLost):
        runs.keep(frozen, seen, 99, part, [])
    with pytest.raises(jobs.LeaseLost):
        runs.finish(frozen, seen, None, lambda: None)

    assert not RunPart.objects.filter(number=99).exists()
    assert RunOffer.objects.filter(run=run).count() == 3


def test_a_crash_in_the_middle_of_storing_leaves_nothing_of_the_step(population, answer, run_all, monkeypatch):
    run_all()
    answer(population[1], employees=1000)
    run = actions.request_run(release=Release.objects.latest(), day=DAY, cause=Cause.ASKED, by=None)

    class PowerCut(BaseException):
        pass

    def cut(*args, **kwargs):
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(VerdictChange.objects.__class__, "bulk_create", cut)
        with pytest.raises(PowerCut):
            runs.do_next()
    run.refresh_from_db()
    assert run.state == State.RUNNING
    assert not run.parts.exists()

    lease_runs_out(run)
    jobs.return_overdue()
    while runs.do_next():
        pass

    run.refresh_from_db()
    assert (run.state, run.changed, run.parts.count()) == (State.DONE, 1, 1)


def test_a_step_that_keeps_failing_sets_the_run_aside_with_its_reason(population, silent_bell, monkeypatch):
    run = actions.request_run(release=Release.objects.latest(), day=DAY, cause=Cause.DAY, by=None)
    monkeypatch.setattr(runs, "TIME_LIMIT", timedelta(seconds=-1))

    for _ in range(5):
        assert runs.do_next()
        Run.objects.filter(pk=run.pk, state=State.QUEUED).update(run_after=Now() - timedelta(seconds=1))

    run.refresh_from_db()
    assert (run.state, run.reason, run.attempt) == (State.FAILED, Reason.TIME_LIMIT, 5)
    assert actions.request_run(release=run.release, day=DAY, cause=Cause.DAY, by=None) == run
    assert actions.request_run(release=run.release, day=DAY, cause=Cause.ASKED, by=None) != run


def test_a_company_deleted_while_it_is_read_costs_one_attempt(population, silent_bell, monkeypatch):
    run = actions.request_run(release=Release.objects.latest(), day=DAY, cause=Cause.ASKED, by=None)
    at_once = snapshots.columns_for

    def delete_first(*args, **options):
        Company.objects.get(pk=population[0].pk).delete()
        return at_once(*args, **options)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(snapshots, "columns_for", delete_first)
        assert runs.do_next()
    run.refresh_from_db()
    assert (run.state, run.reason, run.attempt) == (State.QUEUED, Reason.INTERRUPTED, 1)

    while runs.do_next():
        pass

    run.refresh_from_db()
    assert (run.state, run.companies) == (State.DONE, len(population) - 1)


def test_asking_twice_gives_the_same_run(population, silent_bell):
    release = Release.objects.latest()
    first = actions.request_run(release=release, day=DAY, cause=Cause.PUBLISHED, by=None)

    assert actions.request_run(release=release, day=DAY, cause=Cause.DAY, by=None) == first
    assert actions.request_run(release=release, day=DAY, cause=Cause.ASKED, by=None) == first
    assert actions.request_run(release=release, day=DAY + timedelta(days=1), cause=Cause.DAY, by=None) != first


def test_the_database_keeps_runs_apart(population, silent_bell):
    release = Release.objects.latest()
    run = actions.request_run(release=release, day=DAY, cause=Cause.DAY, by=None)

    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.create(release=release, day=DAY, cause=Cause.ASKED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(state=State.RUNNING)
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(progress_done=F("progress_total") + 1)


def test_results_per_company_are_kept_of_the_last_two_runs_and_changes_of_all(population, answer, run_all):
    first = run_all()
    answer(population[1], employees=1000)
    second = run_all()
    answer(population[1], employees=10)
    third = run_all()
    fourth = run_all()

    for old in (first, second):
        old.refresh_from_db()
        assert old.members is None
        assert not old.parts.exists()
        assert old.offers.first().eligible is None
        with pytest.raises(ValueError, match="pruned"):
            old.offers.first().company_ids(Verdict.ELIGIBLE)
        assert old.offers.first().counts["eligible"] == 3
    assert second.changes.count() == third.changes.count() == 1
    assert stored(third) == stored(fourth)
    assert third.parts.exists()


def test_a_trial_tells_no_changes_and_is_not_compared_with(population, answer, run_all):
    first = run_all()
    release = first.release
    answer(population[1], employees=1000)
    trial = actions.request_run(release=release, day=DAY, cause=Cause.ASKED, by=None, trial=True)
    while runs.do_next():
        pass

    second = run_all()

    trial.refresh_from_db()
    assert (trial.state, trial.changed, trial.compared_with) == (State.DONE, 0, None)
    assert (second.compared_with, second.changed) == (first, 1)
    assert stored(trial) == stored(second)
    assert not trial.parts.exists()


def test_a_trial_of_a_day_does_not_take_that_days_run_away(population, silent_bell):
    release = Release.objects.latest()
    trial = actions.request_run(release=release, day=DAY, cause=Cause.ASKED, by=None, trial=True)

    run = runs.open_run_of(DAY)

    assert run is not None
    assert run != trial


def test_changes_of_a_run_under_way_are_not_told(population, answer, run_all, lin, zhou):
    run_all()
    answer(population[1], employees=1000)
    run = actions.request_run(release=Release.objects.latest(), day=DAY, cause=Cause.ASKED, by=None)
    assert runs.do_next()
    assert VerdictChange.objects.count() == 1
    assert not VerdictChange.objects.visible_to(lin).exists()

    runs.do_next()

    run.refresh_from_db()
    assert run.state == State.DONE
    assert VerdictChange.objects.visible_to(lin).count() == 1
    assert not VerdictChange.objects.visible_to(zhou).exists()


def test_a_new_release_is_followed_by_a_run(population, silent_bell):
    release = publish(lambda offers: offers.pop())

    run = Run.objects.get()
    assert (run.release, run.cause, run.state) == (release, Cause.PUBLISHED, State.QUEUED)


def test_a_release_without_any_company_needs_no_run(db, silent_bell):
    publish_small_release()

    assert not Run.objects.exists()


def test_the_timetable_asks_once_a_day(population, silent_bell):
    silent_bell.clear()

    tasks.run_of_the_day()
    tasks.run_of_the_day()

    assert Run.objects.count() == 1
    assert len(silent_bell) == 1


def test_the_timetable_is_silent_where_there_is_nobody(release, silent_bell):
    tasks.run_of_the_day()

    assert not Run.objects.exists()
    assert silent_bell == []


def test_the_sweep_rings_for_a_run_and_takes_back_what_a_dead_worker_held(population, silent_bell):
    run = actions.request_run(release=Release.objects.latest(), day=DAY, cause=Cause.ASKED, by=None)
    runs.claim()
    lease_runs_out(run)

    tasks.sweep()

    run.refresh_from_db()
    assert (run.state, run.reason) == (State.QUEUED, Reason.WORKER_LOST)
    assert len(silent_bell) == 1


def test_the_command_runs_over_all_and_tells(population, silent_bell, capsys):
    call_command("run_all", "--on", "2026-11-24", "--wait")

    printed = capsys.readouterr().out
    assert "6 / 6" in printed
    assert "cp-small-2026/research-reward: eligible=2 undetermined=3 ineligible=1" in printed
    assert "600,000.00 CNY … 600,000.00 CNY" in printed
    assert Run.objects.get().digest in printed


@pytest.mark.parametrize("what", ["run", "matchrequest"])
def test_only_staff_sees_runs_and_requests_and_nobody_changes_them(
    what, admin_client, client, lin, ask, run_all, population
):
    ask()
    run_all()
    row = {"run": Run, "matchrequest": jobs.MatchRequest}[what].objects.latest("pk")
    client.force_login(lin)

    pages = [f"/admin/matching/{what}/", f"/admin/matching/{what}/{row.pk}/change/"]

    for page in pages:
        assert admin_client.get(page).status_code == 200
        assert client.get(page).status_code == 302
    assert admin_client.post(pages[1], {"state": "done"}).status_code == 403
    assert admin_client.post(f"/admin/matching/{what}/{row.pk}/delete/").status_code == 403
    assert admin_client.get(f"/admin/matching/{what}/add/").status_code == 403
