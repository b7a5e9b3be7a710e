"""What the API says when it cannot do what was asked: problem details (RFC 9457) in the language of the asker."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import set_rollback

PROBLEMS: dict[str, tuple[int, Any, Any]] = {
    "bad-request": (400, _("This request cannot be read"), _("See what is wrong in `detail`, and send it again.")),
    "sign-in": (401, _("A key is needed"), _("Send the key of your installation with the request.")),
    "not-allowed": (403, _("Not allowed"), _("The key that was sent does not open this.")),
    "not-found": (404, _("Nothing is here"), _("The address is wrong, or what was there is gone or not yours.")),
    "wrong-method": (
        405,
        _("This cannot be done here"),
        _("The header `Allow` names what can be done at this address."),
    ),
    "wrong-form": (406, _("Not available in this form"), _("Ask for application/json.")),
    "wrong-content": (415, _("This content cannot be read"), _("Send application/json.")),
    "too-many": (429, _("Too many requests"), _("Wait for the seconds in the header `Retry-After`, then go on.")),
    "our-fault": (500, _("Something went wrong on our side"), _("Send it again later; nothing was stored half-way.")),
}
"""The kinds of problems: the status, what it is called, and what to do about it. Their names do not change."""
_BY_STATUS = {status: name for name, (status, _title, _advice) in PROBLEMS.items()}


class ProblemRenderer(JSONRenderer):
    """JSON that says it is a problem."""

    media_type = "application/problem+json"


def answer(fault: Exception, context: dict[str, Any]) -> Response | None:
    """The problem for whatever a view raised; None, and so Django's own way, for what nobody foresaw."""
    if isinstance(fault, Http404):
        fault = exceptions.NotFound()
    elif isinstance(fault, PermissionDenied):
        fault = exceptions.PermissionDenied()
    if not isinstance(fault, exceptions.APIException):
        return None
    set_rollback()
    request = context["request"]
    name = _BY_STATUS.get(fault.status_code, "bad-request")
    _status, title, advice = PROBLEMS[name]
    problem = {
        "type": reverse("api:problem", args=[name], request=request),
        "title": str(title),
        "status": fault.status_code,
        "detail": str(fault.detail) if name == "bad-request" else str(advice),
        "instance": request.get_full_path()[:2000],
    }
    response = Response(problem, status=fault.status_code)
    wait = getattr(fault, "wait", None)
    if wait is not None:
        response.headers["Retry-After"] = str(int(wait) + 1)
    # Whatever was asked for: a problem has one form only.
    request.accepted_renderer = ProblemRenderer()
    request.accepted_media_type = ProblemRenderer.media_type
    response.accepted_renderer = request.accepted_renderer
    return response
