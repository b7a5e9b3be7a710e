"""How often the API may be called, counted in the cache that all processes share."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from companies.rates import count_one_more


class CallerThrottle(SimpleRateThrottle):
    """So many requests a minute of one partner, or of one address where there is no key; counted for all processes."""

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
        count = count_one_more(key, seconds=self.duration, now=self.now, cache=self.cache)
        allowed = count <= self.num_requests
        request._request.api_rate = (self.num_requests, max(self.num_requests - count, 0), self.duration)
        return allowed

    def wait(self) -> float:
        """Until this minute is over: from then on fewer count with each second."""
        return float(self.duration - self.now % self.duration)
