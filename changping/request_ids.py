"""A name for each request, which its answer, its lines of the log and the jobs that it asks for carry."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
# What a proxy may send: enough for every usual form, and nothing that could break a line of the log or hold a sentence.
_PLAIN = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIdMiddleware:
    """Takes over the id that our own proxy gave, or makes one; answers with it in `X-Request-ID`.

    Without a proxy of ours in front (`TRUSTED_PROXIES=0`) the header is a stranger's word and is replaced.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        own = given if settings.TRUSTED_PROXIES and _PLAIN.fullmatch(given) else str(uuid.uuid4())
        # django-structlog reads it there, and binds it for all lines of this request.
        request.META["HTTP_X_REQUEST_ID"] = own
        response = self.get_response(request)
        response.headers[HEADER] = own
        return response
