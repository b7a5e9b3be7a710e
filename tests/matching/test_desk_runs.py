"""What the desk puts in force is matched with all companies; the timetable knows what it rings for."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from changping.celery import app
from companies.actions import found_company, save_answers
from companies.models import User
from matching.models import Cause, Run
from policies import actions, rulebook, tasks
from policies.catalogue_files import read_catalogue_folder
from policies.models import Policy, PolicyVersion
from tests.policies.conftest import MINI


def test_everything_on_the_timetable_is_a_task_that_workers_know():
    app.loader.import_default_modules()

    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


@pytest.fixture
def fang(db, silent_bell):
    """A publisher, in a district with one company and the small catalogue of the desk's tests."""
    actions.load_catalogue(snapshot=read_catalogue_folder(MINI).to_snapshot(), by=None)
    owner = User.objects.create_user("owner@example.com", "a-long-password")
    company = found_company(name="One", by=owner)
    save_answers(company=company, answers={"employees": 40}, by=owner, vocabulary=rulebook.current().vocabulary)
    person = User.objects.create_user("fang@example.com", "a-long-password", is_staff=True)
    person.groups.set(Group.objects.filter(name__in=["curator", "publisher"]))
    return person


def test_a_withdrawal_is_followed_by_a_run_over_all_companies(fang):
    release = actions.withdraw(policy=Policy.objects.get(), by=fang, why="An error")

    run = Run.objects.get()
    assert (run.release, run.cause, run.day) == (release, Cause.PUBLISHED, timezone.localdate())


def test_a_planned_publication_is_followed_by_a_run_when_its_day_has_come(fang):
    gao = User.objects.create_user("gao@example.com", "a-long-password", is_staff=True)
    gao.groups.set(Group.objects.filter(name="reviewer"))
    draft = actions.start_draft(policy=Policy.objects.get(), by=fang)
    content = {**draft.content, "number": "2"}
    draft = actions.save_draft(version=draft, content=content, by=fang, seen=draft.digest)
    version = actions.approve(version=actions.send_to_review(version=draft, by=fang), by=gao)
    actions.publish(version=version, by=fang, on=timezone.localdate() + timedelta(days=1))
    tasks.publish_due()
    assert not Run.objects.exists()
    PolicyVersion.objects.filter(pk=version.pk).update(publish_on=timezone.localdate())

    tasks.publish_due()

    assert Run.objects.get().release.number == 2
