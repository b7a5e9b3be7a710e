"""What is answered when a request fails before any view has it, or in a way that no view foresaw: a problem in the API, a page elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language
from django.views import defaults

from companies.api.problems import MEDIA_TYPE, NO_DATABASE, PROBLEMS, problem_body
from companies.outages import RETRY_AFTER, is_outage

_API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: an unknown host, too many parameters."""
    return _answered(request, "malformed", lambda: defaults.bad_request(request, exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return _answered(request, "not-found", lambda: defaults.page_not_found(request, exception))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _answered(request, "forbidden", lambda: defaults.permission_denied(request, exception))


def failed(request: HttpRequest) -> HttpResponse:
    """500, and the log has what happened; 503 with Retry-After where only the database could not do its part."""
    # Django calls this while it handles the exception.
    if is_outage(sys.exc_info()[1]):
        return _without_database(request)
    return _answered(request, "failed", lambda: defaults.server_error(request))


def _without_database(request: HttpRequest) -> HttpResponse:
    """Asks nothing of the database: who is signed in is not known here, so the page is made without the request."""
    detail = NO_DATABASE.said(get_language())
    made = _answered(request, "unavailable", lambda: _page(request), detail)
    made.headers["Retry-After"] = str(int(RETRY_AFTER.total_seconds()))
    add_never_cache_headers(made)
    return made


def _page(request: HttpRequest) -> HttpResponse:
    known = {"user": None, "messages": (), "csrf_token": "", "can_repeat": request.method in ("GET", "HEAD")}
    return HttpResponse(render_to_string("503.html", known), status=503)


def _answered(request: HttpRequest, kind: str, page: Callable[[], Any], detail: str | None = None) -> HttpResponse:
    if not request.path.startswith(_API):
        made: HttpResponse = page()
        return made
    body = {**problem_body(PROBLEMS[kind], detail), "instance": request.path[:2_000]}
    return JsonResponse(body, status=PROBLEMS[kind].status, content_type=MEDIA_TYPE)
