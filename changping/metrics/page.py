"""`/metrics`, for who has the token; for everybody else, and where no token is set, there is no such page."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from changping.metrics.figures import Figures


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All figures, as Prometheus reads them."""
    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    given = token.strip() if scheme.lower() == "bearer" else ""
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        raise Http404
    return HttpResponse(generate_latest(_everything()), content_type=CONTENT_TYPE_LATEST)


def _everything() -> CollectorRegistry:
    registry = CollectorRegistry()
    if settings.METRICS_DIR.exists():
        from changping.metrics.requests import collect_into

        collect_into(registry)
    registry.register(Figures())
    return registry
