"""The pages about links to reports, and the page that a link opens."""

from __future__ import annotations

from uuid import UUID

from allauth.core.ratelimit import respond_429
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from companies.clients import client_of
from companies.guessing import count_miss, guesses_too_much
from companies.models import Company
from matching.actions.shared import KEPT_OPENINGS, revoke_link, share_report, write_down_opening
from matching.jobs.shared_links import KEPT
from matching.models import LinkOpening, MatchReport, SharedLink, Shows
from matching.rendering.outline import outline_of
from matching.rendering.shared import shared_part
from matching.sharing.forms import ShareForm

SHOWN_OPENINGS = 20
# A page that many people may hold a link to: for no archive, no search engine, and no other site's log.
_PRIVATE = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Referrer-Policy": "no-referrer"}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Make a link to a report; the link is shown on the page that follows and never again."""
    reports = MatchReport.objects.visible_to(request.user).select_related("request__company").defer("content")
    report = get_object_or_404(reports, public_id=public_id)
    company = report.request.company
    if not Company.objects.editable_by(request.user).filter(pk=company.pk).exists():
        raise PermissionDenied
    form = ShareForm(request.POST or None)
    context = {"company": company, "report": report, "form": form}
    if request.method == "POST" and form.is_valid():
        link, token = share_report(report=report, by=request.user, **form.asked())
        address = request.build_absolute_uri(reverse("matching:shared", args=[token]))
        return render(request, "matching/shared/made.html", {**context, "link": link, "address": address})
    return render(request, "matching/shared/new.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_safe
def links(request: HttpRequest, company_id: UUID) -> HttpResponse:
    """The links to a company's reports, and when each was opened; for those who may make them."""
    company = get_object_or_404(
        Company.objects.visible_to(request.user).with_role_of(request.user), public_id=company_id
    )
    if not Company.objects.editable_by(request.user).filter(pk=company.pk).exists():
        raise PermissionDenied
    newest = Prefetch("openings", LinkOpening.objects.order_by("-pk")[:SHOWN_OPENINGS], to_attr="newest")
    found = SharedLink.objects.filter(report__request__company=company).select_related("report__request", "created_by")
    context = {
        "company": company,
        "links": found.defer("report__content").prefetch_related(newest),
        "kept_days": KEPT.days,
        "shown": SHOWN_OPENINGS,
        "kept_openings": KEPT_OPENINGS,
    }
    return render(request, "matching/shared/links.html", context)


@login_required
@require_POST
def revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End a link at once and for good."""
    found = SharedLink.objects.visible_to(request.user).select_related("report__request__company")
    link = get_object_or_404(found.defer("report__content"), public_id=public_id)
    if revoke_link(link=link, by=request.user):
        messages.success(request, _("The link is ended. Whoever opens it finds nothing."))
    return redirect("matching:links", link.report.request.company.public_id)


@never_cache
@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The report within the link's scope; a link that is over, was revoked or never was is not there.

    The language is chosen by a plain link: a browser that sends no referrer sends no origin with a form either.
    """
    if guesses_too_much(request):
        return respond_429(request)
    link = SharedLink.objects.opened_with(token)
    if link is None:
        count_miss(request)
        page = render(request, "matching/shared/over.html", status=404)
        # Not the whole of what a report's page has: its language is switched by a form, which needs to say its origin.
        page.headers["X-Robots-Tag"] = _PRIVATE["X-Robots-Tag"]
        return page
    asked = request.GET.get("language")
    language = asked if asked in dict(settings.LANGUAGES) else get_language() or "en"
    if request.method == "GET":
        client = client_of(request.headers.get("User-Agent", ""))
        write_down_opening(link=link, language=language, client=client)
    report = shared_part(link.report.model(), shows=Shows(link.shows), named=link.named)
    context = {"link": link, "report": report, "shows": link.shows}
    with override(language):
        # The outline says its sums when it is made, so it is made in the reader's language.
        page = render(request, "matching/shared/report.html", {**context, "outline": outline_of(report)})
    for name, value in _PRIVATE.items():
        page.headers[name] = value
    return page
