"""The audit of the packages says what it found, and never passes for one when it could not ask."""

from __future__ import annotations

import json
import subprocess
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from changping.management.commands import audit
from tests.stack import ROOT

CLEAN = {"name": "django", "version": "5.2.19", "vulns": []}
HOLED = {"name": "left-pad", "version": "1", "vulns": [{"id": "CVE-2099-1", "fix_versions": ["2"]}]}


@pytest.fixture
def told(monkeypatch):
    """What pip-audit says instead of asking."""

    def say(stdout: str = "", stderr: str = "", code: int = 0) -> None:
        done = SimpleNamespace(stdout=stdout, stderr=stderr, returncode=code)
        monkeypatch.setattr(audit.subprocess, "run", lambda *_args, **_more: done)

    return say


def answer(*packages: dict) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


def test_no_hole_is_said_with_the_number_of_packages(told, capsys):
    told(answer(CLEAN))

    call_command("audit")

    assert capsys.readouterr().out == "1 packages, no known hole\n"


def test_a_hole_is_named_and_fails_also_where_not_asking_would_not(told, capsys):
    told(answer(CLEAN, HOLED), code=1)

    with pytest.raises(SystemExit) as ended:
        call_command("audit", "--not-asked-is-no-fault")

    assert ended.value.code == audit.HOLES
    assert "left-pad 1: CVE-2099-1, mended in 2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stdout", "stderr"),
    [
        ("", "ERROR: Connection to pypi.org failed"),
        ("No known vulnerabilities found", ""),
        (answer(), ""),
        (answer({"name": "x", "skip_reason": "not there"}), ""),
        ("{}", ""),
    ],
)
@pytest.mark.parametrize("code", [0, 1])
def test_a_database_that_cannot_be_reached_is_said_and_is_no_pass(told, capsys, stdout, stderr, code):
    told(stdout, stderr, code)

    with pytest.raises(SystemExit) as ended:
        call_command("audit")

    said = capsys.readouterr()
    assert ended.value.code == audit.NOT_ASKED
    assert said.err.startswith("COULD NOT AUDIT")
    assert said.out == ""


def test_who_does_not_answer_is_given_up(monkeypatch, capsys):
    def never(*_args, **_more):
        raise subprocess.TimeoutExpired("pip-audit", 1)

    monkeypatch.setattr(audit.subprocess, "run", never)

    call_command("audit", "--not-asked-is-no-fault")

    assert "COULD NOT AUDIT: no answer" in capsys.readouterr().err


def test_the_checks_of_each_change_ask_it():
    assert "manage.py audit --not-asked-is-no-fault" in (ROOT / "run").read_text()
