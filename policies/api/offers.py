"""Offers: what is given, to whom, when, and which clause says so, for a company of which nothing is known."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from companies.api.asking import Asked
from companies.api.facts import TextSerializer
from companies.api.pages import PAGE
from companies.api.promises import JsonField, documented, page_of
from companies.facts import Profile, Text
from policies.api.reading import AS_OF, WORDS, AsOf, ReleaseView, each_labelled, known_keys, labelled, plain_text
from policies.api.words import (
    AmountSerializer,
    LabelledSerializer,
    ReleaseMarkSerializer,
    TitledSerializer,
    WindowSerializer,
    a_confidence,
)
from policies.filters import LISTS, STANDINGS, WINDOW_STATES, Wanted, find_offers, standing_of
from policies.listing import offer_sectors
from policies.rules import OfferText, PolicyText, Situation, evaluate_offer, say_clause
from policies.rules.amounts import amount_of
from policies.rules.differences.words import Words
from policies.rules.documents import BENEFICIARIES, LEVELS
from policies.rules.findings import Finding
from policies.rules.plain_findings import amount_to_plain
from policies.rules.stacking import write_stacking
from policies.rules.windows import window_on

REQUIREMENT: dict[str, Any] = {
    "type": "object",
    "description": "A tree: `all`, `any`, `at_least` and `not` have children; leaves are a computed `criterion`, what people judge (`judged`), and text that is `not_modelled`.",
    "required": ["kind", "sentence", "clause", "source", "confidence", "note", "facts", "children"],
    "properties": {
        "kind": {"type": "string"},
        "sentence": {"$ref": "#/components/schemas/Text"},
        "clause": {"anyOf": [{"$ref": "#/components/schemas/Text"}, {"type": "null"}]},
        "source": {"type": ["string", "null"], "description": "The document that says so."},
        "confidence": {"type": ["string", "null"]},
        "note": {"anyOf": [{"$ref": "#/components/schemas/Text"}, {"type": "null"}]},
        "facts": {"type": "array", "items": {"type": "string"}, "description": "The facts it reads."},
        "children": {"type": "array", "items": {"type": "object", "description": "The same again."}},
    },
}


class OfferSerializer(serializers.Serializer[Any]):
    """One thing that a policy gives."""

    id = serializers.CharField(help_text="policy-key/offer-key: its name in the whole catalogue.")
    key = serializers.CharField()
    policy = TitledSerializer()
    title = TextSerializer()
    kind = LabelledSerializer()
    clause = TextSerializer(allow_null=True)
    level = LabelledSerializer()
    beneficiary = serializers.ChoiceField(BENEFICIARIES)
    zones = LabelledSerializer(many=True)
    pillar = LabelledSerializer(allow_null=True)
    sectors = LabelledSerializer(
        many=True, help_text="The sectors that its criteria name; none where it is open to all."
    )
    amount = AmountSerializer()
    window = WindowSerializer()
    standing = serializers.ChoiceField(STANDINGS, help_text="Whether its policy is in force on the day.")
    confidence = a_confidence()
    sources = serializers.ListField(child=serializers.CharField())


class OfferDetailSerializer(OfferSerializer):
    """One offer with everything it asks."""

    requires = JsonField(schema={"anyOf": [REQUIREMENT, {"type": "null"}]})
    papers = LabelledSerializer(many=True)
    stacking = TextSerializer(many=True, help_text="How it goes together with other offers.")
    note = TextSerializer(allow_null=True)


def plain_offer(where: AsOf, offer: OfferText) -> dict[str, Any]:
    """The offer as it stands in a list."""
    book, policy = where.book, _policy(where, offer)
    nobody = Situation(book.vocabulary, Profile({}), where.day)
    window = window_on(offer.window, where.day)
    return {
        "id": offer.id,
        "key": offer.key,
        "policy": {"key": policy.key, "title": policy.title.to_plain()},
        "title": offer.title.to_plain(),
        "kind": labelled(book, "benefit_kinds", offer.kind),
        "clause": plain_text(say_clause(offer.clause)),
        "level": labelled(book, "levels", policy.level),
        "beneficiary": policy.beneficiary,
        "zones": each_labelled(book, "zones", policy.zones),
        "pillar": labelled(book, "pillars", policy.pillar),
        "sectors": each_labelled(book, "sectors", sorted(offer_sectors(book)[offer.id])),
        "amount": amount_to_plain(amount_of(offer.benefit, nobody, offer.kind)),
        "window": {
            "kind": offer.window.kind,
            "state": window.state,
            "opens": _iso(window.opens),
            "closes": _iso(window.closes),
            "said": window.said.to_plain(),
            "note": plain_text(offer.window.note),
        },
        "standing": standing_of(policy, where.day),
        "confidence": offer.confidence,
        "sources": list(offer.sources),
    }


def plain_offer_in_full(where: AsOf, offer: OfferText) -> dict[str, Any]:
    """The offer with everything it asks."""
    book = where.book
    # Evaluated for nobody: with nothing known, the finding is the requirement itself in sentences.
    found = evaluate_offer(offer, Situation(book.vocabulary, Profile({}), where.day))
    words = Words(book.vocabulary, book.lists)
    return {
        **plain_offer(where, offer),
        "requires": None if found.finding is None else _requirement(found.finding),
        "papers": each_labelled(book, "papers", offer.papers),
        "stacking": [words.stacking(write_stacking(rule)).to_plain() for rule in offer.stacking],
        "note": plain_text(offer.note),
    }


def _policy(where: AsOf, offer: OfferText) -> PolicyText:
    policy = where.book.policy(offer.policy)
    assert policy is not None, offer.id
    return policy


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _requirement(found: Finding) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "sentence": found.sentence.to_plain(),
        "clause": plain_text(found.clause),
        "source": found.source,
        "confidence": found.confidence,
        "note": plain_text(found.note),
        "facts": [seen.name for seen in found.facts],
        "children": [_requirement(child) for child in found.children],
    }


FILTERS = (
    WORDS,
    Asked("level", Text("Only of this level.", "仅该级别。"), one_of=LEVELS, many=True),
    Asked("zone", Text("Only for this zone.", "仅该区域。"), many=True),
    Asked("pillar", Text("Only in this place of 1+1+N.", "仅“1+1+N”的该部分。"), many=True),
    Asked("sector", Text("Only where the criteria name this sector.", "仅条件中列明该行业的。"), many=True),
    Asked("kind", Text("Only this kind of support, such as `rent`.", "仅该支持方式，如 rent。"), many=True),
    Asked("beneficiary", Text("Only for these.", "仅面向该对象。"), one_of=BENEFICIARIES, many=True),
    Asked(
        "standing", Text("Only with this standing on the day.", "仅当日效力为该状态的。"), one_of=STANDINGS, many=True
    ),
    Asked(
        "window",
        Text("Only with a window in this state on the day.", "仅当日申报窗口为该状态的。"),
        one_of=WINDOW_STATES,
        many=True,
    ),
)
_ID = (
    Asked("policy", Text("The key of the policy.", "政策标识。"), place="path"),
    Asked("offer", Text("The key of the offer.", "支持事项标识。"), place="path"),
)
_MORE = {"release": ReleaseMarkSerializer, "on": serializers.DateField, "count": serializers.IntegerField}


class OfferList(ReleaseView):
    """The offers that fit."""

    @documented(
        "list_offers",
        Text("Offers, searched and filtered", "检索和筛选支持事项"),
        answers=page_of(OfferSerializer, **_MORE),
        asks=[*FILTERS, *AS_OF, *PAGE],
        problems=["bad-cursor"],
    )
    def get(self, request: Request) -> HttpResponse:
        """The offers of a release that fit all filters, in order of their ids; with `q` the best fit first.

        A filter said several times lets any of its values through: `window=open&window=rolling`. Windows and standings are as of the day.
        An amount is what the offer may come to for a company of which nothing is known; what is not published is `to_confirm`, never 0.
        """
        return self.page(request, "offers", self._found, plain_offer)

    def _found(self, where: AsOf) -> list[OfferText]:
        known_keys(where.book, self.asked, LISTS)
        by_id = {offer.id: offer for offer in where.book.offers}
        return [by_id[one] for one in find_offers(where.book, where.day, Wanted.of(self.asked))]


class OfferDetail(ReleaseView):
    """One offer."""

    @documented(
        "read_offer",
        Text("One offer with what it asks", "一个支持事项及其条件"),
        answers=OfferDetailSerializer,
        asks=[*_ID, *AS_OF],
    )
    def get(self, request: Request, policy: str, offer: str) -> HttpResponse:
        """The offer with its criteria in sentences, each with its clause, source and confidence, the papers, and how it goes together with others."""
        where = self.as_of()
        found = where.book.offer(f"{policy}/{offer}")
        if found is None:
            raise Http404
        return self.answer(request, plain_offer_in_full(where, found))
