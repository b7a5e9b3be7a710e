"""Asking for all of one's own data, waiting, and fetching it; only for the person themselves."""

from __future__ import annotations

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from companies import security
from matching import batch_storage
from matching.actions.exports import TooManyExports, ask_for_export
from matching.jobs.exports import KEPT
from matching.models import DataExport

REFRESH_SECONDS = 3
SHOWN = 10


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest) -> HttpResponse:
    """The person's exports, the newest first, and the button for one more."""
    if request.method == "POST":
        try:
            ask_for_export(by=request.user)
        except TooManyExports:
            messages.error(request, _("You have asked as often today as one may. Please ask again tomorrow."))
        return redirect("export:list")
    found = list(DataExport.objects.visible_to(request.user)[:SHOWN])
    live = any(not one.has_ended for one in found)
    context = {"exports": found, "live": live, "refresh_seconds": REFRESH_SECONDS, "kept_days": KEPT.days}
    return render(request, "matching/exporting/list.html", context)


@login_required
@never_cache
@require_safe
def download(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """The file, once; whoever finds an unlocked screen is asked for the password first."""
    export = get_object_or_404(DataExport.objects.visible_to(request.user).ready(), public_id=public_id)
    return _download(request, export)


@reauthentication_required
def _download(request: HttpRequest, export: DataExport) -> HttpResponseBase:
    try:
        opened = batch_storage.store().open(export.file)
    except FileNotFoundError as fault:
        raise Http404 from fault
    security.note("export_fetched", export=str(export.public_id), by=request.user.pk)
    name = f"changce-{export.created_at:%Y-%m-%d}.zip"
    return FileResponse(opened, as_attachment=True, filename=name, content_type="application/zip")
