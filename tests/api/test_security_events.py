"""Events of safety: one list, one logger, ids only."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from companies import actions, security
from companies.models import ApiKey, User
from tests.stack import ROOT

PASSWORD = "a long pass phrase"


def of_safety(lines: list) -> list[str]:
    return [line["event"] for line in lines if line["event"] in security.EVENTS]


def test_the_manual_lists_exactly_the_events():
    manual = (ROOT / "docs" / "alerts.md").read_text().split("## Events of safety")[1]

    assert dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", manual, re.MULTILINE)) == security.EVENTS


@pytest.mark.parametrize("event", security.EVENTS)
def test_every_event_is_written_somewhere(event: str):
    places = [*ROOT.glob("companies/**/*.py"), *ROOT.glob("matching/**/*.py")]
    named = [path for path in places if path.name != "security.py" and f'"{event}"' in path.read_text()]

    assert named


def test_an_event_that_is_not_listed_is_refused():
    with pytest.raises(ValueError, match="not an event of safety: signed_inn"):
        security.note("signed_inn")


def test_guessing_a_password_is_said_when_it_fails_and_when_it_is_not_looked_at_any_more(db):
    person = User.objects.create_user("wei@example.com", PASSWORD)
    with capture_logs() as lines:
        for _ in range(7):
            Client().post(reverse("account_login"), {"login": person.email, "password": "wrong guess 1"})

    assert of_safety(lines) == ["sign_in_failed"] * 5 + ["sign_in_throttled"] * 2
    assert person.email not in str(lines)
    assert "wrong guess" not in str(lines)


def test_a_key_that_is_used_after_it_was_revoked_is_said_without_the_key(client, partner, key):
    with capture_logs() as lines:
        actions.revoke_key(key=ApiKey.objects.get(partner=partner), by=None)
        answer = client.get("/api/v1/companies", headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == 401
    assert of_safety(lines) == ["api_key_revoked", "api_key_refused"]
    assert key not in str(lines)


def test_a_key_that_never_was_is_no_event(client, db):
    with capture_logs() as lines:
        client.get("/api/v1/companies", headers={"Authorization": "Bearer changce_nothing"})

    assert of_safety(lines) == []


def test_a_key_in_the_address_is_said_without_it(client, key):
    with capture_logs() as lines:
        client.get("/api/v1/companies", {"key": key})

    assert of_safety(lines) == ["api_key_in_address"]
    assert key not in str([line for line in lines if line["event"] in security.EVENTS])
