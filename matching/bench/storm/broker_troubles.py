"""A broker that is frozen or full while partners send and people read, and one that is given far too many bells."""

import contextlib
import os
import signal
import statistics
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random

from matching.bench.storm.counting import rows_of, unfinished
from matching.bench.storm.running import key_of
from matching.bench.storm.senders import Partner, Traffic, companies_of, requests_of, send_all
from matching.bench.storm.stages import Served, Stage

_PAGES = ("/", "/policies/", "/accounts/login/")
_RING = """
from celery import current_app
from django.conf import settings
from matching.tasks import look_for_work
with current_app.connection_for_write() as connection, connection.Producer() as producer:
    for _ in range({count}):
        look_for_work.apply_async(producer=producer, retry=False, expires=settings.BELL_EXPIRES)
"""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What partners and readers saw, and what was left."""

    sent: int
    refused: int
    p99: float
    """Seconds until a request was accepted."""
    pages: int
    pages_refused: int
    slowest_page: float
    lost: int
    doubled: int
    done_after: float
    """Seconds from the end of the trouble until everything was done."""


@contextlib.contextmanager
def frozen(stage: Stage) -> Iterator[None]:
    """The broker accepts connections and answers nothing."""
    pid = stage.pid("redis" if isinstance(stage, Served) else "broker")
    assert pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def full(stage: Stage) -> Iterator[None]:
    """The broker answers that its memory is full, and throws nothing away."""
    stage.broker().config_set("maxmemory", "1")
    try:
        yield
    finally:
        stage.broker().config_set("maxmemory", str(256 << 20))


def sent_during(
    trouble: Callable[[Stage], AbstractContextManager[None]], stage: Stage, *, jobs: int, seconds: float, name: str
) -> Trouble:
    """Send so many requests spread over the trouble, and read pages beside them; then wait for the reports."""
    traffic, dice = Traffic(), Random(1)
    partner = Partner(stage.port, key_of(stage, name), traffic)
    companies, poisoned = companies_of(partner, 10, name)
    requests = requests_of(companies, poisoned, jobs, 0, dice)
    pages: list[tuple[int, float]] = []
    over = threading.Event()
    reader = threading.Thread(target=_read_pages, args=(stage.url, pages, over), daemon=True)
    with trouble(stage):
        reader.start()
        send_all(partner, requests, rate=jobs / seconds, threads=8, dice=dice, key=name)()
        over.set()
        reader.join(60)
    began = time.monotonic()
    while unfinished(stage, requests, poison=False) and time.monotonic() < began + 120:
        time.sleep(0.25)
    done_after, rows = time.monotonic() - began, rows_of(stage)
    took = sorted(sent.seconds for sent in requests)
    return Trouble(
        sent=jobs,
        refused=traffic.refused,
        p99=statistics.quantiles(took, n=100)[98] if len(took) > 1 else took[0],
        pages=len(pages),
        pages_refused=sum(status != 200 for status, _ in pages),
        slowest_page=max((seconds for _, seconds in pages), default=0.0),
        lost=sum(not any(row.has_report for one in sent.ids for row in rows.get(one, [])) for sent in requests),
        doubled=sum(len(sent.ids) - 1 + sum(len(rows.get(one, [])) - 1 for one in sent.ids) for sent in requests),
        done_after=done_after,
    )


def ring_often(stage: Stage, bells: int) -> float:
    """Ring far too many bells at once; seconds until the broker's queue is empty again, or 300."""
    stage.manage("shell", "--no-imports", "-c", _RING.format(count=bells))
    began = time.monotonic()
    while stage.broker().llen("celery") and time.monotonic() < began + 300:
        time.sleep(0.1)
    return time.monotonic() - began


def _read_pages(url: str, pages: list[tuple[int, float]], over: threading.Event) -> None:
    while not over.wait(0.3):
        path, began = _PAGES[len(pages) % len(_PAGES)], time.monotonic()
        try:
            with urllib.request.urlopen(url + path, timeout=30) as answer:
                status = answer.status
        except urllib.error.HTTPError as refused:
            with refused:
                status = refused.code
        except OSError:
            status = 0
        pages.append((status, time.monotonic() - began))
