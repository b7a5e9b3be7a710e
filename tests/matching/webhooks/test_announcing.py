"""Who is told of what: a partner of its own matches and its own companies' changes, in the commit of what is told."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from companies.actions import partners as partner_actions
from companies.models.partners import Partner
from matching import actions, jobs
from matching.models import Cause, Event, EventKind, MatchReport
from matching.webhooks import actions as webhooks
from policies import rulebook
from policies.models import Release

pytestmark = pytest.mark.django_db
ALL = [EventKind.MATCH_DONE, EventKind.CHANGES_FOUND]


@pytest.fixture
def partner(db) -> Partner:
    made = Partner.objects.create(name="Partner A", contact="it@a.example")
    webhooks.add_endpoint(partner=made, url="https://a.example.com/", kinds=ALL)
    return made


@pytest.fixture
def neighbour(db) -> Partner:
    made = Partner.objects.create(name="Partner B", contact="it@b.example")
    webhooks.add_endpoint(partner=made, url="https://b.example.com/", kinds=ALL)
    return made


@pytest.fixture
def answer(release):
    """Gives a company of a partner answers, and the version that holds them."""

    def give(link, **answers):
        saved = partner_actions.answer_for_company(
            company=link.company, answers=answers, partner=link.partner, vocabulary=rulebook.current().vocabulary
        )
        assert not saved.faults
        return saved.version

    return give


@pytest.fixture
def sent(partner, release):
    return partner_actions.send_company(partner=partner, name="绿洲生物")


def do_all() -> None:
    while jobs.do_next():
        pass


def run(day: date) -> None:
    actions.request_run(release=Release.objects.latest(), day=day, cause=Cause.ASKED, by=None)
    do_all()


def told() -> list[tuple[str, str]]:
    return [(event.partner.name, event.kind) for event in Event.objects.select_related("partner")]


def test_the_partner_that_asked_hears_that_its_match_is_done(partner, neighbour, sent, answer, silent_bell):
    version = answer(sent, employees=40)

    request = actions.request_match(profile_version=version, day=timezone.localdate(), by=partner)
    do_all()

    assert told() == [("Partner A", "match.done")]
    assert Event.objects.get().about == {
        "match": str(request.public_id),
        "report": str(MatchReport.objects.get().public_id),
        "company": str(sent.company.public_id),
    }


def test_a_match_that_its_owner_asked_for_is_nobody_elses_news(partner, ask):
    ask()
    do_all()

    assert told() == []


def test_a_partner_that_gave_the_company_up_meanwhile_hears_nothing(partner, sent, answer, silent_bell):
    version = answer(sent, employees=40)
    actions.request_match(profile_version=version, day=timezone.localdate(), by=partner)
    sent.ended_at = timezone.now()
    sent.save()

    do_all()

    assert told() == []


def test_changes_are_told_to_the_partners_of_the_companies_that_changed(partner, neighbour, sent, answer, silent_bell):
    answer(sent, employees=40)
    theirs = partner_actions.send_company(partner=neighbour, name="Other")
    answer(theirs, employees=40)
    run(date(2026, 11, 24))
    answer(sent, employees=1000)

    run(date(2026, 11, 24))

    assert told() == [("Partner A", "changes.found")]


def test_where_nobody_listens_a_match_costs_one_question_more(release, ask, django_assert_num_queries):
    from matching.jobs import matches

    ask()
    lease = matches.claim()
    request = matches.MatchRequest.objects.with_question().get(pk=lease.row)
    report = matches.evaluate(request)

    # Begin, the state, the report, who listens, end.
    with django_assert_num_queries(5):
        matches.finish(lease, report)
