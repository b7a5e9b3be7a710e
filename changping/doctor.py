"""What an installation needs to do its work, part by part: each is tried for real, and what is wrong comes with what to do."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.functions import Now
from django.utils import timezone
from redis import Redis

from changping.celery import app
from changping.health import WORKER_SILENCE
from changping.serve import broker as embedded
from companies.facts import Profile
from matching.engine.report import make_report
from matching.models import Delivery, MatchRequest, WorkerPulse
from matching.rendering.forms import FORMS
from policies import rulebook
from policies.models import Release

LEAST_FREE = 2 << 30
MOST_CLOCK_DIFFERENCE = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: whether it is well, what was found and, where it is not, what to do."""

    part: str
    well: bool
    said: str
    advice: str = ""


def examine() -> Iterator[Finding]:
    """Each part in turn; what another needs comes first, and nothing is raised."""
    for part, look in PARTS.items():
        try:
            yield look(part)
        except Exception as fault:
            # The kind only: messages of drivers hold addresses and passwords.
            yield Finding(part, False, f"could not be asked: {type(fault).__name__}", _ADVICE[part])


def _settings(part: str) -> Finding:
    said = [
        found for found in checks.run_checks(include_deployment_checks=settings.SERVED) if found.level >= checks.WARNING
    ]
    if said:
        return Finding(
            part, False, f"{len(said)} warnings: {said[0].id} {said[0].msg}", "run: manage.py check --deploy"
        )
    return Finding(part, True, "served edition" if settings.SERVED else "embedded edition, for one machine")


def _database(part: str) -> Finding:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            (said,) = cursor.execute("PRAGMA quick_check").fetchone()
            if said != "ok":
                return Finding(
                    part, False, f"damaged: {said}", "stop the service and restore a backup: docs/operations.md, Backup"
                )
            return Finding(part, True, f"SQLite, {Path(settings.DATABASES['default']['NAME']).stat().st_size:,} bytes")
        # Either switched off, an accepted match could be lost with the power.
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute("SELECT current_setting(%s)", [name])
            (value,) = cursor.fetchone()
            if value == "off":
                return Finding(
                    part, False, f"{name} is off: what was accepted can be lost", f"set {name} = on in postgresql.conf"
                )
        cursor.execute("SELECT current_setting('server_version')")
        return Finding(part, True, f"PostgreSQL {cursor.fetchone()[0]}")


def _migrations(part: str) -> Finding:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return Finding(part, False, f"{len(missing)} are not applied, first {missing[0][0]}", _ADVICE[part])
    return Finding(part, True, "all applied")


def _clock(part: str) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXTRACT(EPOCH FROM now())" if connection.vendor == "postgresql" else "SELECT strftime('%s', 'now')"
        )
        theirs = datetime.fromtimestamp(float(cursor.fetchone()[0]), UTC)
    difference = abs(datetime.now(UTC) - theirs)
    if difference > MOST_CLOCK_DIFFERENCE:
        return Finding(part, False, f"{difference.total_seconds():.0f} s apart from the database's", _ADVICE[part])
    newest = Release.objects.order_by("-created_at").values_list("created_at", flat=True).first()
    if newest is not None and newest > timezone.now() + MOST_CLOCK_DIFFERENCE:
        return Finding(part, False, f"a release was made in the future, at {newest:%Y-%m-%d %H:%M}", _ADVICE[part])
    return Finding(part, True, f"{timezone.localtime():%Y-%m-%d %H:%M %Z}")


def _broker(part: str) -> Finding:
    if settings.REDIS_URL:
        with app.connection_for_write(connect_timeout=settings.DOORBELL_TIMEOUT) as broker:
            broker.default_channel.client.ping()  # type: ignore[attr-defined]  # redis-py's, behind kombu's
        return Finding(part, True, "answers")
    socket = embedded.socket_path(settings.VAR_DIR)
    if not socket.exists():
        return Finding(part, False, "manage.py serve starts one, and does not run", "run: manage.py serve")
    with Redis(unix_socket_path=str(socket), socket_timeout=settings.DOORBELL_TIMEOUT) as client:
        client.ping()
    return Finding(part, True, "answers on the socket of manage.py serve")


def _cache(part: str) -> Finding:
    key, value = f"doctor:{uuid.uuid4()}", uuid.uuid4().hex
    cache.set(key, value, 30)
    found = cache.get(key)
    cache.delete(key)
    if getattr(cache, "is_silent", False):
        return Finding(part, False, "does not answer; each process counts by itself meanwhile", _ADVICE[part])
    if found != value:
        return Finding(part, False, "does not keep what is written to it", _ADVICE[part])
    return Finding(part, True, "keeps what is written to it")


def _release(part: str) -> Finding:
    newest = Release.objects.defer("snapshot", "changes").order_by("-number").first()
    if newest is None:
        return Finding(part, False, "no release has been published", _ADVICE[part])
    return Finding(
        part, True, f"number {newest.number} of {newest.created_at:%Y-%m-%d}, {len(rulebook.current().offers)} offers"
    )


def _worker(part: str) -> Finding:
    if not WorkerPulse.objects.alive(within=WORKER_SILENCE).exists():
        return Finding(part, False, f"no sign of life within {WORKER_SILENCE.total_seconds():.0f} s", _ADVICE[part])
    return Finding(part, True, "alive")


def _waiting(part: str) -> Finding:
    late = MatchRequest.objects.runnable().filter(run_after__lt=Now() - LONGEST_WAIT).count()
    if late:
        return Finding(
            part, False, f"{late} have waited for more than {LONGEST_WAIT.total_seconds():.0f} s", _ADVICE[part]
        )
    return Finding(part, True, f"{MatchRequest.objects.live().count()} at work or waiting")


def _webhooks(part: str) -> Finding:
    late = Delivery.objects.runnable().filter(run_after__lt=Now() - LONGEST_WAIT).count()
    if late:
        return Finding(
            part,
            False,
            f"{late} deliveries have been due for more than {LONGEST_WAIT.total_seconds():.0f} s",
            _ADVICE[part],
        )
    return Finding(part, True, "nothing is overdue")


def _disk(part: str) -> Finding:
    for folder in dict.fromkeys(
        [settings.VAR_DIR, settings.BATCH_DIR, settings.SNAPSHOT_DIR, Path(tempfile.gettempdir())]
    ):
        there = next(path for path in (folder, *folder.parents) if path.exists())
        if not os.access(there, os.W_OK):
            return Finding(part, False, f"{folder} cannot be written to", _ADVICE[part])
        free = shutil.disk_usage(there).free
        if free < LEAST_FREE:
            return Finding(
                part, False, f"{folder} has {free / 2**30:.1f} GB free, less than {LEAST_FREE >> 30}", _ADVICE[part]
            )
    return Finding(part, True, f"{shutil.disk_usage(settings.VAR_DIR.anchor).free / 2**30:.0f} GB free")


def _documents(part: str) -> Finding:
    """A report that says little, set as PDF in Chinese: program, process and fonts."""
    report: Any = make_report(
        rulebook.current(), Profile({}), timezone.localdate(), {"name": "昌策", "profile_version": "0"}, compare=False
    )
    made = FORMS["pdf"].make(report, "zh-hans")
    size = len(made)
    return Finding(part, True, f"a PDF of {size:,} bytes was set")


PARTS: dict[str, Callable[[str], Finding]] = {
    "settings": _settings,
    "disk": _disk,
    "database": _database,
    "migrations": _migrations,
    "clock": _clock,
    "broker": _broker,
    "cache": _cache,
    "release": _release,
    "worker": _worker,
    "matches": _waiting,
    "webhooks": _webhooks,
    "documents": _documents,
}
_ADVICE = {
    "settings": "run: manage.py check --deploy",
    "disk": "free some space, or point VAR_DIR, BATCH_DIR or TMPDIR elsewhere",
    "database": "look at DATABASE_URL, and whether the server runs and lets this machine in",
    "migrations": "run: manage.py migrate",
    "clock": "let both machines keep their clocks by NTP: leases and windows go by them",
    "broker": "look at REDIS_URL, and whether Redis runs; matches wait meanwhile, none is lost",
    "cache": "look at REDIS_URL, and whether Redis has memory left; limits on requests are counted there",
    "release": "run: manage.py load_catalogue, or publish a version at the desk",
    "worker": "start one: celery -A changping.celery worker; or manage.py serve for all of it",
    "matches": "start more workers, and see in their log what they are doing",
    "webhooks": "start manage.py deliver_webhooks",
    "documents": "install the packages of locks/runtime.txt anew: typst or a font is missing, or this machine is too busy",
}
