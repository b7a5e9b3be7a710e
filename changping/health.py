"""Is the service alive, and is it ready to work? Says the truth, and nothing a stranger should not know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache

import structlog
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from changping.celery import app
from matching.models import Part, WebhookEndpoint, WorkerPulse
from policies.models import Release

log = structlog.get_logger(__name__)

# The sweep reaches a living worker every two seconds; a long match may keep it busy for a while.
WORKER_SILENCE = timedelta(seconds=60)


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers; asks nothing of anybody else."""
    return HttpResponse("alive\n", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when a match asked for now would be done; else 503, and which part is missing.

    Whether webhooks are sent is told as well, but pages need not be kept from people for it.
    """
    told = parts()
    is_ready = all(works for name, works in told.items() if name not in BESIDE)
    answer = JsonResponse({"ready": is_ready, **told}, status=200 if is_ready else 503)
    if not is_ready:
        answer.headers["Retry-After"] = "5"
    return answer


def parts() -> dict[str, bool]:
    """Whether each part works, asked now; never raises."""
    return {name: _works(name, question) for name, question in QUESTIONS.items()}


def _works(name: str, question: Callable[[], bool]) -> bool:
    try:
        return question()
    except Exception as fault:
        # The page says only yes or no; the reason is for the log.
        log.warning("not_ready", part=name, fault=type(fault).__name__)
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _webhooks() -> bool:
    """Whether a process sends webhooks; well also where no partner waits for any."""
    if not WebhookEndpoint.objects.sending().exists():
        return True
    return WorkerPulse.objects.alive(within=WORKER_SILENCE, part=Part.WEBHOOKS).exists()


def _broker() -> bool:
    if app.conf.broker_url == "memory://":
        return False
    with app.connection_for_write(connect_timeout=settings.DOORBELL_TIMEOUT) as broker:
        broker.default_channel.client.ping()  # type: ignore[attr-defined]  # redis-py's, behind kombu's
    return True


@lru_cache(maxsize=1)
def _known_migrations() -> tuple[tuple[str, str], ...]:
    """Those of this version, in an order in which they can be applied; read from the disk once."""
    graph = MigrationLoader(None).graph
    return tuple(dict.fromkeys(key for leaf in graph.leaf_nodes() for key in graph.forwards_plan(leaf)))


def missing_migrations() -> tuple[list[str], int]:
    """Those of this version that the database does not have, in order, and how many there are in all.

    A database that is ahead lacks nothing: until a release of the service is out everywhere, some processes are behind it.
    """
    applied = set(MigrationRecorder.Migration.objects.values_list("app", "name"))
    known = _known_migrations()
    return [f"{app_label}.{name}" for app_label, name in known if (app_label, name) not in applied], len(known)


QUESTIONS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "migrations": lambda: not missing_migrations()[0],
    "broker": _broker,
    "release": lambda: Release.objects.exists(),
    "worker": lambda: WorkerPulse.objects.alive(within=WORKER_SILENCE).exists(),
    "webhooks": _webhooks,
}
# Told, but not needed for a match.
BESIDE = frozenset({"webhooks"})
