"""`manage.py doctor`: well on a serving installation; each illness is found where it was planted, with what to do."""

from __future__ import annotations

import io
import shutil
from collections import namedtuple
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.db.models.functions import Now

from changping import doctor
from matching.models import MatchRequest
from tests.stack import Stack


def found(part: str, monkeypatch) -> doctor.Finding:
    """What is said of one part; the others are not asked."""
    monkeypatch.setattr(doctor, "PARTS", {part: doctor.PARTS[part]})
    (finding,) = doctor.examine()
    return finding


@pytest.mark.slow
@pytest.mark.stack
@pytest.mark.xdist_group("stack")
def test_a_serving_installation_is_well_in_every_part(stack: Stack):
    answer = stack.manage("doctor")

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert [line.split()[:2] for line in answer.stdout.splitlines()] == [["ok", part] for part in doctor.PARTS]


@pytest.mark.parametrize(
    ("part", "advice"),
    [("release", "load_catalogue"), ("worker", "celery -A changping.celery worker"), ("broker", "serve")],
)
def test_what_an_empty_installation_lacks_is_said_with_what_to_do(db, settings, tmp_path, monkeypatch, part, advice):
    settings.VAR_DIR, settings.REDIS_URL = tmp_path, ""

    finding = found(part, monkeypatch)

    assert not finding.well
    assert advice in finding.advice


def test_a_match_that_waits_too_long_is_said(ask, monkeypatch):
    ask()
    assert found("matches", monkeypatch).well

    MatchRequest.objects.update(run_after=Now() - doctor.LONGEST_WAIT - timedelta(seconds=5))

    assert found("matches", monkeypatch).said.startswith("1 have waited")


def test_a_clock_that_went_back_is_said(release, monkeypatch):
    assert found("clock", monkeypatch).well

    monkeypatch.setattr(doctor.timezone, "now", lambda: release.created_at - timedelta(hours=1))

    assert "in the future" in found("clock", monkeypatch).said


def test_a_full_disk_is_said(monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12, 10**6))

    assert "0.0 GB free" in found("disk", monkeypatch).said


def test_a_migration_that_is_missing_is_said(db, monkeypatch):
    monkeypatch.setattr("django.db.migrations.recorder.MigrationRecorder.applied_migrations", lambda self: {})

    assert found("migrations", monkeypatch).advice == "run: manage.py migrate"


def test_a_part_that_fails_tells_no_secret_and_the_others_are_asked_all_the_same(monkeypatch):
    def broken(part: str) -> doctor.Finding:
        raise DatabaseError("password of the database is hunter2")

    monkeypatch.setattr(doctor, "PARTS", {"database": broken, "disk": doctor.PARTS["disk"]})
    said = io.StringIO()

    with pytest.raises(CommandError, match="1 of 2 parts"):
        call_command("doctor", stdout=said)

    assert "hunter2" not in said.getvalue()
    assert "ok   disk" in said.getvalue()
