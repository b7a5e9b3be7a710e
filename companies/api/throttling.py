"""How often the API may be called, counted in the cache that all processes share."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class CallerThrottle(SimpleRateThrottle):
    """So many requests a minute of one partner, or of one address where there is no key; counted for all processes."""

    scope = "api"

    def get_cache_key(self, request: Request, view: Any) -> str:
        """One count for each partner and kind of request."""
        who = request.user.pk if request.user is not None else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": who}

    def allow_request(self, request: Request, view: Any) -> bool:
        """As the library counts; what is left is said in headers."""
        self.scope = "api_public" if request.user is None else "api"
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)
        allowed = super().allow_request(request, view)
        request._request.api_rate = (self.num_requests, max(self.num_requests - len(self.history), 0), self.duration)
        return allowed
