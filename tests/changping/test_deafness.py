"""A worker that does not hear the broker any more ends; one that is busy, or that nobody rang for, stays."""

from __future__ import annotations

import contextlib
import signal
import subprocess

import pytest
from celery import current_app

from changping import deafness
from matching import tasks
from tests.stack import wait_until


@pytest.fixture
def watched(monkeypatch):
    """The watch as it would be after some looks, in this thread; what it did to the process."""
    ended = []
    monkeypatch.setattr(deafness, "LOOK_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(deafness, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(deafness.os, "kill", lambda _process, number: ended.append(number))
    return ended


def looks(monkeypatch, *, waiting, at_most=20):
    """Answers so often whether bells wait, then ends the watch."""
    left = iter(range(at_most))

    class Over(Exception):
        pass

    def is_waiting():
        if next(left, None) is None:
            raise Over
        return waiting

    monkeypatch.setattr(deafness, "is_waiting", is_waiting)
    with contextlib.suppress(Over):
        deafness._watch()


def test_bells_that_wait_before_an_idle_worker_end_it(watched, monkeypatch):
    looks(monkeypatch, waiting=True, at_most=10_000)

    assert watched == [signal.SIGTERM]


def test_a_worker_that_nobody_rang_for_stays(watched, monkeypatch):
    looks(monkeypatch, waiting=False)

    assert watched == []


def test_a_worker_with_work_in_hand_stays(watched, monkeypatch):
    monkeypatch.setattr(deafness.state, "reserved_requests", {"one"})
    looks_left = iter(range(20))
    monkeypatch.setattr(deafness.time, "sleep", lambda _: next(looks_left))

    with pytest.raises(StopIteration):
        deafness._watch()

    assert watched == []


@pytest.mark.redis
@pytest.mark.slow
def test_it_is_seen_whether_a_bell_waits_and_a_broker_that_is_away_is_no_bell(
    redis_server_binary, tmp_path, monkeypatch
):
    path = tmp_path / "r.sock"
    address = f"redis+socket://{path}"
    for name in ("broker_url", "broker_read_url", "broker_write_url"):
        monkeypatch.setattr(current_app.conf, name, address)
    options = ["--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen([redis_server_binary, *options], stdout=subprocess.DEVNULL)
    try:
        wait_until(path.exists, what="the socket")
        before = deafness.is_waiting()
        rung = tasks.ring()
        after = deafness.is_waiting()
    finally:
        process.kill()
        process.wait(10)

    assert (before, rung, after, deafness.is_waiting()) == (False, True, True, False)
