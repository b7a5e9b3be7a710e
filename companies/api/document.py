"""The OpenAPI document at its address, and the pages on which people read and try it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from rest_framework.request import Request

from companies.api.facts import CatalogueView
from companies.api.promises import documented
from companies.api.reference import operations_by_tag
from companies.api.views import ApiPage
from companies.facts import Text
from companies.models import FactRecord


class Document(CatalogueView):
    """What this API promises, for programs."""

    @documented(
        "read_schema",
        Text("This document", "本文档"),
        answers={
            "type": "object",
            "required": ["openapi", "info", "paths"],
            "properties": {"openapi": {"const": "3.1.0"}},
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """The OpenAPI document, with the JSON Schema of each fact as it is asked today."""
        from companies.api.contract import with_facts

        return self.answer(request, with_facts(_document(), FactRecord.objects.vocabulary()))


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    """What does not change while the program runs; it takes a moment to make, and its library is loaded only for this."""
    from drf_spectacular.generators import SchemaGenerator

    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


class Documentation(ApiPage):
    """The document for people, also without JavaScript."""

    def get(self, request: Request) -> HttpResponse:
        """Every address with what it takes and answers."""
        groups = operations_by_tag(_document())
        return render(request._request, "companies/api_documentation.html", {"groups": groups})


# The library behind the page writes the style attribute of its parts: the one exception, and on this page alone.
@method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE]}), name="dispatch")
class Trial(ApiPage):
    """Where people try the API with their key."""

    def get(self, request: Request) -> HttpResponse:
        """The page; what it shows comes from the document."""
        return render(request._request, "companies/api_trial.html")
