"""How often something may be done, counted in the cache that all processes share."""

from __future__ import annotations

import time
from math import ceil
from typing import Any

from django.core.cache import cache as shared


def count_one_more(name: str, *, seconds: float, now: float | None = None, cache: Any = shared) -> int:
    """Count one more of this, and say how many there were in the last so many seconds, this one included.

    Two counts, of this stretch of time and the one before: of that one, only the part counts that lies within the last
    `seconds`. Each count grows in one step inside the cache, so that what comes at once in several processes is all
    counted; a list of times would be read and written back by each of them.
    """
    window, passed = divmod(time.time() if now is None else now, seconds)
    before = cache.get(f"{name}:{int(window) - 1}", 0) * (1 - passed / seconds)
    return ceil(before) + _add_one(cache, f"{name}:{int(window)}", seconds)


def _add_one(cache: Any, key: str, seconds: float) -> int:
    cache.add(key, 0, seconds * 2)
    try:
        return int(cache.incr(key))
    except ValueError:  # it ran out between the two steps
        return 1
