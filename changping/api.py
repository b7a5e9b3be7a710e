"""The whole public API, on one page: what stands where under /api/v1/."""

from __future__ import annotations

from typing import Any

from django.urls import path, re_path
from django.utils.translation import override
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from changping.problems import PROBLEMS
from companies.api import FactDetail, FactList


class Problem(APIView):
    """What a kind of problem means and what to do about it, in both languages."""

    permission_classes = (AllowAny,)

    def get(self, request: Request, name: str) -> Response:
        if name not in PROBLEMS:
            raise NotFound
        status, title, advice = PROBLEMS[name]
        said: dict[str, dict[str, Any]] = {"title": {}, "advice": {}}
        for key, language in (("en", "en"), ("zh", "zh-hans")):
            with override(language):
                said["title"][key], said["advice"][key] = str(title), str(advice)
        return Response({"name": name, "status": status, **said})


class NothingHere(APIView):
    """Every other address: a problem in JSON, never a page for people."""

    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound


app_name = "api"
urlpatterns = [
    path("facts/", FactList.as_view(), name="facts"),
    path("facts/<str:name>/", FactDetail.as_view(), name="fact"),
    path("problems/<slug:name>/", Problem.as_view(), name="problem"),
    re_path("", NothingHere.as_view()),
]
