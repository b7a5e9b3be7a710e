"""Celery's front door. A bell carries no data and no id: it says "look for work", and the rows say which."""

import socket
import time
from typing import Any

import structlog
from celery import Task, current_app, shared_task
from django.conf import settings
from django.utils import timezone

from companies.outages import Silence
from matching import jobs
from matching.jobs import digests, letters

log = structlog.get_logger(__name__)

_SILENCE = Silence()


@shared_task(
    bind=True,
    name="matching.look_for_work",
    ignore_result=True,
    # Later than the limit that the work itself checks: raised inside an offer it would count as that offer's error,
    # and the check after the offer must then see that the time is over.
    soft_time_limit=jobs.TIME_LIMIT.total_seconds() + 2,
    time_limit=jobs.TIME_LIMIT.total_seconds() + 5,
)
def look_for_work(self: "Task[Any, Any]") -> None:
    """Do the next match or step of a run, if there is one, and pass the bell on while there is more."""
    worker = self.request.hostname or socket.gethostname()
    jobs.beat(worker)
    more = jobs.do_next(worker) and jobs.waiting(1)
    if more:
        ring()
    jobs.keep_tallies(now=not more)


@shared_task(bind=True, name="matching.sweep", ignore_result=True, soft_time_limit=20, time_limit=25)
def sweep(self: "Task[Any, Any]") -> None:
    """Take back what silent workers held, and ring for what waits: at most one bell per worker slot.

    Keeps no state, so it may die at any moment, run late, or run twice at once.
    """
    jobs.beat(self.request.hostname or socket.gethostname())
    jobs.return_overdue()
    for _ in range(jobs.waiting(settings.JOB_WORKER_SLOTS)):
        if not ring():
            break
    if letters.is_waiting():
        ring_for_letters()
    jobs.count("sweeps")
    jobs.keep_tallies()


@shared_task(name="matching.run_of_the_day", ignore_result=True, soft_time_limit=20, time_limit=25)
def run_of_the_day() -> None:
    """Ask for the run of today, once a day and release, if there is any company to run it for."""
    if jobs.runs.open_run_of(timezone.localdate()) is not None:
        ring()


@shared_task(name="matching.send_digests", ignore_result=True, soft_time_limit=50, time_limit=55)
def send_digests() -> None:
    """Write to people who asked for it what changed for them since the last letter. Safe at any time and twice."""
    digests.open_due()
    digests.send_due()


@shared_task(name="matching.send_letters", ignore_result=True, soft_time_limit=50, time_limit=55)
def send_letters() -> None:
    """Hand the letters that wait to the mail server. Safe at any time and twice."""
    letters.send_due()


def ring() -> bool:
    """Tell the workers to look for work; False when the bell could not be rung."""
    return _ring(look_for_work)


def ring_for_letters() -> bool:
    """Tell the workers that a letter waits; False when the bell could not be rung."""
    return _ring(send_letters)


def _ring(bell: "Task[Any, Any]") -> bool:
    """Ask for this task, which looks for its work itself; False when that was not possible.

    Never raises and never waits longer than DOORBELL_TIMEOUT per step towards the broker, and while it is silent for that
    only once in a few seconds: the row is already stored, and the sweep rings again. So a broker that is down, full or
    frozen harms nobody here.
    """
    if not _SILENCE.is_over():
        return False
    began = time.monotonic()
    try:
        with current_app.connection_for_write(
            connect_timeout=settings.DOORBELL_TIMEOUT,
            transport_options={
                **current_app.conf.broker_transport_options,
                "socket_timeout": settings.DOORBELL_TIMEOUT,
                "socket_connect_timeout": settings.DOORBELL_TIMEOUT,
                "retry_on_timeout": False,
                "max_retries": 0,
            },
        ) as connection:
            bell.apply_async(connection=connection, retry=False, expires=settings.BELL_EXPIRES)
    except Exception as fault:
        _SILENCE.begin()
        jobs.count("rings:failed")
        log.warning("doorbell_failed", fault=type(fault).__name__, seconds=round(time.monotonic() - began, 3))
        return False
    _SILENCE.end()
    jobs.count("rings:rung")
    return True
