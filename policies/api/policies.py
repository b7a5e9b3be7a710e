"""Policies: the documents with their sources, marks and editions, and what they give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from companies.api.asking import Asked
from companies.api.facts import TextSerializer
from companies.api.pages import PAGE
from companies.api.promises import documented, page_of
from companies.facts import Text
from policies.api.offers import (
    FILTERS,
    OfferDetailSerializer,
    plain_offer_in_full,
)
from policies.api.reading import AS_OF, AsOf, ReleaseView, each_labelled, known_keys, labelled, plain_text
from policies.api.words import (
    EffectiveSerializer,
    LabelledSerializer,
    ReleaseMarkSerializer,
    TitledSerializer,
    a_basis,
    a_confidence,
)
from policies.filters import LISTS, STANDINGS, Wanted, find_policies, standing_of
from policies.listing import listing
from policies.models import PolicyVersion, State
from policies.rules import PolicyText
from policies.rules.closed_words import closed_word
from policies.rules.documents import BENEFICIARIES
from policies.rules.windows import STATUSES, standing_on


class PolicySerializer(serializers.Serializer[Any]):
    """A document: 办法, 措施, 通知."""

    key = serializers.CharField()
    title = TextSerializer()
    issuer = TextSerializer()
    level = LabelledSerializer()
    number = serializers.CharField(allow_null=True)
    issued = serializers.CharField(allow_null=True, help_text="A year, a month or a day.")
    effective = EffectiveSerializer()
    status = LabelledSerializer(help_text="What is known of its force.")
    standing = serializers.ChoiceField(STANDINGS, help_text="Whether it is in force on the day.")
    superseded_by = TitledSerializer(allow_null=True)
    superseded_on = serializers.CharField(allow_null=True)
    beneficiary = serializers.ChoiceField(BENEFICIARIES)
    zones = LabelledSerializer(many=True)
    goals = LabelledSerializer(many=True)
    tags_basis = a_basis()
    pillar = LabelledSerializer(allow_null=True)
    pillar_basis = a_basis()
    sectors = LabelledSerializer(many=True, help_text="The sectors that its criteria name.")
    kinds = LabelledSerializer(many=True, help_text="What its offers give.")
    offer_count = serializers.IntegerField()
    confidence = a_confidence()
    text_seen = TextSerializer(allow_null=True, help_text="How much of the document was read.")
    checked = serializers.CharField(allow_null=True, help_text="When it was last compared with its sources.")
    sources = serializers.ListField(child=serializers.CharField())
    note = TextSerializer(allow_null=True)
    page = serializers.CharField(help_text="The page for people.")


class EditionSerializer(serializers.Serializer[Any]):
    """One version of the content as it was published here."""

    number = serializers.IntegerField()
    state = serializers.ChoiceField((State.PUBLISHED.value, State.RETIRED.value))
    published_at = serializers.DateTimeField()
    retired_at = serializers.DateTimeField(allow_null=True)
    status = serializers.ChoiceField(STATUSES)
    effective = EffectiveSerializer()
    standing = serializers.ChoiceField(STANDINGS, help_text="Whether it says that the policy is in force on the day.")
    digest = serializers.CharField()


class PolicyDetailSerializer(PolicySerializer):
    """One policy with its offers and editions."""

    offers = OfferDetailSerializer(many=True)
    supersedes = TitledSerializer(many=True, help_text="The policies that it replaces.")
    editions = EditionSerializer(many=True, help_text="Its versions here, the latest first.")


def plain_policy(where: AsOf, policy: PolicyText) -> dict[str, Any]:
    """The policy as it stands in a list."""
    book, edition = where.book, policy.edition
    entry = {one.key: one for one in listing(book)}[policy.key]
    return {
        "key": policy.key,
        "title": policy.title.to_plain(),
        "issuer": policy.issuer.to_plain(),
        "level": labelled(book, "levels", policy.level),
        "number": policy.number,
        "issued": edition.issued,
        "effective": {"from": edition.effective_from, "to": edition.effective_to},
        "status": {"key": edition.status, "label": closed_word(edition.status).to_plain()},
        "standing": standing_of(policy, where.day),
        "superseded_by": _titled(book.policy(policy.superseded_by)) if policy.superseded_by else None,
        "superseded_on": edition.superseded_on,
        "beneficiary": policy.beneficiary,
        "zones": each_labelled(book, "zones", policy.zones),
        "goals": each_labelled(book, "goals", policy.goals),
        "tags_basis": policy.tags_basis,
        "pillar": labelled(book, "pillars", policy.pillar),
        "pillar_basis": policy.pillar_basis,
        "sectors": each_labelled(book, "sectors", sorted(entry.sectors)),
        "kinds": each_labelled(book, "benefit_kinds", sorted(entry.kinds)),
        "offer_count": len(policy.offers),
        "confidence": policy.confidence,
        "text_seen": plain_text(policy.text_seen),
        "checked": policy.checked,
        "sources": list(policy.sources),
        "note": plain_text(policy.note),
        "page": reverse("policies:detail", args=[policy.key]),
    }


def _titled(policy: PolicyText | None) -> dict[str, Any] | None:
    return None if policy is None else {"key": policy.key, "title": policy.title.to_plain()}


def _moment(when: datetime | None) -> str | None:
    return None if when is None else timezone.localtime(when).isoformat()


def _plain_edition(where: AsOf, version: PolicyVersion) -> dict[str, Any]:
    start, end = version.effective_from or None, version.effective_to or None
    content: Mapping[str, Any] = version.content
    superseded = content.get("superseded_on")
    return {
        "number": version.number,
        "state": version.state,
        "published_at": _moment(version.published_at),
        "retired_at": _moment(version.retired_at),
        "status": version.status,
        "effective": {"from": start, "to": end},
        "standing": standing_on(version.status, start, end, superseded, version.issued or None, where.day),
        "digest": version.digest,
    }


_KEY = Asked("key", Text("The key of the policy.", "政策标识。"), place="path", example="cp-synbio-2024")
_STATUS = Asked("status", Text("Only with this status.", "仅该效力状态。"), one_of=STATUSES, many=True)
_MORE = {"release": ReleaseMarkSerializer, "on": serializers.DateField, "count": serializers.IntegerField}


class PolicyList(ReleaseView):
    """The policies that fit."""

    @documented(
        "list_policies",
        Text("Policies, searched and filtered", "检索和筛选政策"),
        answers=page_of(PolicySerializer, **_MORE),
        asks=[*FILTERS, _STATUS, *AS_OF, *PAGE],
        problems=["bad-cursor"],
    )
    def get(self, request: Request) -> HttpResponse:
        """The policies of a release that fit all filters, in order of their keys; with `q` the best fit first.

        `kind` and `window` let a policy through when one of its offers fits both. A filter said several times lets any of its values through.
        Ended editions are listed too; `standing=in_force&standing=presumed` leaves those that may be in force on the day.
        """
        return self.page(request, "policies", self._found, plain_policy)

    def _found(self, where: AsOf) -> list[PolicyText]:
        known_keys(where.book, self.asked, LISTS)
        by_key = {policy.key: policy for policy in where.book.policies}
        return [by_key[key] for key in find_policies(where.book, where.day, Wanted.of(self.asked))]


class PolicyDetail(ReleaseView):
    """One policy."""

    @documented(
        "read_policy",
        Text("One policy with its offers and editions", "一项政策及其支持事项和版本"),
        answers=PolicyDetailSerializer,
        asks=[_KEY, *AS_OF],
    )
    def get(self, request: Request, key: str) -> HttpResponse:
        """The policy with its sources and marks, its offers with what they ask, and which of its editions are in force on the day."""
        where = self.as_of()
        policy = where.book.policy(key)
        if policy is None:
            raise Http404
        versions = PolicyVersion.objects.filter(policy__key=key, state__in=[State.PUBLISHED, State.RETIRED])
        return self.answer(
            request,
            {
                **plain_policy(where, policy),
                "offers": [plain_offer_in_full(where, offer) for offer in policy.offers],
                "supersedes": [_titled(one) for one in where.book.policies if one.superseded_by == key],
                "editions": [_plain_edition(where, version) for version in versions.order_by("-number")],
            },
        )
