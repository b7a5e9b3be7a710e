"""Zones and pillars, with how sure we are of each, and the policies that stand there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from companies.api.asking import Asked
from companies.api.facts import TextSerializer
from companies.api.pages import PAGE
from companies.api.promises import documented, page_of
from companies.facts import Text
from policies.api.reading import AS_OF, AsOf, ReleaseView
from policies.api.words import ReleaseMarkSerializer, a_basis, a_confidence
from policies.listing import Entry, listing


class EntrySerializer(serializers.Serializer[Any]):
    """One entry of a reference list."""

    key = serializers.CharField()
    label = TextSerializer()  # type: ignore[assignment]  # the word of the catalogue, not of the field
    basis = a_basis()
    confidence = a_confidence()
    note = TextSerializer(allow_null=True)
    sources = serializers.ListField(child=serializers.CharField())
    policies = serializers.ListField(
        child=serializers.CharField(), help_text="The keys of the policies that stand there."
    )


class ZoneSerializer(EntrySerializer):
    """A zone (四区) whose policies overlap in Changping; `facts` are the answers of a company that holds its status."""

    facts = serializers.DictField(child=serializers.JSONField())


class PillarSerializer(EntrySerializer):
    """A place in 1+1+N; mind `basis`: the contents of the two 1s are not confirmed."""


_KEY = Asked("key", Text("The key.", "标识。"), place="path")
_MORE = {"release": ReleaseMarkSerializer, "on": serializers.DateField, "count": serializers.IntegerField}


class _EntryView(ReleaseView):
    listed: str

    def entries(self, where: AsOf) -> Sequence[Mapping[str, Any]]:
        return where.book.lists.get(self.listed, ())

    def plain(self, where: AsOf, entry: Mapping[str, Any]) -> dict[str, Any]:
        found = {
            "key": entry["key"],
            "label": entry["label"],
            "basis": entry.get("basis"),
            "confidence": entry.get("confidence"),
            "note": entry.get("note"),
            "sources": entry.get("sources") or [],
            "policies": [one.key for one in listing(where.book) if self.stands_in(one, str(entry["key"]))],
        }
        return {**found, "facts": entry.get("facts") or {}} if self.listed == "zones" else found

    def stands_in(self, policy: Entry, key: str) -> bool:
        return key in policy.zones if self.listed == "zones" else key == policy.pillar

    def answer_list(self, request: Request) -> HttpResponse:
        return self.page(request, self.listed, self.entries, self.plain)

    def answer_one(self, request: Request, key: str) -> HttpResponse:
        where = self.as_of()
        for entry in self.entries(where):
            if entry["key"] == key:
                return self.answer(request, self.plain(where, entry))
        raise Http404


class ZoneList(_EntryView):
    """The zones."""

    listed = "zones"

    @documented(
        "list_zones",
        Text("The four zones", "四区"),
        answers=page_of(ZoneSerializer, **_MORE),
        asks=[*AS_OF, *PAGE],
        problems=["bad-cursor"],
    )
    def get(self, request: Request) -> HttpResponse:
        """The zones whose policies overlap in Changping, with what is known of each and how sure we are."""
        return self.answer_list(request)


class ZoneDetail(_EntryView):
    """One zone."""

    listed = "zones"

    @documented("read_zone", Text("One zone", "一个区域"), answers=ZoneSerializer, asks=[_KEY, *AS_OF])
    def get(self, request: Request, key: str) -> HttpResponse:
        """The zone with its note, sources and policies."""
        return self.answer_one(request, key)


class PillarList(_EntryView):
    """The pillars."""

    listed = "pillars"

    @documented(
        "list_pillars",
        Text("The places in 1+1+N", "“1+1+N”的各部分"),
        answers=page_of(PillarSerializer, **_MORE),
        asks=[*AS_OF, *PAGE],
        problems=["bad-cursor"],
    )
    def get(self, request: Request) -> HttpResponse:
        """The places in 1+1+N; `basis` says which of them no source confirms."""
        return self.answer_list(request)


class PillarDetail(_EntryView):
    """One pillar."""

    listed = "pillars"

    @documented(
        "read_pillar",
        Text("One place in 1+1+N", "“1+1+N”的一部分"),
        answers=PillarSerializer,
        asks=[_KEY, *AS_OF],
    )
    def get(self, request: Request, key: str) -> HttpResponse:
        """The pillar with its note, sources and policies."""
        return self.answer_one(request, key)
