"""The page that says whom a version reaches, and the same as a file."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from matching.desk.reach.counted import count_version
from matching.desk.reach.files import csv_of_reach
from matching.desk.reach.showing import show_reach
from matching.desk.versions import in_force_beside
from matching.forms import AskForm
from policies.desk.access import at_desk, with_right
from policies.desk.reading import read_version, version_or_404
from policies.models import Release
from policies.roles import Right


@at_desk
@with_right(Right.AGGREGATES)
@require_safe
def reach(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The counts with charts; while answers have to be read first, how far that is."""
    read = read_version(version_or_404(key, number))
    form = AskForm(request.GET or None, initial={"day": timezone.localdate()})
    before = in_force_beside(read.version)
    context = {
        "version": read.version,
        "policy": read.version.policy,
        "readable": read.readable,
        "form": form,
        "in_force": before,
        "release": Release.objects.order_by("-number").values_list("number", flat=True).first(),
    }
    if form.is_bound and not form.is_valid():
        return render(request, "matching/desk/reach.html", context, status=422)
    day = _day(form)
    counted = count_version(read, before, day)
    context |= {"day": day, "counted": counted}
    if counted.plan is not None and counted.reach is not None:
        context["shown"] = show_reach(counted.plan, counted.reach, read.vocabulary, is_compared=before is not None)
    return render(request, "matching/desk/reach.html", context)


@at_desk
@with_right(Right.AGGREGATES)
@require_safe
def reach_csv(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The counts as a file, which may leave the desk: small counts are hidden."""
    read = read_version(version_or_404(key, number))
    form = AskForm(request.GET or None)
    day = _day(form) if not form.is_bound or form.is_valid() else timezone.localdate()
    before = in_force_beside(read.version)
    counted = count_version(read, before, day)
    if counted.plan is None or counted.reach is None:
        return redirect("desk:reach", key, number)
    content = csv_of_reach(counted.plan, counted.reach, read.vocabulary, day, is_compared=before is not None)
    name = f"reach-{key}-{number}-{day.isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def _day(form: AskForm) -> date:
    chosen: date | None = form.cleaned_data["day"] if form.is_bound else None
    return chosen or timezone.localdate()
