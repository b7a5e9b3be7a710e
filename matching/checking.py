"""One policy checked for one company, at once: the offers of the report that are this policy's. Nothing is stored."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from companies.facts import Profile
from companies.models import Company
from matching.engine.report import make_report
from matching.rendering.offers import OfferLines
from matching.rendering.outline import outline_of
from policies import rulebook
from policies.filters import standing_of
from policies.rules.book import Rulebook


@never_cache
@require_safe
def check(request: HttpRequest, policy: str) -> HttpResponse:
    """What this policy gives one of the person's companies; whoever has none begins with one."""
    try:
        book = rulebook.current()
    except rulebook.NoRelease:
        raise Http404 from None
    text = book.policy(policy)
    if text is None:
        raise Http404
    companies = Company.objects.visible_to(request.user)
    chosen = request.GET.get("company")
    if chosen is not None:
        return _checked(request, book, policy, get_object_or_404(companies, public_id=_public_id(chosen)))
    listed = list(companies)
    if not listed:
        return redirect("matching:start")
    if len(listed) == 1:
        return _checked(request, book, policy, listed[0])
    choices = [(one, f"{request.path}?company={one.public_id}") for one in listed]
    return render(request, "matching/check.html", {"policy": text, "choices": choices})


def _checked(request: HttpRequest, book: Rulebook, policy: str, company: Company) -> HttpResponse:
    version = company.latest_version
    profile = version.profile(book.vocabulary) if version else Profile({})
    text, day = book.policy(policy), timezone.localdate()
    assert text is not None, policy
    context = {
        "policy": text,
        "standing": standing_of(text, day),
        "company": company,
        "day": day,
        "release": book,
        "offers": _offers(book, policy, profile, company.name),
        "has_answers": len(profile) > 0,
        "offers_open": True,
    }
    return render(request, "matching/check.html", context)


def _offers(book: Rulebook, policy: str, profile: Profile, name: str) -> list[OfferLines]:
    """As a report says them, with their part in its best combination; routes are looked for here only."""
    here = iter([one.key == policy for one in book.policies for _ in one.offers])
    report = make_report(
        book, profile, timezone.localdate(), {"name": name}, compare=False, look_for_routes=lambda: next(here)
    )
    return [offer for group in outline_of(report).groups for offer in group.offers if offer.plain["policy"] == policy]


def _public_id(said: str) -> UUID:
    try:
        return UUID(said)
    except ValueError:
        raise Http404 from None
