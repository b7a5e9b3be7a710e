"""What all views of the API have in common, and the two that belong to nobody else."""

from __future__ import annotations

from typing import Any, NoReturn

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from companies.api.problems import PROBLEMS


class ApiView(APIView):
    """A view of the API; `scope` says what a key must have, `is_public` that none is needed."""

    scope: str | None = None
    is_public = False

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """The answer with the headers that say how much of the rate is left."""
        made = super().finalize_response(request, response, *args, **kwargs)
        rate = getattr(getattr(request, "_request", request), "api_rate", None)
        if rate is not None:
            limit, left, seconds = rate
            made.headers["RateLimit-Limit"] = str(limit)
            made.headers["RateLimit-Remaining"] = str(left)
            made.headers["RateLimit-Policy"] = f"{limit};w={seconds}"
        return made


class Nothing(ApiView):
    """Any other address below the API: a problem in its form, not a page."""

    is_public = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        """Whatever the method."""
        raise Http404

    def get(self, request: Request) -> NoReturn:
        """Never reached; without a method the library would say 405."""
        raise Http404

    post = put = patch = delete = get


def problem_page(request: HttpRequest, key: str) -> HttpResponse:
    """What a `type` of a problem means and what to do, for people."""
    if key not in PROBLEMS:
        raise Http404
    return render(request, "companies/problem.html", {"problem": PROBLEMS[key], "problems": PROBLEMS.values()})
