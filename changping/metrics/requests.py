"""Requests and how long they took, counted by every web process of this machine in files that any of them can read.

Only imported where metrics are on. A file belongs to a place, not to a process: web processes are replaced every few
thousand requests, and one file each would be thousands a day.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from typing import IO

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
MOST_PLACES = 1_000
_place: tuple[int, str, IO[str]] | None = None


def _own_place() -> str:
    """The lowest number that no living process holds; kept until this one ends."""
    global _place
    if _place is None or _place[0] != os.getpid():
        for number in range(MOST_PLACES):
            file = (settings.METRICS_DIR / f"place-{number}.lock").open("w")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                continue
            _place = (os.getpid(), str(number), file)
            break
        else:
            raise RuntimeError(f"more than {MOST_PLACES} processes count in {settings.METRICS_DIR}")
    return _place[1]


settings.METRICS_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(settings.METRICS_DIR)
values.ValueClass = values.MultiProcessValue(_own_place)

# Labels are names of ours: never an address, which holds ids, and never a word that a stranger sent.
REQUESTS = Counter("changce_requests", "Requests answered.", ["route", "method", "status"], registry=None)
SECONDS = Histogram(
    "changce_request_seconds",
    "Time until the answer began.",
    ["route", "method"],
    buckets=(0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
    registry=None,
)


class RequestMetricsMiddleware:
    """Counts each request under the name of its page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        response = self.get_response(request)
        found = request.resolver_match
        route = (found.view_name or found.route) if found else "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(route, method, str(response.status_code)).inc()
        SECONDS.labels(route, method).observe(time.monotonic() - began)
        return response


def collect_into(registry: CollectorRegistry) -> None:
    """Adds what all web processes of this machine have counted."""
    MultiProcessCollector(registry, path=str(settings.METRICS_DIR))
