"""The pages of the document, of an offer, of what it gives, of its stacking rules and of its window; offers added and moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from companies.facts import Text
from policies import actions
from policies.desk.access import with_right
from policies.desk.inputs.page import answer_inputs
from policies.desk.part_pages import PartPage, editor
from policies.desk.places import offers_of
from policies.desk.reading import version_or_404
from policies.desk.writing.benefit import benefit_inputs, benefit_of, say_part
from policies.desk.writing.document import document_inputs, offer_inputs
from policies.desk.writing.offers import added, after_move
from policies.desk.writing.saying import say_document, say_offer, say_stacking
from policies.desk.writing.terms import say_window, stacking_inputs, window_inputs
from policies.parts import part_at, part_digest
from policies.roles import Right
from policies.rules.benefit_examples import Examples, benefit_examples
from policies.rules.differences.words import Words


@editor("write_head")
def write_head(page: PartPage) -> HttpResponse:
    """What the document says of itself."""
    return answer_inputs(page, document_inputs(page.lists), says=lambda part: say_document(part, _words(page)))


@editor("write_offer")
def write_offer(page: PartPage) -> HttpResponse:
    """What an offer is called, its kind, its papers."""
    return answer_inputs(page, offer_inputs(page.lists), says=lambda part: say_offer(part, _words(page)))


@editor("write_benefit")
def write_benefit(page: PartPage) -> HttpResponse:
    """What an offer gives, and what that would be for made-up companies."""
    return answer_inputs(
        page,
        benefit_inputs(page.vocabulary),
        says=lambda part: say_part(part, page.vocabulary),
        shows=lambda part: {"examples": _examples(part, page)},
        template="desk/write/benefit.html",
        live="desk/write/_live_benefit.html",
        facts=page.vocabulary.facts,
    )


@editor("write_stacking")
def write_stacking(page: PartPage) -> HttpResponse:
    """How an offer goes together with others."""
    offers, groups = _known_offers(page)
    return answer_inputs(
        page,
        stacking_inputs(),
        says=lambda part: say_stacking(part, _words(page), page.vocabulary),
        facts=page.vocabulary.facts,
        offers=offers,
        groups=groups,
    )


@editor("write_window")
def write_window(page: PartPage) -> HttpResponse:
    """When one can apply."""
    today = timezone.localdate()
    return answer_inputs(page, window_inputs(), says=lambda part: say_window(part, page.vocabulary, today))


@with_right(Right.WRITE)
@require_POST
def change_offers(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Add an offer, or move, copy or take out one of them; from the outline."""
    version = version_or_404(key, number)
    offers = part_at(version.content, ("offers",)) or []
    act, offer = request.POST.get("act", ""), request.POST.get("offer", "").strip()
    why = ""
    try:
        if act == "add":
            title = {"en": request.POST.get("title_en", "").strip(), "zh": request.POST.get("title_zh", "").strip()}
            made, why = added(offers, offer, title), f"+ {offer}"
        else:
            made, why = after_move(offers, act, offer, request.POST.get("copy", "").strip()), f"{act} {offer}"
        actions.save_part(
            version=version, path=("offers",), part=made, by=request.user, seen=part_digest(offers), why=why
        )
    except actions.NotNow as fault:
        messages.error(request, fault.message.said(get_language()))
    except actions.UnfitContent as fault:
        messages.error(request, fault.faults[0].message.said(get_language()))
    except actions.PartChanged:
        messages.error(request, _("Somebody else changed the offers just now; nothing was done. Please look again."))
    else:
        messages.success(request, _("Saved."))
        if act == "add":
            return redirect("desk:write_offer", key, number, offer)
    return redirect("desk:write", key, number)


def _words(page: PartPage) -> Words:
    return Words(page.vocabulary, page.lists)


def _examples(part: Any, page: PartPage) -> Examples | None:
    """What the benefit would give; None while it cannot be read."""
    benefit = benefit_of(part, page.vocabulary)
    if benefit is None:
        return None
    offer = next((one for one in offers_of(page.version.content) if one["offer"] == page.place.offer), {})
    return benefit_examples(benefit, page.vocabulary, timezone.localdate(), str(offer.get("kind", "")))


def _known_offers(page: PartPage) -> tuple[list[tuple[str, Text]], list[str]]:
    """Every offer that is in force or in this draft with its title, and the names of groups that rules use."""
    drafted = page.version.content
    others = [one for one in page.snapshot["policies"] if one.get("policy") != drafted.get("policy")]
    offers: list[tuple[str, Text]] = []
    groups: set[str] = set()
    for policy in [drafted, *others]:
        for offer in policy.get("offers") or []:
            if not isinstance(offer, Mapping):
                continue
            title: Any = offer.get("title") if isinstance(offer.get("title"), Mapping) else {}
            offers.append(
                (f"{policy.get('policy')}/{offer.get('offer')}", Text(str(title.get("en")), str(title.get("zh"))))
            )
            groups |= set(_groups_in(offer.get("stacking")))
    return offers, sorted(groups)


def _groups_in(rules: Any) -> list[str]:
    found = []
    for rule in rules if isinstance(rules, list) else []:
        if isinstance(rule, Mapping):
            blocks = (rule.get("joint_cap"), rule.get("one_per_period"))
            named = [one.get("group") or one.get("family") for one in blocks if isinstance(one, Mapping)]
            found += [rule.get("highest_only"), rule.get("higher_level_first"), *named]
    return [name for name in found if isinstance(name, str)]


_OFFER = "policies/<slug:key>/<int:number>/write/offers/<slug:offer>/"
urlpatterns = [
    path("policies/<slug:key>/<int:number>/write/head/", write_head, name="write_head"),
    path("policies/<slug:key>/<int:number>/write/offers/", change_offers, name="write_offers"),
    path(_OFFER, write_offer, name="write_offer"),
    path(f"{_OFFER}benefit/", write_benefit, name="write_benefit"),
    path(f"{_OFFER}stacking/", write_stacking, name="write_stacking"),
    path(f"{_OFFER}window/", write_window, name="write_window"),
]
