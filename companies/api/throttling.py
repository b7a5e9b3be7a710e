"""How often the API may be called, counted in the cache that all processes share."""

from __future__ import annotations

from math import ceil
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class CallerThrottle(SimpleRateThrottle):
    """So many requests a minute of one partner, or of one address where there is no key; counted for all processes.

    Two counts, of this minute and the last: of the last, only the part counts that lies within sixty seconds. Each count
    grows in one step inside the cache, so that requests that come at once in several processes are all counted; a list of
    times, as the library keeps it, would be read and written back by each of them.
    """

    scope = "api"

    def get_cache_key(self, request: Request, view: Any) -> str:
        """One count for each partner and kind of request."""
        who = request.user.pk if request.user is not None else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": who}

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether this one is within the rate; what is left is said in headers."""
        self.scope = "api_public" if request.user is None else "api"
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)
        key, self.now = self.get_cache_key(request, view), self.timer()
        window, passed = divmod(self.now, self.duration)
        before = self.cache.get(f"{key}:{int(window) - 1}", 0) * (1 - passed / self.duration)
        count = ceil(before) + self._count(f"{key}:{int(window)}")
        allowed = count <= self.num_requests
        request._request.api_rate = (self.num_requests, max(self.num_requests - count, 0), self.duration)
        return allowed

    def wait(self) -> float:
        """Until this minute is over: from then on fewer count with each second."""
        return float(self.duration - self.now % self.duration)

    def _count(self, key: str) -> int:
        """This request as one more of its minute, and how many that makes."""
        self.cache.add(key, 0, self.duration * 2)
        try:
            return int(self.cache.incr(key))
        except ValueError:  # it ran out between the two steps
            return 1
