"""The pages of a match: ask, wait, read."""

from datetime import date, timedelta
from uuid import UUID

import structlog
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from companies.models import Company
from companies.visitors import signed_in_or_holding
from matching import actions
from matching.engine.since import Asked, since
from matching.forms import AskForm
from matching.models import MatchReport, MatchRequest, State, WorkerPulse
from matching.rendering.blocks import NotSet
from matching.rendering.forms import FORMS
from matching.rendering.outline import outline_of
from matching.rendering.read_again import BODIES, Body
from matching.rendering.since import glance_at, since_of
from policies import rulebook
from policies.rules.book import UnreadableSnapshot

log = structlog.get_logger(__name__)

REFRESH_SECONDS = 3
WORKER_SILENCE = timedelta(seconds=60)


@signed_in_or_holding
@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, company_id: UUID) -> HttpResponse:
    """Ask for a report on the company's newest profile, as of today or another day."""
    company = get_object_or_404(Company.objects.visible_to(request.user), public_id=company_id)
    form = AskForm(request.POST if request.method == "POST" else None, initial={"day": _today()})
    if request.method == "POST" and form.is_valid():
        try:
            match = actions.request_match(
                profile_version=actions.version_to_match(company=company, by=request.user),
                day=form.cleaned_data["day"] or _today(),
                by=request.user,
                key=form.cleaned_data["key"],
            )
        except actions.NoReleaseYet:
            form.add_error(None, _("The catalogue has not been loaded yet, so there is nothing to match against."))
        except actions.KeyUsedDifferently:
            form.add_error(None, _("This form was sent before with another day. Please ask once more."))
        else:
            return redirect(match)
    status = 400 if form.errors else 200
    return render(request, "matching/ask.html", {"company": company, "form": form}, status=status)


@signed_in_or_holding
@never_cache
@require_safe
def waiting(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Where a match stands; leads on to the report when it is there."""
    match = _match_or_404(request, public_id)
    if match.state == State.DONE:
        return redirect(match.report)
    return render(request, "matching/waiting.html", _standing(match))


@signed_in_or_holding
@never_cache
@require_safe
def progress(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The part of the waiting page that changes."""
    match = _match_or_404(request, public_id)
    if match.state == State.DONE:
        return HttpResponseClientRedirect(match.report.get_absolute_url())
    return render(request, "matching/_progress.html", _standing(match))


@signed_in_or_holding
@require_POST
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Stop a match that has not ended."""
    match = _match_or_404(request, public_id)
    if not actions.cancel(request=match, by=request.user):
        messages.info(request, _("This match had already ended."))
    return redirect(match)


@signed_in_or_holding
@require_POST
def run_again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Queue a failed or cancelled match once more."""
    match = _match_or_404(request, public_id)
    if not actions.run_again(request=match, by=request.user):
        messages.info(request, _("This match is not one that failed or was cancelled."))
    return redirect(match)


@signed_in_or_holding
@never_cache
@require_safe
def report(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The report, for reading."""
    stored = _report_or_404(request, public_id, whole=False)
    company = stored.request.company
    earlier = (
        MatchReport.objects.visible_to(request.user).before(stored).select_related("request").defer("content").first()
    )
    key = (stored.digest, str(company.public_id), get_language() or "en")
    context = {
        "stored": stored,
        "match": stored.request,
        "company": company,
        "body": BODIES.get(key, lambda: _body(stored)),
        "glance": glance_at(earlier, stored) if earlier else None,
    }
    return render(request, "matching/report.html", context)


def _body(stored: MatchReport) -> Body:
    model = stored.model()
    outline = outline_of(model)
    context = {"outline": outline, "report": model, "stored": stored, "company": stored.request.company}
    made = render_to_string("matching/_report.html", context)
    return Body(made.encode(), model["subject"]["name"], model["day"], bool(outline.due))


@signed_in_or_holding
@never_cache
@require_safe
def since_before(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What is otherwise than in the company's report before this one, offer by offer, and why."""
    stored = _report_or_404(request, public_id)
    earlier = MatchReport.objects.visible_to(request.user).before(stored).select_related("request").first()
    if earlier is None:
        raise Http404
    try:
        found = since(_asked(earlier), _asked(stored))
    except UnreadableSnapshot:
        log.exception("report_not_compared", report=str(stored.public_id))
        messages.error(
            request, _("The policies of the report before cannot be read any more, so the two cannot be compared.")
        )
        return redirect(stored)
    context = {
        "stored": stored,
        "company": stored.request.company,
        "glance": glance_at(earlier, stored),
        "since": since_of(found),
    }
    return render(request, "matching/since.html", context)


def _asked(stored: MatchReport) -> Asked:
    match = MatchRequest.objects.with_question().get(pk=stored.request_id)
    return Asked(stored.model(), rulebook.of_release(match.release.number), match.profile_version.profile)


@signed_in_or_holding
@never_cache
@require_safe
def report_file(request: HttpRequest, public_id: UUID, form: str) -> HttpResponse:
    """The report in one of its forms, in the reader's language; JSON byte for byte as it is stored."""
    stored = _report_or_404(request, public_id)
    if form not in FORMS:
        raise Http404
    try:
        content = stored.content if form == "json" else FORMS[form].make(stored.model(), get_language() or "en")
    except NotSet:
        log.exception("report_not_set", report=str(stored.public_id))
        messages.error(request, _("The PDF could not be made in time. Please try again."))
        return redirect(stored)
    shown = form in ("text", "html")
    name = f"report-{stored.public_id}.{form}"
    headers = {} if shown else {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=FORMS[form].content_type, headers=headers)


def _match_or_404(request: HttpRequest, public_id: UUID) -> MatchRequest:
    visible = (
        MatchRequest.objects.visible_to(request.user)
        .select_related("company", "report", "release")
        .defer("release__snapshot", "release__changes", "report__content")
    )
    return get_object_or_404(visible, public_id=public_id)


def _report_or_404(request: HttpRequest, public_id: UUID, *, whole: bool = True) -> MatchReport:
    visible = MatchReport.objects.visible_to(request.user).select_related("request__company")
    # What it holds is large, and most pages of a report that was read before do without; it comes when it is asked for.
    return get_object_or_404(visible if whole else visible.defer("content"), public_id=public_id)


def _standing(match: MatchRequest) -> dict[str, object]:
    waits = match.state == State.QUEUED
    return {
        "match": match,
        "company": match.company,
        "live": not match.has_ended,
        "ahead": match.waiting_before() if waits else 0,
        "paused": waits and match.run_after > timezone.now(),
        "no_worker": waits and not WorkerPulse.objects.alive(within=WORKER_SILENCE).exists(),
        "refresh_seconds": REFRESH_SECONDS,
        "progress_url": reverse("matching:progress", args=[match.public_id]),
    }


def _today() -> date:
    return timezone.localdate()
