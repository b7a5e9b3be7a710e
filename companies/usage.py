"""How much each partner uses the API: requests a day, counted in the cache that all processes share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import structlog
from django.core.cache import cache
from django.utils import timezone

from companies.models.partners import ApiKey, Partner

log = structlog.get_logger(__name__)

DAYS_KEPT = 31
_SECONDS_KEPT = (DAYS_KEPT + 1) * 24 * 3600
# Answers of 400 and above; of these, those that came too often.
_REFUSED, _THROTTLED = 400, 429


@dataclass(frozen=True, slots=True)
class UsageOfDay:
    """A day's requests of a partner, and how many of them were answered with a problem, or were too many."""

    day: date
    requests: int
    problems: int
    throttled: int


def count(key: Any, status: int) -> None:
    """Note a request that came with this key. In the cache, not in a row: a figure to look at is not worth a write each time.

    Never raises: whoever is answered does not suffer from what is only counted.
    """
    if not isinstance(key, ApiKey):
        return
    kinds = [
        "requests",
        *(["problems"] if status >= _REFUSED else []),
        *(["throttled"] if status == _THROTTLED else []),
    ]
    try:
        for kind in kinds:
            name = _name(key.partner, timezone.localdate(), kind)
            cache.add(name, 0, _SECONDS_KEPT)
            cache.incr(name)
    except Exception as fault:
        log.warning("usage_not_counted", fault=type(fault).__name__)


def of(partner: Partner, *, until: date, days: int = DAYS_KEPT) -> list[UsageOfDay]:
    """The last days with requests, the newest first."""
    kinds = ("requests", "problems", "throttled")
    wanted = [until - timedelta(days=back) for back in range(days)]
    counted = cache.get_many([_name(partner, day, kind) for day in wanted for kind in kinds])
    found = [UsageOfDay(day, *(counted.get(_name(partner, day, kind), 0) for kind in kinds)) for day in wanted]
    return [one for one in found if one.requests]


def _name(partner: Partner, day: date, kind: str) -> str:
    return f"usage:{partner.public_id}:{day:%Y%m%d}:{kind}"
