"""The pages of figures, for everybody who may see counts; no company can be told in them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from matching.desk.figures.counted import Figures, figures
from matching.desk.figures.showing import show_offers, show_sizes
from policies.desk.access import with_right
from policies.roles import Right, may_work_at_desk


@with_right(Right.AGGREGATES)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """How many companies there are by group, and the policies to choose from."""
    found = figures()
    context = _around(request, found)
    if found is not None:
        context["policies"] = sorted(found.book.policies, key=lambda policy: policy.key)
        if found.reach is not None:
            context["everybody"], context["groups"] = show_sizes(found, found.reach)
    return render(request, "matching/desk/figures.html", context)


@with_right(Right.AGGREGATES)
@require_safe
def of_policy(request: HttpRequest, key: str) -> HttpResponse:
    """The offers of one policy of the release."""
    found = figures()
    policy = None if found is None else found.book.policy(key)
    if policy is None:
        raise Http404
    context = {**_around(request, found), "policy": policy}
    if found is not None and found.reach is not None:
        context["offers"] = show_offers(found, found.reach, {offer.id: offer.title for offer in policy.offers})
    return render(request, "matching/desk/figures_of_policy.html", context)


def _around(request: HttpRequest, found: Figures | None) -> dict[str, Any]:
    return {"figures": found, "is_at_desk": may_work_at_desk(request.user)}


urlpatterns = [
    path("figures/", overview, name="figures"),
    path("figures/<slug:key>/", of_policy, name="figures_of_policy"),
]
