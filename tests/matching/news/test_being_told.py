"""Who is told of what: only changes, only once, only to members who watch, and nothing of what they muted."""

from datetime import timedelta

import pytest

from companies.actions import found_company, visits
from companies.models import Membership, Role, Visitor
from companies.models.visitors import Visit
from matching import actions as matching
from matching.models import VerdictChange, Watch
from matching.news import actions
from matching.news.showing import items_of, news_of
from tests.matching.news.conftest import DAY

TEAM = "cp-small-2026/large-team"


def told(person):
    return [(item.change.offer, item.change.after) for item in items_of(news_of(person))]


def lower_the_bar(offers):
    offers[1]["requires"]["all"][0].update(when="employees >= 40")


def test_a_publication_that_changes_a_verdict_is_told_with_what_was_what_is_and_why(watched, lin, publish, run_all):
    publish(lower_the_bar)
    run_all()

    (item,) = [one for one in items_of(news_of(lin)) if one.change.offer == TEAM]

    assert [(line.what, line.was, line.now) for line in item.lines] == [
        ("Verdict", "Not eligible", "Eligible"),
        ("Amount", "no amount", "CNY 800,000"),
    ]
    assert item.causes == ["other rules are in force (release 2)"]
    assert [(one.clause, one.was and str(one.was.word), one.now and str(one.now.word)) for one in item.criteria] == [
        ("Art. 1", None, "met"),
        ("Art. 1", "not met", None),
    ]


def test_the_best_combination_that_became_another_one_is_told_with_what_came_in(watched, lin, publish, run_all):
    publish(lower_the_bar)
    run_all()

    (item,) = [one for one in items_of(news_of(lin)) if one.change.offer == ""]

    assert item.lines[0].was == "CNY 500,000"
    assert item.lines[0].now == "CNY 1.3 million"
    assert (item.added, item.dropped) == (["large-team"], [])


def test_a_stacking_rule_alone_changes_the_best_combination(watched, lin, answer, publish, run_all):
    answer(watched, employees=1000)
    run_all()
    before = len(told(lin))
    publish(lambda offers: [offers[at].update(stacking=[{"highest_only": "one", "clause": "Art. 9"}]) for at in (0, 1)])
    run_all()

    (change,) = VerdictChange.objects.filter(run__release__number=2)

    assert (change.offer, change.before_combination["high"], change.after_combination["high"]) == (
        "", "1300000.00", "800000.00",
    )  # fmt: skip
    assert len(told(lin)) == before + 1


def test_a_window_that_closes_as_days_pass_is_told_to_who_watches(watched, lin, publish, run_all):
    publish(lambda offers: offers[0].update(window={"kind": "fixed", "closes": "2026-11-30"}))
    run_all()
    actions.note_read(up_to=99, by=lin)
    run_all(DAY + timedelta(days=7))

    (change,) = VerdictChange.objects.unread_for(lin)
    (item,) = items_of([news_of(lin).get(pk=change.pk)])

    assert [(line.what, line.was, line.now) for line in item.lines] == [
        ("Window", "open until 30 November 2026", "closed since 30 November 2026")
    ]
    assert item.causes == ["days have passed, from 24 November 2026 to 1 December 2026"]


def test_a_document_that_ends_as_days_pass_is_told(watched, lin, publish, run_all):
    publish(of_policy=lambda policy: policy.update(effective={"from": None, "to": "2026-12-31"}))
    run_all()
    actions.note_read(up_to=99, by=lin)
    run_all(DAY + timedelta(days=60))

    items = items_of(news_of(lin).filter(run__day=DAY + timedelta(days=60)))

    assert [(item.title, [(line.what, line.was, line.now) for line in item.lines]) for item in items] == [
        ("founding-reward", [("Window", "open all year", "Ended")]),
        ("research-reward", [("Window", "open all year", "Ended")]),
        ("Your best combination", [("Together", "CNY 500,000", "nothing yet")]),
    ]


def test_a_document_that_is_over_is_nobodys_news(watched, lin, answer, publish, run_all):
    publish(of_policy=lambda policy: policy.update(effective={"from": None, "to": "2026-10-31"}))
    run_all()
    seen = len(told(lin))
    answer(watched, employees=1000)
    run_all()

    assert VerdictChange.objects.filter(offer=TEAM, after="eligible").exists()
    assert len(told(lin)) == seen


def test_a_run_without_changes_tells_nothing(watched, lin, publish, run_all):
    publish(lambda offers: offers[2].update(note={"en": "New", "zh": "新"}))
    run_all()
    run_all(DAY + timedelta(days=1))

    assert told(lin) == []


def test_a_change_is_told_once_however_many_runs_follow(watched, lin, publish, run_all):
    publish(lower_the_bar)
    for later in range(4):
        run_all(DAY + timedelta(days=later))

    assert [one for one in told(lin) if one[0] == TEAM] == [(TEAM, "eligible")]


def test_new_answers_are_told_as_the_cause(watched, lin, answer, run_all):
    answer(watched, employees=1000)
    run_all()

    (item,) = [one for one in items_of(news_of(lin)) if one.change.offer == TEAM]

    assert item.causes == ["your answers had changed: Employees"]


def test_a_muted_policy_is_silent_and_heard_again_when_it_is_not_muted(watched, lin, publish, run_all):
    actions.mute(policy="cp-small-2026", by=lin)
    publish(lower_the_bar)
    run_all()
    while_muted = told(lin)
    actions.unmute(policy="cp-small-2026", by=lin)

    assert [one[0] for one in while_muted] == [""]
    assert TEAM in [one[0] for one in told(lin)]


def test_one_who_mutes_silences_nobody_else(watched, lin, wei, publish, run_all):
    actions.watch(company=watched, by=wei)
    actions.mute(policy="cp-small-2026", by=lin)
    publish(lower_the_bar)
    run_all()

    assert TEAM in [one[0] for one in told(wei)]


def test_whoever_never_asked_for_a_report_is_told_nothing(watched, wei, publish, run_all):
    publish(lower_the_bar)
    run_all()

    assert told(wei) == []


def test_asking_for_a_report_again_does_not_undo_a_no(watched, lin, ask, publish, run_all):
    actions.stop_watching(company=watched, by=lin)
    ask()
    publish(lower_the_bar)
    run_all()

    assert told(lin) == []


def test_who_begins_to_watch_is_not_told_of_what_was_before(watched, wei, publish, run_all):
    publish(lower_the_bar)
    run_all()
    actions.watch(company=watched, by=wei)

    assert told(wei) == []


def test_who_is_no_member_any_more_is_told_nothing(watched, lin, publish, run_all):
    publish(lower_the_bar)
    run_all()
    Membership.objects.filter(user=lin, company=watched).delete()

    assert told(lin) == []
    assert not Watch.objects.filter(membership__user=lin).exists()


def test_news_of_one_company_are_not_news_of_another(watched, lin, zhou, publish, run_all):
    other = found_company(name="Other", by=zhou)
    actions.watch(company=other, by=zhou)
    publish(lower_the_bar)
    run_all()

    assert told(zhou) == []


def test_an_unwatched_company_costs_a_run_no_combination(version, run_all, publish, monkeypatch):
    run_all()
    monkeypatch.setattr("matching.jobs.run_combinations.combine_offers", pytest.fail)
    publish(lower_the_bar)

    assert run_all().changed == 1


def test_combinations_of_more_companies_than_a_step_takes_are_all_looked_at(
    watched, lin, answer, publish, run_all, monkeypatch
):
    monkeypatch.setattr("matching.jobs.run_combinations.STEP", 2)
    companies = [found_company(name=f"C{at}", by=lin) for at in range(5)]
    for company in companies:
        answer(company, established=True, employees=40)
        actions.watch(company=company, by=lin)
    run_all()
    publish(lower_the_bar)
    run_all()

    assert VerdictChange.objects.filter(offer="", run__release__number=2).count() == 6


def test_who_asked_for_a_report_before_they_had_an_account_watches_once_it_is_theirs(release, zhou, silent_bell):
    company, secret = visits.start_visit(name="Visited", founded=True)
    asked = matching.request_match(
        profile_version=matching.version_to_match(company=company, by=None), day=DAY, by=Visitor([secret])
    )

    visits.claim(visits=Visit.objects.held_by(Visitor([secret])), by=zhou)

    assert asked.asked_by is None
    assert Watch.objects.on().filter(membership__user=zhou, membership__company=company).exists()


def test_whoever_is_made_a_member_without_having_asked_watches_nothing(watched, zhou):
    Membership.objects.create(company=watched, user=zhou, role=Role.OWNER)

    assert not Watch.objects.filter(membership__user=zhou).exists()
