"""`Prefer: wait=N` (RFC 7240): stay on the line for a moment, so that one call is often enough."""

from __future__ import annotations

import re
import time
from threading import BoundedSemaphore

from rest_framework.request import Request

from companies.api.asking import Asked
from companies.facts import Text
from matching.models import ENDED, MatchRequest

LONGEST_WAIT = 10
# So many calls may wait in one process: the others, and everybody who does not wait, still find a free thread.
_WAITING_AT_ONCE = 3
_LOOK_EVERY = 0.1
_WAIT = re.compile(r"(?:^|[,;]) *wait *= *([0-9]{1,4}) *(?=$|[,;])", re.ASCII)
_places = BoundedSemaphore(_WAITING_AT_ONCE)

PREFER = Asked(
    "Prefer",
    Text(
        f"`wait=N`: stay on the line for up to N seconds, at most {LONGEST_WAIT}.",
        f"wait=N：最多等待 N 秒，上限 {LONGEST_WAIT} 秒。",
    ),
    # Other preferences, and none at all, are passed over (RFC 7240, 2).
    kind="words",
    place="header",
)
APPLIED = {"Preference-Applied": Text("That the answer waited.", "表示已等待。")}


def seconds_to_wait(request: Request) -> int:
    """What the caller prefers, no more than is allowed; 0 without a preference."""
    found = _WAIT.search(request.headers.get("Prefer", ""))
    return min(int(found[1]), LONGEST_WAIT) if found else 0


def wait_for_the_end(match: MatchRequest, seconds: int) -> bool:
    """Wait until the match has ended, or the time is over; False where nobody more may wait just now.

    Holds no transaction and no row; the row is looked at, and the worker that ends it knows of nobody who waits.
    """
    if seconds <= 0 or not _places.acquire(blocking=False):
        return False
    try:
        until = time.monotonic() + seconds
        while not _has_ended(match) and time.monotonic() < until:
            time.sleep(_LOOK_EVERY)
    finally:
        _places.release()
    return True


def _has_ended(match: MatchRequest) -> bool:
    return MatchRequest.objects.filter(pk=match.pk, state__in=ENDED).exists()
