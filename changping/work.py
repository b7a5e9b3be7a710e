"""The page of who operates the service, in the administration: how the work goes, what failed and why, and doing it again.

Kinds, states, ids and reasons; never what a company told or got.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from changping import health
from changping.metrics.figures import clock_of_database, kinds_of_jobs, queues
from matching import actions
from matching.models import Batch, Delivery, Job, MatchRequest, Run, State, WorkerPulse
from matching.webhooks.actions import EndpointStopped, replay
from policies.roles import Right, may

log = structlog.get_logger(__name__)

PARTS = {
    "database": gettext_lazy("database"),
    "migrations": gettext_lazy("migrations of the database"),
    "broker": gettext_lazy("broker (Redis)"),
    "release": gettext_lazy("release of the policies"),
    "worker": gettext_lazy("worker"),
    "webhooks": gettext_lazy("sender of webhooks"),
}
SHOWN = 10
"""How many failures of each kind, batches and runs are listed: the newest."""


def _of_operators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may(request.user, Right.OPERATE):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return admin.site.admin_view(guarded)


@require_safe
def look(request: HttpRequest) -> HttpResponse:
    """How the work goes."""
    said = {
        **admin.site.each_context(request),
        "title": _("Background work"),
        "parts": [(PARTS.get(name, name), works) for name, works in health.parts().items()],
        "processes": WorkerPulse.objects.alive_in_any_part(within=health.WORKER_SILENCE),
        "queues": list(queues(clock_of_database())),
        "failures": [_failure(job, request.user) for kind in kinds_of_jobs() for job in _newest_failed(kind)],
        "batches": Batch.objects.select_related("partner").with_counts().order_by("-pk")[:SHOWN],
        "runs": Run.objects.without_bulk().order_by("-pk")[:SHOWN],
    }
    return TemplateResponse(request, "admin/work.html", said)


@require_POST
def again(request: HttpRequest, kind: str, job: Any) -> HttpResponse:
    """Do failed work again, by the same action that its owner has; one that has not failed any more is left alone."""
    model = {one.called: one for one in kinds_of_jobs()}.get(kind)
    if model is None:
        raise Http404
    row = get_object_or_404(model, public_id=job)
    if not _can_repeat(row, request.user):
        raise PermissionDenied
    try:
        done = bool(_AGAIN[model](row, request.user))
    except EndpointStopped:
        messages.error(
            request, _("The endpoint is switched off, so nothing is sent to it. Its partner can switch it on.")
        )
    except actions.TooManyBatches:
        messages.error(request, _("The partner has as many batches under way as it may. Try again when one has ended."))
    else:
        log.info("work_done_again", kind=kind, job=str(row.public_id), by=request.user.pk, queued=done)
        if done:
            messages.success(request, _("It waits for a worker now."))
        else:
            messages.info(request, _("It was not failed any more, so nothing was changed."))
    return redirect("admin:work")


def _newest_failed(kind: type[Job]) -> Any:
    return (
        kind._default_manager.filter(state=State.FAILED)
        .only("public_id", "reason", "last_error", "attempt", "finished_at")
        .order_by("-finished_at")[:SHOWN]
    )


def _failure(job: Job, user: Any) -> dict[str, Any]:
    return {"job": job, "kind": job._meta.verbose_name, "called": job.called, "can_repeat": _can_repeat(job, user)}


def _can_repeat(job: Job, user: Any) -> bool:
    # A letter that may have left is not sent twice, and who asked for an export asks again.
    return type(job) in _AGAIN and (not isinstance(job, Run) or may(user, Right.PUBLISH))


def _resend(delivery: Delivery, _user: Any) -> bool:
    if delivery.state != State.FAILED:
        return False
    return bool(replay(endpoint=delivery.endpoint, event=delivery.event))


_AGAIN: dict[type[Job], Callable[[Any, Any], Any]] = {
    MatchRequest: lambda row, user: row.state == State.FAILED and actions.run_again(request=row, by=user),
    Batch: lambda row, user: row.state == State.FAILED and actions.resume_batch(batch=row, by=user),
    Run: lambda row, user: row.state == State.FAILED and actions.repeat_run(run=row, by=user),
    Delivery: _resend,
}

urlpatterns = [
    path("work/", _of_operators(look), name="work"),
    path("work/<slug:kind>/<uuid:job>/again/", _of_operators(again), name="work_again"),
]
