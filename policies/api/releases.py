"""Releases: the numbered snapshots that reports are made from, and what each changed."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from companies.api.asking import LARGEST_NUMBER, Asked
from companies.api.facts import CatalogueView, TextSerializer
from companies.api.pages import PAGE, page_asked
from companies.api.promises import documented, page_of
from companies.facts import Text
from policies.models import Release
from policies.telling import tell_changes


class ChangedPartsSerializer(serializers.Serializer[Any]):
    """Parts of the catalogue by name, such as `policies/cp-synbio-2024` or `reference/zones`."""

    added = serializers.ListField(child=serializers.CharField())
    changed = serializers.ListField(child=serializers.CharField())
    removed = serializers.ListField(child=serializers.CharField())


class ReleaseSerializer(serializers.Serializer[Any]):
    """One release: an immutable snapshot of vocabulary, lists and published policies."""

    number = serializers.IntegerField()
    digest = serializers.CharField(help_text="SHA-256 of the canonical JSON of the snapshot.")
    on = serializers.DateField(help_text="The day it was made, in Beijing.")
    made_at = serializers.DateTimeField()
    parts = ChangedPartsSerializer(help_text="What is different from the release before.")


class ToldSerializer(serializers.Serializer[Any]):
    """One change in a sentence."""

    about = serializers.CharField(
        help_text="Such as `policies/cp-synbio-2024`, `zones/zgc-changping-park`, `facts/employees`."
    )
    kind = serializers.ChoiceField(("added", "changed", "removed"))
    name = TextSerializer()
    said = TextSerializer()


class ReleaseDetailSerializer(ReleaseSerializer):
    """One release with its changes in sentences."""

    changes = ToldSerializer(many=True, help_text="Against the release before; of the first one, everything is new.")


_NUMBER = Asked("number", Text("The number of the release.", "发布版编号。"), kind="whole", least=1, place="path")


class ReleaseList(CatalogueView):
    """The releases, the latest first."""

    @documented(
        "list_releases",
        Text("Releases, the latest first", "发布版，最新的在前"),
        answers=page_of(ReleaseSerializer),
        asks=PAGE,
        problems=["bad-cursor"],
    )
    def get(self, request: Request) -> HttpResponse:
        """Every release with its number, digest and day, and the names of the parts that it changed."""
        page = page_asked(request, self.asked, "releases")
        return self.answer(request, page.answer(Release.objects.defer("snapshot"), "-number", _plain).data)


class ReleaseDetail(CatalogueView):
    """One release."""

    @documented(
        "read_release",
        Text("One release with its changes in sentences", "一个发布版及其变动说明"),
        answers=ReleaseDetailSerializer,
        asks=[_NUMBER],
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        """The release with each change in a sentence in both languages: which amount, criterion, window or label became what."""
        row = Release.objects.defer("snapshot").filter(number=number).first() if int(number) <= LARGEST_NUMBER else None
        if row is None:
            raise Http404
        return self.answer(request, {**_plain(row), "changes": _told(row.number, row.digest)})


@lru_cache(maxsize=16)
def _told(number: int, digest: str) -> list[dict[str, Any]]:
    """Snapshots never change, so this is said once; the digest tells releases of different databases apart."""
    snapshots = dict(Release.objects.filter(number__in=[number - 1, number]).values_list("number", "snapshot"))
    return [
        {"about": one.about, "kind": one.kind, "name": one.name.to_plain(), "said": one.said.to_plain()}
        for one in tell_changes(snapshots.get(number - 1), snapshots[number])
    ]


def _plain(row: Release) -> dict[str, Any]:
    made = timezone.localtime(row.created_at)
    return {
        "number": row.number,
        "digest": row.digest,
        "on": made.date().isoformat(),
        "made_at": made.isoformat(),
        "parts": {name: list(row.changes.get(name) or []) for name in ("added", "changed", "removed")},
    }
