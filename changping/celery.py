"""The Celery application: a doorbell and a pool of processes, never a store of work."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, setup_logging
from django_structlog.celery import signals
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "changping.settings")

from django.conf import settings
from django.dispatch import receiver

app = Celery("changping")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)

app.conf.beat_schedule = {
    "rows that wait too long or whose lease ran out": {
        "task": "matching.sweep",
        "schedule": settings.SWEEP_SECONDS,
        "options": {"expires": settings.BELL_EXPIRES, "ignore_result": True},
    },
    # Asked often and made once a day: a timetable that was down at midnight misses nothing.
    "the run over all companies, once a day": {
        "task": "matching.run_of_the_day",
        "schedule": settings.RUN_OF_THE_DAY_SECONDS,
        "options": {"expires": settings.BELL_EXPIRES, "ignore_result": True},
    },
    "letters with what changed, at most one a day to a person": {
        "task": "matching.send_digests",
        "schedule": settings.DIGEST_SECONDS,
        "options": {"expires": settings.BELL_EXPIRES, "ignore_result": True},
    },
    "what was kept long enough": {
        "task": "changping.prune",
        "schedule": settings.PRUNE_SECONDS,
        "options": {"expires": settings.BELL_EXPIRES, "ignore_result": True},
    },
    "versions to be published on a day": {
        "task": "policies.publish_due",
        "schedule": settings.PUBLISH_DUE_SECONDS,
        "options": {"expires": settings.BELL_EXPIRES, "ignore_result": True},
    },
    # As with the run of the day: asked often, so that a new release is looked through soon, and done once.
    "the health of the catalogue, once for each release and day": {
        "task": "policies.health_of_the_day",
        "schedule": settings.HEALTH_SECONDS,
        "options": {"expires": settings.BELL_EXPIRES, "ignore_result": True},
    },
}
# Beat keeps no state worth a file: everything it runs may run at any time.
app.conf.beat_scheduler = "celery.beat:Scheduler"
app.conf.beat_max_loop_interval = max(settings.SWEEP_SECONDS, 1.0)


@celeryd_init.connect
def wait_longer_than_a_page(conf: Any, **_: Any) -> None:
    """A worker waits for messages on its connection, so the half second of a page is too short for it."""
    conf.broker_transport_options = {
        "socket_timeout": 3,
        "socket_connect_timeout": 2,
        "visibility_timeout": 3600,
    }


@celeryd_init.connect
def end_when_deaf(**_: Any) -> None:
    """Only workers watch whether they still hear the broker."""
    from changping import deafness  # noqa: F401


@celeryd_init.connect
def let_pages_go_first(**_: Any) -> None:
    """On a machine that pages share with workers: a page is waited for by a person, so the worker takes what is left."""
    os.nice(settings.WORKER_NICE)
    # Linux may share the processor among sessions first; each of our processes is a session of its own.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(settings.WORKER_NICE))


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Celery would set up logging of its own; Django's setup has done it."""


@receiver(signals.modify_context_before_task_publish)
def ring_without_a_name(context: dict[str, Any], **_: Any) -> None:
    """A bell carries nothing: its worker may do somebody else's job, and takes the request's id from that job's row."""
    context.clear()
