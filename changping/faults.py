"""What is answered when a request fails before any view has it, or in a way that no view foresaw: a problem in the API, a page elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from companies.api.problems import MEDIA_TYPE, PROBLEMS, problem_body

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
    """500; the log has what happened."""
    return _answered(request, "failed", lambda: defaults.server_error(request))


def _answered(request: HttpRequest, kind: str, page: Callable[[], Any]) -> HttpResponse:
    if not request.path.startswith(_API):
        made: HttpResponse = page()
        return made
    body = {**problem_body(PROBLEMS[kind], None), "instance": request.path[:2_000]}
    return JsonResponse(body, status=PROBLEMS[kind].status, content_type=MEDIA_TYPE)
