"""What is kept elsewhere: the database with its migrations and its clock, the broker, the cache."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from redis import Redis

from changping.celery import app
from changping.doctor.findings import Finding, ill, well
from changping.health import missing_migrations
from changping.serve import broker as embedded
from policies.models import Release

MOST_CLOCK_DIFFERENCE = timedelta(seconds=5)


def database(part: str) -> Finding:
    """Whether it answers, is whole, and loses nothing with the power."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            (said,) = cursor.execute("PRAGMA quick_check").fetchone()
            if said != "ok":
                return ill(
                    part, f"damaged: {said}", "stop the service and restore a backup: docs/operations.md, Backup"
                )
            return well(part, f"SQLite, {Path(settings.DATABASES['default']['NAME']).stat().st_size:,} bytes")
        # Either switched off, an accepted match could be lost with the power.
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute("SELECT current_setting(%s)", [name])
            (value,) = cursor.fetchone()
            if value == "off":
                return ill(part, f"{name} is off: what was accepted can be lost", f"set {name} = on in postgresql.conf")
        cursor.execute("SELECT current_setting('server_version')")
        return well(part, f"PostgreSQL {cursor.fetchone()[0]}")


def clock(part: str) -> Finding:
    """Whether this machine and the database agree on the time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXTRACT(EPOCH FROM now())" if connection.vendor == "postgresql" else "SELECT strftime('%s', 'now')"
        )
        theirs = datetime.fromtimestamp(float(cursor.fetchone()[0]), UTC)
    difference = abs(datetime.now(UTC) - theirs)
    if difference > MOST_CLOCK_DIFFERENCE:
        return ill(part, f"{difference.total_seconds():.0f} s apart from the database's")
    newest = Release.objects.order_by("-created_at").values_list("created_at", flat=True).first()
    if newest is not None and newest > timezone.now() + MOST_CLOCK_DIFFERENCE:
        return ill(part, f"a release was made in the future, at {newest:%Y-%m-%d %H:%M}")
    return well(part, f"{timezone.localtime():%Y-%m-%d %H:%M %Z}")


def broker(part: str) -> Finding:
    """Whether it answers."""
    if settings.REDIS_URL:
        with app.connection_for_write(connect_timeout=settings.DOORBELL_TIMEOUT) as broker:
            broker.default_channel.client.ping()  # type: ignore[attr-defined]  # redis-py's, behind kombu's
        return well(part, "answers")
    socket = embedded.socket_path(settings.VAR_DIR)
    if not socket.exists():
        return ill(part, "manage.py serve starts one, and does not run", "run: manage.py serve")
    with Redis(unix_socket_path=str(socket), socket_timeout=settings.DOORBELL_TIMEOUT) as client:
        client.ping()
    return well(part, "answers on the socket of manage.py serve")


def shared_cache(part: str) -> Finding:
    """Whether it keeps what is written to it."""
    key, value = f"doctor:{uuid.uuid4()}", uuid.uuid4().hex
    cache.set(key, value, 30)
    found = cache.get(key)
    cache.delete(key)
    if getattr(cache, "is_silent", False):
        return ill(part, "does not answer; each process counts by itself meanwhile")
    if found != value:
        return ill(part, "does not keep what is written to it")
    return well(part, "keeps what is written to it")


def migrations(part: str) -> Finding:
    """Whether the database has all that this version needs."""
    missing, every = missing_migrations()
    if not missing:
        return well(part, "all applied")
    half = f" of {every}: the others are" if len(missing) < every else ""
    return ill(part, f"{len(missing)} are not applied{half}, first {missing[0]}")
