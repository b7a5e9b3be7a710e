"""`manage.py doctor`: well on a serving installation; each illness is found where it was planted, with what to do."""

from __future__ import annotations

import io
import shutil
from collections import namedtuple
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now

from changping import doctor
from changping.doctor import stores, work
from matching.models import MatchRequest
from tests.certificates import tls_server
from tests.stack import Stack, free_port


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

    MatchRequest.objects.update(run_after=Now() - work.LONGEST_WAIT - timedelta(seconds=5))

    assert found("matches", monkeypatch).said.startswith("1 have waited")


def test_a_clock_that_went_back_is_said(release, monkeypatch):
    assert found("clock", monkeypatch).well

    monkeypatch.setattr(stores.timezone, "now", lambda: release.created_at - timedelta(hours=1))

    assert "in the future" in found("clock", monkeypatch).said


def test_a_full_disk_is_said(monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12, 10**6))

    assert "0.0 GB free" in found("disk", monkeypatch).said


def test_a_database_that_was_migrated_half_is_said_with_where_it_stopped(db, monkeypatch):
    assert found("migrations", monkeypatch).well
    newest = MigrationRecorder.Migration.objects.filter(app="matching").latest("name")
    newest.delete()

    finding = found("migrations", monkeypatch)

    assert finding.said.startswith("1 are not applied of ")
    assert f"first matching.{newest.name}" in finding.said
    assert "manage.py migrate" in finding.advice


def test_nobody_can_sign_up_where_letters_are_needed_and_cannot_be_sent(settings, monkeypatch):
    settings.EMAIL_URL, settings.ACCOUNT_EMAIL_VERIFICATION = "", "mandatory"
    assert found("mail", monkeypatch).advice == "set EMAIL_URL"

    settings.ACCOUNT_EMAIL_VERIFICATION = "none"

    assert found("mail", monkeypatch).well


def test_a_mail_server_that_does_not_answer_is_said(settings, monkeypatch):
    settings.EMAIL_URL, settings.EMAIL_BACKEND = "smtp://127.0.0.1", "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    finding = found("mail", monkeypatch)

    assert not finding.well
    assert "EMAIL_URL" in finding.advice


@pytest.mark.parametrize(
    ("days", "well", "said"),
    [(60, True, "good until"), (5, False, "good until"), (-1, False, "certificate has expired")],
)
def test_the_certificate_that_people_see_is_looked_at(settings, monkeypatch, tmp_path, days, well, said):
    with tls_server(tmp_path, days=days) as port:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        settings.SITE_URL = f"https://localhost:{port}"

        finding = found("certificate", monkeypatch)

    assert (finding.well, said in finding.said) == (well, True)
    assert well or "renew" in finding.advice


def test_an_address_that_cannot_be_reached_from_here_is_no_illness(settings, monkeypatch):
    settings.SITE_URL = f"https://localhost:{free_port()}"

    assert "look from outside" in found("certificate", monkeypatch).said


def test_one_part_can_be_asked_alone(capsys):
    call_command("doctor", "--only", "disk")

    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["disk"]


def test_a_part_that_fails_tells_no_secret_and_the_others_are_asked_all_the_same(monkeypatch):
    def broken(part: str) -> doctor.Finding:
        raise DatabaseError("password of the database is hunter2")

    monkeypatch.setattr(doctor, "PARTS", {"database": broken, "disk": doctor.PARTS["disk"]})
    said = io.StringIO()

    with pytest.raises(CommandError, match="1 of 2 parts"):
        call_command("doctor", stdout=said)

    assert "hunter2" not in said.getvalue()
    assert "ok   disk" in said.getvalue()
