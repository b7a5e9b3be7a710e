"""The vocabulary for partners: every fact that a company can be asked, with the form of its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.cache import get_conditional_response
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from companies.api.asking import Asked
from companies.api.promises import documented, page_of
from companies.api.views import ApiView
from companies.facts import Fact, Kind, Text, digest_of, value_schema, written_bounds
from companies.models import FactRecord


class TextSerializer(serializers.Serializer[Any]):
    """The same words in English and in simplified Chinese."""

    en = serializers.CharField()
    zh = serializers.CharField()


class ChoiceSerializer(serializers.Serializer[Any]):
    """One possible answer."""

    key = serializers.CharField()
    label = TextSerializer()
    aliases = serializers.ListField(child=serializers.CharField())
    validity_years = serializers.IntegerField(allow_null=True)
    note = TextSerializer(allow_null=True)


class FactSerializer(serializers.Serializer[Fact]):
    """One fact: what it is called, how it is asked, and which answers it takes."""

    name = serializers.CharField()
    section = serializers.CharField()
    kind = serializers.CharField()
    label = TextSerializer()
    question = TextSerializer(allow_null=True)
    help = TextSerializer(allow_null=True)  # type: ignore[assignment]  # the word of the vocabulary, not of the field
    unit = TextSerializer(allow_null=True)
    minimum = serializers.SerializerMethodField()
    maximum = serializers.SerializerMethodField()
    choices = ChoiceSerializer(many=True)
    period = serializers.CharField(allow_null=True)
    papers = ChoiceSerializer(many=True, source="named_papers")
    effort = serializers.CharField()
    aliases = serializers.ListField(child=serializers.CharField())
    derived = serializers.CharField(allow_null=True)
    schema = serializers.SerializerMethodField()

    def get_minimum(self, fact: Fact) -> str | None:
        """The least value, as exact digits or an ISO day."""
        return written_bounds(fact).get("minimum")

    def get_maximum(self, fact: Fact) -> str | None:
        """The greatest value, as exact digits or an ISO day."""
        return written_bounds(fact).get("maximum")

    def get_schema(self, fact: Fact) -> dict[str, Any]:
        """The JSON Schema of its values."""
        return value_schema(fact)


class CatalogueView(ApiView):
    """A page of the catalogue: open to everybody, and answered with “not modified” where nothing is new."""

    is_public = True
    has_etag = True

    def answer(self, request: Request, plain: Any) -> HttpResponse:
        """The page with its ETag, or 304 for whoever has it already."""
        etag = f'"{digest_of(plain)[:32]}"'
        response = get_conditional_response(request, etag=etag)
        if response is None:
            response = Response(plain)
            response.headers["ETag"] = etag
        # Asked again each time: a fact is in force as soon as it is saved.
        response.headers["Cache-Control"] = "no-cache"
        return response


_ASKS = (
    Asked("section", Text("Only the facts of this section, such as `finance`.", "仅该部分的事实项，如 finance。")),
    Asked("kind", Text("Only facts of this kind.", "仅该类型的事实项。"), one_of=tuple(kind.value for kind in Kind)),
    Asked("q", Text("Words of the label or an alias.", "名称或别名中的词。"), kind="words"),
)
_NAME = Asked(
    "name",
    Text("The name of the fact, its label or an alias.", "事实项的代码、名称或别名。"),
    place="path",
    example="employees",
)


class FactList(CatalogueView):
    """All facts in the order of the profile; `section` and `kind` keep only those, `q` those called so."""

    @documented(
        "list_facts",
        Text("The facts that a company can be asked", "可向企业询问的事实项"),
        answers=page_of(FactSerializer),
        asks=_ASKS,
    )
    def get(self, request: Request) -> HttpResponse:
        """All facts as they are asked today, in the order of the profile, on one page."""
        facts = [fact for fact in FactRecord.objects.vocabulary() if _is_meant(fact, self.asked)]
        return self.answer(request, {"results": FactSerializer(facts, many=True).data, "next": None})


class FactDetail(CatalogueView):
    """One fact by its name, or by another word for it."""

    @documented("read_fact", Text("One fact", "一个事实项"), answers=FactSerializer, asks=[_NAME])
    def get(self, request: Request, name: str) -> HttpResponse:
        """The fact; a label or an alias leads to it as well."""
        fact = FactRecord.objects.vocabulary().resolve(name)
        if fact is None:
            raise Http404
        return self.answer(request, FactSerializer(fact).data)


def _is_meant(fact: Fact, asked: Mapping[str, Any]) -> bool:
    return (
        asked["section"] in (None, fact.section)
        and asked["kind"] in (None, fact.kind.value)
        and fact.is_called(asked["q"] or "")
    )
