"""Health pages tell the truth."""

from __future__ import annotations

import pytest
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder

from changping import health


def test_alive_asks_nobody(client):
    # No database in this test, so any question would fail it.
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"].startswith("max-age=0")


@pytest.mark.django_db
def test_not_ready_names_the_missing_parts_and_nothing_else(client):
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "database": True,
        "migrations": True,
        "broker": False,
        "release": False,
        "worker": False,
        "webhooks": True,
    }
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.django_db
def test_ready_when_every_part_works(client, monkeypatch):
    monkeypatch.setattr(health, "QUESTIONS", {"database": health._database, "broker": lambda: True})

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["ready"]) == (200, True)


@pytest.mark.django_db
def test_a_database_behind_this_version_is_not_ready_and_one_ahead_is(client, monkeypatch):
    monkeypatch.setattr(health, "QUESTIONS", {"migrations": health.QUESTIONS["migrations"]})
    MigrationRecorder.Migration.objects.create(app="matching", name="9999_of_the_next_version")
    assert client.get("/readyz").status_code == 200

    MigrationRecorder.Migration.objects.filter(app="matching", name="0001_first").delete()

    assert (client.get("/readyz").status_code, client.get("/readyz").json()["migrations"]) == (503, False)


def test_a_part_that_raises_is_a_part_that_is_missing(client, monkeypatch):
    def broken() -> bool:
        raise DatabaseError("password of the database is hunter2")

    monkeypatch.setattr(health, "QUESTIONS", {"database": broken})

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert b"hunter2" not in answer.content


def test_health_cannot_be_posted_to(client):
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_a_database_that_lacks_a_migration_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(health, "QUESTIONS", {"migrations": health.QUESTIONS["migrations"]})
    complete = client.get("/readyz").status_code

    MigrationRecorder.Migration.objects.filter(app="matching").order_by("-pk").first().delete()

    assert complete == 200
    assert client.get("/readyz").json() == {"ready": False, "migrations": False}


@pytest.mark.django_db
def test_migrations_of_a_newer_edition_do_no_harm(client, monkeypatch):
    monkeypatch.setattr(health, "QUESTIONS", {"migrations": health.QUESTIONS["migrations"]})

    MigrationRecorder.Migration.objects.create(app="matching", name="9999_of_the_next_edition")

    assert client.get("/readyz").status_code == 200


def test_webhooks_that_nobody_sends_are_said_and_keep_no_page_from_people(client, monkeypatch):
    monkeypatch.setattr(health, "QUESTIONS", {"database": lambda: True, "webhooks": lambda: False})

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"ready": True, "database": True, "webhooks": False})
