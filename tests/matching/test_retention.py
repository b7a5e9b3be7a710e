"""What is kept long enough is shown by `manage.py prune` before it goes, and the timetable applies the same rules."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone

from changping import retention
from changping.celery import app
from changping.tasks import prune
from companies.actions import visits
from companies.models import Claim, Company, Invitation, KeptAnswer, Partner, PartnerCompany, Visit
from matching import batch_storage, jobs
from matching.models import Event, MatchReport, MatchRequest, SharedLink, Shows

LONG_AGO = timedelta(days=400)


def ago(**span):
    return timezone.now() - timedelta(**span)


def only(name: str) -> retention.Rule:
    return next(rule for rule in retention.RULES if rule.name == name)


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("prune", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def partner(db) -> Partner:
    return Partner.objects.create(name="Partner A", contact="a@example.com")


def an_old_session(world) -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=ago(days=1))
    Session.objects.create(session_key="new", session_data="", expire_date=ago(days=-1))


def an_old_answer(world) -> None:
    for key, age in (("old", 8), ("new", 1)):
        row = KeptAnswer.objects.create(partner=world["partner"], route="r", key=key, sent="x", status=200)
        KeptAnswer.objects.filter(pk=row.pk).update(created_at=ago(days=age))


def an_old_invitation(world) -> None:
    fresh = {"company": world["company"], "email": "x@example.com", "role": "reader"}
    Invitation.objects.create(**fresh, digest="a", expires_at=ago(days=100))
    Invitation.objects.create(**fresh, digest="b", expires_at=ago(days=80))


def an_old_claim(world) -> None:
    link = PartnerCompany.objects.create(partner=world["partner"], company=world["company"], basis="sent")
    Claim.objects.create(link=link, digest="a", expires_at=ago(days=3), revoked_at=ago(days=100))
    Claim.objects.create(link=link, digest="b", expires_at=ago(days=3))


def an_old_event(world) -> None:
    for age in (31, 29):
        row = Event.objects.create(partner=world["partner"], kind="match.done")
        Event.objects.filter(pk=row.pk).update(created_at=ago(days=age))


def an_old_file(world) -> None:
    batch_storage.keep("exports/00000000-0000-4000-8000-000000000000.zip", b"x")


def an_old_visit(world) -> None:
    for name in ("old", "new"):
        visits.start_visit(name=name, founded=True)
    Visit.objects.filter(company__name="old").update(expires_at=ago(days=1))


def a_company_to_be_erased(world) -> None:
    Company.objects.filter(pk=world["company"].pk).update(erase_at=ago(days=1))


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("sessions", an_old_session),
        ("answers", an_old_answer),
        ("invitations", an_old_invitation),
        ("claims", an_old_claim),
        ("events", an_old_event),
        ("exports", an_old_file),
        ("visits", an_old_visit),
        ("erasing", a_company_to_be_erased),
    ],
)
def test_what_is_shown_is_what_goes_and_no_more(name, make, company, partner):
    make({"company": company, "partner": partner})

    shown = only(name).due().count
    gone = only(name).apply()

    assert (shown, gone) == (1, 1)
    assert only(name).due().count == 0
    assert only(name).apply() == 0


def reports_of(company) -> int:
    return MatchReport.objects.filter(request__company=company).count()


@pytest.fixture
def old_reports(ask, company):
    """Three reports that were made long ago, the second with a link that still opens it."""
    asked = [ask() for _ in range(3)]
    while jobs.do_next("w"):
        pass
    MatchRequest.objects.update(finished_at=timezone.now() - LONG_AGO)
    return [MatchReport.objects.get(request=one) for one in asked]


def test_reports_are_kept_for_ever_unless_a_setting_says_otherwise(old_reports, settings):
    assert settings.REPORT_KEEP_DAYS == 0

    assert only("reports").kept() is None
    assert only("reports").apply() == 0


def test_old_reports_go_but_not_the_newest_and_not_one_that_a_link_opens(old_reports, lin, settings):
    settings.REPORT_KEEP_DAYS = 30
    SharedLink.objects.create(
        report=old_reports[1], digest="d", shows=Shows.VERDICTS, named=False, expires_at=ago(days=-1), created_by=lin
    )

    assert only("reports").due().count == 1
    only("reports").apply()

    assert set(MatchReport.objects.all()) == {old_reports[1], old_reports[2]}


def test_a_young_report_is_kept(old_reports, settings):
    settings.REPORT_KEEP_DAYS = 401

    assert only("reports").due().count == 0


def test_the_command_shows_first_and_changes_nothing(db):
    an_old_session({})

    said = told()

    assert "1  sessions" in said
    assert f"oldest of {timezone.localtime(ago(days=1)):%Y-%m-%d}" in said
    assert "Nothing was taken away" in said
    assert Session.objects.count() == 2


def test_the_command_takes_away_when_it_is_told_to(db):
    an_old_session({})

    assert "1  sessions" in told("--apply")
    assert [one.session_key for one in Session.objects.all()] == ["new"]


def test_the_command_can_be_kept_to_some_rules(company, partner):
    an_old_session({})
    an_old_event({"partner": partner})

    said = told("--apply", "--only", "events")

    assert "sessions" not in said
    assert (Session.objects.count(), Event.objects.count()) == (2, 1)


def test_the_timetable_applies_the_same_rules(db):
    an_old_session({})

    prune()

    assert Session.objects.count() == 1
    assert "changping.prune" in {entry["task"] for entry in app.conf.beat_schedule.values()}


def test_a_rule_that_fails_holds_no_other_up(db, monkeypatch):
    def fail() -> int:
        raise OSError("the disk")

    broken = retention.Rule("broken", "", lambda: None, lambda: retention.Due(0), fail)
    monkeypatch.setattr(retention, "RULES", (broken, *retention.RULES))
    an_old_session({})

    assert retention.apply(retention.RULES)["broken"] is None
    assert Session.objects.count() == 1
    with pytest.raises(CommandError, match="could not be applied"):
        told("--apply")
