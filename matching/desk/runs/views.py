"""The pages of runs: the list, one run with its progress and result, asking, cancelling, asking again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from matching import actions
from matching.desk.runs.forms import AskForRunForm
from matching.desk.runs.found import changes_of, counts_of, titles_of
from matching.models import Run, State, WorkerPulse
from matching.views import REFRESH_SECONDS, WORKER_SILENCE
from policies.desk.access import at_desk, with_right
from policies.desk.forms import Reason
from policies.roles import Right, may

_ON_A_PAGE = 30


@at_desk
@require_safe
def run_list(request: HttpRequest) -> HttpResponse:
    """All runs, the newest first."""
    return _list_page(request, AskForRunForm())


@with_right(Right.PUBLISH)
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a run of what is in force."""
    form = AskForRunForm(request.POST)
    if form.is_valid():
        try:
            run = actions.ask_for_run(by=request.user, day=form.cleaned_data["day"])
        except actions.NoReleaseYet:
            form.add_error(None, _("No policies have been published yet."))
        else:
            return redirect("desk:run", run.public_id)
    return _list_page(request, form, status=400)


@at_desk
@require_safe
def run(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One run: how far it is; when it is done, what it found and what changed."""
    found = _run_or_404(public_id)
    may_publish, may_count = (may(request.user, right) for right in (Right.PUBLISH, Right.AGGREGATES))
    context = _standing(found) | {
        "cancel_form": Reason(name="cancel") if may_publish and not found.has_ended else None,
        "may_repeat": may_publish and found.state in (State.FAILED, State.CANCELLED),
        "may_count": may_count,
    }
    if found.state == State.DONE and may_count:
        titles = titles_of(found)
        context["counts"] = counts_of(found, titles)
        if found.compared_with_id is not None:
            context["changes"] = changes_of(found, titles)
    return render(request, "matching/desk/runs/run.html", context)


@at_desk
@require_safe
def progress(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The part of a run's page that changes; leads to the whole page when the run has ended."""
    found = _run_or_404(public_id)
    if found.has_ended:
        return HttpResponseClientRedirect(reverse("desk:run", args=[found.public_id]))
    return render(request, "matching/desk/runs/_progress.html", _standing(found))


@with_right(Right.PUBLISH)
@require_POST
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Stop a run that has not ended."""
    found = _run_or_404(public_id)
    form = Reason(request.POST, name="cancel")
    if not form.is_valid():
        messages.error(request, _("Nothing was done: the reason is too long or holds what cannot be stored."))
    elif actions.cancel_run(run=found, by=request.user, why=form.cleaned_data["why"]):
        messages.success(request, _("Cancelled. Nothing of this run is kept or told."))
    else:
        messages.info(request, _("This run had already ended."))
    return redirect("desk:run", found.public_id)


@with_right(Right.PUBLISH)
@require_POST
def repeat(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask once more for what a failed or cancelled run was to find."""
    found = _run_or_404(public_id)
    again = actions.repeat_run(run=found, by=request.user)
    if again is None:
        messages.info(request, _("This run is not one that failed or was cancelled."))
        return redirect("desk:run", found.public_id)
    return redirect("desk:run", again.public_id)


@at_desk
@require_safe
def of_release(request: HttpRequest, number: int) -> HttpResponse:
    """Leads to the newest run of a release."""
    newest = Run.objects.filter(release__number=number, trial=False).order_by("-pk")
    public_id = newest.values_list("public_id", flat=True).first()
    if public_id is None:
        messages.info(request, _("There was no run of release %(n)s.") % {"n": number})
        return redirect("desk:runs")
    return redirect("desk:run", public_id)


def _list_page(request: HttpRequest, form: AskForRunForm, status: int = 200) -> HttpResponse:
    runs = Run.objects.without_bulk().select_related("asked_by").order_by("-pk")
    page = Paginator(runs, _ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "form": form if may(request.user, Right.PUBLISH) else None,
        "live": any(not one.has_ended for one in page),
        "refresh_seconds": REFRESH_SECONDS,
    }
    return render(request, "matching/desk/runs/list.html", context, status=status)


def _run_or_404(public_id: UUID) -> Run:
    rows = Run.objects.without_bulk().select_related("asked_by", "cancelled_by", "compared_with__release")
    rows = rows.defer(
        "members", "release__snapshot", "release__changes", "compared_with__members",
        "compared_with__release__snapshot", "compared_with__release__changes",
    )  # fmt: skip
    return get_object_or_404(rows, public_id=public_id)


def _standing(run: Run) -> dict[str, Any]:
    waits = run.state == State.QUEUED
    return {
        "run": run,
        "live": not run.has_ended,
        "ahead": Run.objects.ahead_of(run).count() if waits else 0,
        "paused": waits and run.run_after > timezone.now(),
        "no_worker": not run.has_ended and not WorkerPulse.objects.alive(within=WORKER_SILENCE).exists(),
        "refresh_seconds": REFRESH_SECONDS,
    }


urlpatterns = [
    path("runs/", run_list, name="runs"),
    path("runs/ask/", ask, name="run_ask"),
    path("runs/of-release/<int:number>/", of_release, name="runs_of_release"),
    path("runs/<uuid:public_id>/", run, name="run"),
    path("runs/<uuid:public_id>/progress/", progress, name="run_progress"),
    path("runs/<uuid:public_id>/cancel/", cancel, name="run_cancel"),
    path("runs/<uuid:public_id>/again/", repeat, name="run_repeat"),
]
