"""The page of boundary cases: made up for one offer at a time; what came out right joins the example cases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from companies.facts import Profile, Text, Vocabulary, read_profile, show_value
from policies import actions
from policies.desk.access import at_desk
from policies.desk.reading import VersionRead, read_version, version_or_404
from policies.models import State
from policies.parts import part_digest
from policies.roles import Right, may
from policies.rules import OfferText
from policies.rules.boundaries import Boundary, boundary_cases
from policies.rules.example_cases import known_companies, listed_cases, named_cases, read_case


@dataclass(slots=True)
class Edge:
    """One boundary case that is no example case yet: its digest, what is known of its company, and its mark."""

    boundary: Boundary
    digest: str
    moved: list[tuple[Text, Text]]
    """The answers in which the cases of one criterion differ."""
    others: list[tuple[Text, Text]]
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class OfferEdges:
    """The boundary cases of one offer, and the criteria that no company was found for."""

    offer: OfferText
    criteria: list[tuple[Text, list[Edge]]]
    not_found: tuple[Text, ...]

    @property
    def found(self) -> list[Edge]:
        """The cases of all criteria."""
        return [edge for _criterion, edges in self.criteria for edge in edges]


@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def boundaries(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The cases of one offer; a curator adds to the draft those that came out right, just as they were shown."""
    read = read_version(version_or_404(key, number))
    offers = read.readable.policy.offers if read.readable.policy is not None else ()
    sent = request.POST if request.method == "POST" else request.GET
    offer = next((one for one in offers if one.key == sent.get("offer")), offers[0] if offers else None)
    edges = None if offer is None else edges_of(offer, read, timezone.localdate())
    status = 200
    if request.method == "POST" and edges is not None:
        if _added(request, read, edges):
            query = urlencode({"offer": edges.offer.key})
            return redirect(reverse("desk:boundaries", args=[key, number]) + f"?{query}")
        status = 409
    context = {
        "version": read.version,
        "policy": read.version.policy,
        "offers": offers,
        "unread": read.readable.unread,
        "edges": edges,
        "may_add": read.version.state == State.DRAFT and may(request.user, Right.WRITE),
    }
    return render(request, "desk/boundaries.html", context, status=status)


def edges_of(offer: OfferText, read: VersionRead, day: date) -> OfferEdges:
    """The boundary cases of the offer without those that an example case shows already, whatever its name."""
    cases = named_cases(listed_cases(read.version.content))
    made = boundary_cases(offer, read.vocabulary, day, known_companies(cases.values(), offer.key, read.vocabulary))
    shown = set(_companies(offer, read))
    criteria = []
    for criterion, group in groupby(made.found, key=lambda one: one.criterion):
        pairs = [(one, read_profile(read.vocabulary, one.case["facts"])[0]) for one in group]
        edges = [
            _edge(one, profile, [other for _one, other in pairs], read.vocabulary)
            for one, profile in pairs
            if one.case["case"] not in cases and profile.digest(read.vocabulary) not in shown
        ]
        if edges:
            criteria.append((criterion, edges))
    return OfferEdges(offer, criteria, made.not_found)


def _edge(one: Boundary, profile: Profile, group: list[Profile], vocabulary: Vocabulary) -> Edge:
    named = [fact for fact in vocabulary.asked if any(fact.name in other.answers for other in group)]
    moved = [fact for fact in named if len({other.value(fact.name) for other in group}) > 1]
    others = [fact for fact in named if fact not in moved]
    known = {fact.name: (fact.label, show_value(fact, profile.value(fact.name))) for fact in named}
    return Edge(one, part_digest(one.case), [known[one.name] for one in moved], [known[one.name] for one in others])


def _companies(offer: OfferText, read: VersionRead) -> Iterable[str]:
    """The digests of the companies of which the cases say what must come out of this offer."""
    cases = named_cases(listed_cases(read.version.content))
    for case in cases.values():
        expected = case.get("expect")
        profile = read_case(case, cases, read.vocabulary).profile
        if isinstance(expected, dict) and offer.key in expected and profile is not None:
            yield profile.digest(read.vocabulary)


def _added(request: HttpRequest, read: VersionRead, edges: OfferEdges) -> bool:
    """Whether the chosen cases joined the draft; where not, they stay chosen and the page says why."""
    chosen = set(request.POST.getlist("case"))
    for edge in edges.found:
        edge.is_chosen = edge.digest in chosen
    right = [edge.boundary.case for edge in edges.found if edge.is_chosen]
    version = read.version
    if not chosen:
        messages.error(request, _("Nothing was chosen."))
        return False
    if len(right) < len(chosen):
        said = _(
            "Chosen cases that come out otherwise now, or are there already: %(n)s. Nothing was added; the others are still chosen."
        )
        messages.error(request, said % {"n": len(chosen) - len(right)})
        return False

    def change(there: list[Any]) -> list[Any]:
        names = named_cases(there)
        return [*there, *(case for case in right if case["case"] not in names)]

    try:
        why = _("Boundary cases confirmed: %(n)s") % {"n": len(right)}
        actions.change_cases(version=version, by=request.user, change=change, why=why)
    except (actions.NotNow, actions.UnfitContent) as fault:
        message = fault.message if isinstance(fault, actions.NotNow) else fault.faults[0].message
        messages.error(request, message.said(get_language()))
        return False
    messages.success(request, _("Example cases added: %(n)s.") % {"n": len(right)})
    return True
