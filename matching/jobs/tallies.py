"""Counters for the metrics: what happened, over all processes. Counted in memory, and added to rows every few seconds.

A process that is killed takes the last seconds of its counts with it: they say how it goes, and are the truth about no job.
"""

import threading
import time
from bisect import bisect_left
from collections import Counter

import structlog
from django.db import Error as DatabaseFault
from django.db import transaction
from django.db.models import F

from matching.models import Tally

log = structlog.get_logger(__name__)

KEEP_EVERY_SECONDS = 5.0
# Upper ends of how long a job waited until it was first taken.
DELAYS = (0.1, 0.5, 1, 2, 5, 15, 60, 300, 1800)

# What happened in this process since it started.
COUNTS: Counter[str] = Counter()
_kept: Counter[str] = Counter()
_lock = threading.Lock()
_last_kept = 0.0


def count(name: str, times: int = 1) -> None:
    """Note that something happened; costs nothing, and is kept later."""
    with _lock:
        COUNTS[name] += times


def count_delay(kind: str, seconds: float) -> None:
    """Note how long a job of this kind waited until it was first taken."""
    place = bisect_left(DELAYS, seconds)
    count(f"delay:{kind}:{DELAYS[place] if place < len(DELAYS) else '+Inf'}")
    count(f"delay_ms:{kind}", max(0, round(seconds * 1000)))


def keep(*, now: bool = False) -> None:
    """Add what was counted since the last time to the rows: at most every few seconds, unless it is to be now.

    Never raises because the database is away: it is kept later.
    """
    global _last_kept
    with _lock:
        if not now and time.monotonic() - _last_kept < KEEP_EVERY_SECONDS:
            return
        _last_kept = time.monotonic()
        fresh = COUNTS - _kept
        _kept.update(fresh)
    if not fresh:
        return
    try:
        # In one order, so that two processes never wait for each other.
        with transaction.atomic():
            for name in sorted(fresh):
                if not Tally.objects.filter(name=name).update(count=F("count") + fresh[name]):
                    _first(name, fresh[name])
    except DatabaseFault as fault:
        log.warning("tallies_not_kept", fault=type(fault).__name__)
        with _lock:
            _kept.subtract(fresh)


def _first(name: str, times: int) -> None:
    # Two processes may be the first at once.
    Tally.objects.bulk_create([Tally(name=name)], ignore_conflicts=True)
    Tally.objects.filter(name=name).update(count=F("count") + times)
