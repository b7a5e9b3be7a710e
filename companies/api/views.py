"""What all views of the API have in common, and the two that belong to nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from django.http import Http404, HttpResponse
from django.shortcuts import render
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from companies import usage
from companies.api.asking import read_asked
from companies.api.parsing import plain_json
from companies.api.problems import PROBLEMS
from companies.api.promises import promise_of


class ApiView(APIView):
    """A view of the API; `scope` says what a key must have, `is_public` that none is needed."""

    scope: str | None = None
    is_public = False
    has_etag = False
    """Whether it answers “not modified”."""

    asked: Mapping[str, Any]
    """What the address asks for, read as the method declares it."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Keys, scopes and rates as the library checks them; then the parameters of the address."""
        super().initial(request, *args, **kwargs)
        promise = promise_of(self, str(request.method))
        if promise is not None:
            self.asked = read_asked(request, promise.asks)

    def idempotent_body(self, request: Request) -> Any:
        """What of a request must be the same for the same Idempotency-Key: a JSON value, the whole body as it was read."""
        return plain_json(request.data)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """The answer with the headers that say how much of the rate is left."""
        made = super().finalize_response(request, response, *args, **kwargs)
        # Not `auth`, which would ask for the key again where it was refused.
        usage.count(getattr(request, "_auth", None), made.status_code)
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
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        """Whatever the method."""
        raise Http404

    def get(self, request: Request) -> NoReturn:
        """Never reached; without a method the library would say 405."""
        raise Http404

    post = put = patch = delete = get


class ApiPage(ApiView):
    """A page for people among the addresses of the API; what is wrong is a problem here as well."""

    is_public = True
    schema = None

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """The page is HTML whatever is asked for; only problems are rendered."""
        return JSONRenderer(), "application/json"


class ProblemPage(ApiPage):
    """What a `type` of a problem means and what to do."""

    def get(self, request: Request, key: str) -> HttpResponse:
        """The page of one kind."""
        if key not in PROBLEMS:
            raise Http404
        context = {"problem": PROBLEMS[key], "problems": PROBLEMS.values()}
        return render(request._request, "companies/problem.html", context)
