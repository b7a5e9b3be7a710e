"""Metrics: for who has the token only, true from the database, and without a name or an id."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.db.models.functions import Now
from prometheus_client.parser import text_string_to_metric_families

from changping import health
from changping.metrics import figures
from matching import jobs
from matching.jobs import tallies
from matching.models import MatchRequest, Tally
from tests.changping.test_settings import SERVED, read_settings
from tests.stack import ROOT, clean_environment

TOKEN = "a-token-of-the-tests-" + "0123456789" * 2


@pytest.fixture(autouse=True)
def _token(settings, tmp_path):
    settings.METRICS_TOKEN, settings.METRICS_DIR = TOKEN, tmp_path / "metrics"


@pytest.fixture
def scrape(client, db, monkeypatch):
    """What Prometheus reads: {(name, labels): figure}."""
    monkeypatch.setattr(health, "QUESTIONS", {"database": health._database})

    def read() -> dict[tuple[str, frozenset], float]:
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        return {(one.name, frozenset(one.labels.values())): one.value for family in families for one in family.samples}

    return read


def told(found, name: str, *labels: str) -> float | None:
    return found.get((name, frozenset(labels)))


@pytest.mark.parametrize(
    "given", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer é"]
)
def test_without_the_token_there_is_no_such_page(client, given: str):
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


def test_where_no_token_is_set_nobody_reads_metrics(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_a_token_that_could_be_guessed_is_refused_at_the_start(tmp_path):
    refused = read_settings(tmp_path, **SERVED, METRICS_TOKEN="monitoring")

    assert "at least 32 characters" in refused.stderr.splitlines()[-1]


def test_a_match_is_told_while_it_waits_and_when_it_is_done(ask, scrape):
    ask()
    waiting = scrape()
    jobs.do_next("w@one")
    jobs.keep_tallies(now=True)
    done = scrape()

    assert told(waiting, "changce_jobs", "match", "queued") == 1
    assert told(done, "changce_jobs", "match", "queued") == 0
    assert told(done, "changce_attempts_total", "match", "done") >= 1
    assert told(done, "changce_queue_delay_seconds_count", "match") >= 1


def test_how_long_the_oldest_has_been_due_goes_by_the_databases_clock(ask, scrape):
    ask()
    MatchRequest.objects.update(run_after=Now() - timedelta(minutes=5))

    assert 299 <= told(scrape(), "changce_oldest_due_seconds", "match") < 400
    assert told(scrape(), "changce_oldest_due_seconds", "batch") == 0


def test_what_a_worker_lost_its_lease_over_is_counted(ask, scrape):
    ask()
    lease = jobs.claim()
    MatchRequest.objects.update(lease_token="00000000-0000-0000-0000-000000000001")
    before = Tally.objects.filter(name="attempts:match:fenced").first()

    tallies.keep(now=True)
    from matching.jobs.leases import carry_out, end_as_done

    carry_out(lease, lambda: end_as_done(lease), MatchRequest.objects.get())
    tallies.keep(now=True)

    assert before is None
    assert told(scrape(), "changce_attempts_total", "match", "fenced") == 1


def test_counts_that_could_not_be_kept_are_kept_the_next_time(db, monkeypatch):
    tallies.count("batch_rows", 7)

    def away(*_args, **_more):
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr(Tally.objects, "filter", away)
        tallies.keep(now=True)
    tallies.keep(now=True)

    assert Tally.objects.get(name="batch_rows").count == 7


def test_the_age_of_the_release_is_told(release, scrape):
    assert told(scrape(), "changce_release_number") == release.number
    assert told(scrape(), "changce_release_age_seconds") >= 0


def test_no_label_is_an_id_or_a_name(ask, scrape, lin):
    request = ask()
    jobs.do_next("w@one")
    jobs.keep_tallies(now=True)

    said = str(list(scrape()))

    for secret in (str(request.public_id), str(request.company.public_id), request.company.name, lin.email, "w@one"):
        assert secret not in said


def test_metrics_ask_no_more_of_many_jobs_than_of_one(ask, scrape, django_assert_num_queries):
    ask()
    with django_assert_num_queries(23):
        scrape()
    for _ in range(3):
        ask()
    with django_assert_num_queries(23):
        scrape()


def test_when_the_database_is_away_the_parts_are_told_all_the_same(client, db, monkeypatch):
    def away():
        raise DatabaseError("password of the database is hunter2")

    monkeypatch.setattr(health, "QUESTIONS", {"database": away})
    monkeypatch.setattr(figures, "_of_database", away)

    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer.status_code == 200
    assert 'changce_part_up{part="database"} 0.0' in answer.content.decode()
    assert b"hunter2" not in answer.content


_COUNT = """
import django; django.setup()
from django.test import Client
from changping.metrics import requests
client = Client(SERVER_NAME="localhost")
for _ in range({times}):
    client.get("/healthz"); client.get("/companies/0b7e8f0c-1111-4222-8333-944445555666/x")
print(requests._own_place())
"""


@pytest.mark.slow
def test_processes_count_together_and_one_that_ended_leaves_its_place_to_the_next(tmp_path):
    environment = clean_environment(tmp_path, METRICS_TOKEN=TOKEN, DJANGO_SETTINGS_MODULE="changping.settings")

    def count(times: int) -> str:
        code = _COUNT.format(times=times)
        command = [sys.executable, "-W", "ignore", "-c", code]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout

    places = [count(2), count(3)]
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(tmp_path / "metrics"))

    alive = {"route": "healthz", "method": "GET", "status": "200"}
    assert [place.strip() for place in places] == ["0", "0"]
    assert registry.get_sample_value("changce_requests_total", alive) == 5
    labels = {sample.labels["route"] for family in registry.collect() for sample in family.samples}
    assert labels == {"healthz", "none"}
