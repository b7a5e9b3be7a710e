"""The cache that all processes share, in Redis; and while Redis does not answer, what each process remembers by itself.

The cache holds counts (how often somebody called, tried to sign in, guessed) and nothing else that matters. So a Redis that
is dead, frozen or full refuses nobody: counts then are of one process each, until Redis answers again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from companies.outages import Silence

log = structlog.get_logger(__name__)

_SILENCE = Silence()


def _asked(name: str) -> Callable[..., Any]:
    """Django's own method of this name, or the same of this process's memory while Redis is silent."""
    theirs: Callable[..., Any] = getattr(RedisCache, name)

    def method(self: SharedCache, *args: Any, **kwargs: Any) -> Any:
        if _SILENCE.is_over():
            try:
                answer = theirs(self, *args, **kwargs)
            except (RedisError, OSError) as fault:
                if _SILENCE.begin():
                    log.warning("cache_silent", fault=type(fault).__name__)
            else:
                if _SILENCE.end():
                    log.info("cache_answers_again")
                return answer
        return getattr(self.own, name)(*args, **kwargs)

    return method


class SharedCache(RedisCache):
    """Django's cache in Redis, which never fails and hardly waits because of Redis."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.own = LocMemCache("while-redis-is-silent", {**params, "OPTIONS": {}})

    @property
    def is_silent(self) -> bool:
        """Whether Redis did not answer when it was last asked, so that counts are this process's own."""
        return bool(_SILENCE.until)

    # All ways by which Django's class reaches Redis.
    add = _asked("add")
    get = _asked("get")
    set = _asked("set")
    touch = _asked("touch")
    delete = _asked("delete")
    get_many = _asked("get_many")
    has_key = _asked("has_key")
    incr = _asked("incr")
    set_many = _asked("set_many")
    delete_many = _asked("delete_many")
    clear = _asked("clear")
