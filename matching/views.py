"""The pages of a match: ask, wait, read."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from companies.models import Company
from matching import actions
from matching.forms import AskForm
from matching.models import MatchReport, MatchRequest, State, WorkerPulse
from matching.rendering.outline import outline_of
from matching.rendering.text import as_text

REFRESH_SECONDS = 3
WORKER_SILENCE = timedelta(seconds=60)


@login_required
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


@login_required
@never_cache
@require_safe
def waiting(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Where a match stands; leads on to the report when it is there."""
    match = _match_or_404(request, public_id)
    if match.state == State.DONE:
        return redirect(match.report)
    return render(request, "matching/waiting.html", _standing(match))


@login_required
@never_cache
@require_safe
def progress(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The part of the waiting page that changes."""
    match = _match_or_404(request, public_id)
    if match.state == State.DONE:
        return HttpResponseClientRedirect(match.report.get_absolute_url())
    return render(request, "matching/_progress.html", _standing(match))


@login_required
@require_POST
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Stop a match that has not ended."""
    match = _match_or_404(request, public_id)
    if not actions.cancel(request=match, by=request.user):
        messages.info(request, _("This match had already ended."))
    return redirect(match)


@login_required
@require_POST
def run_again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Queue a failed or cancelled match once more."""
    match = _match_or_404(request, public_id)
    if not actions.run_again(request=match, by=request.user):
        messages.info(request, _("This match is not one that failed or was cancelled."))
    return redirect(match)


@login_required
@never_cache
@require_safe
def report(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The report, for reading."""
    stored = _report_or_404(request, public_id)
    model = stored.model()
    context = {
        "stored": stored,
        "match": stored.request,
        "company": stored.request.company,
        "report": model,
        "outline": outline_of(model),
    }
    return render(request, "matching/report.html", context)


@login_required
@never_cache
@require_safe
def report_json(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The report byte for byte as it is stored."""
    stored = _report_or_404(request, public_id)
    name = f"report-{stored.public_id}.json"
    return HttpResponse(
        stored.content,
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@login_required
@never_cache
@require_safe
def report_text(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The report as plain text, in the reader's language."""
    stored = _report_or_404(request, public_id)
    return HttpResponse(as_text(stored.model(), get_language() or "en"), content_type="text/plain; charset=utf-8")


def _match_or_404(request: HttpRequest, public_id: UUID) -> MatchRequest:
    visible = (
        MatchRequest.objects.visible_to(request.user)
        .select_related("company", "report", "release")
        .defer("release__snapshot", "release__changes", "report__content")
    )
    return get_object_or_404(visible, public_id=public_id)


def _report_or_404(request: HttpRequest, public_id: UUID) -> MatchReport:
    visible = MatchReport.objects.visible_to(request.user).select_related("request__company")
    return get_object_or_404(visible, public_id=public_id)


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
