"""The outline of a draft: each of its parts with one sentence of what stands there, and its faults."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from companies.models import FactRecord
from policies import actions
from policies.desk.access import with_right
from policies.desk.part_pages import not_a_draft
from policies.desk.places import faults_elsewhere, group_places, places_of
from policies.desk.reading import version_or_404
from policies.models import State
from policies.roles import Right
from policies.snapshots import compose_snapshot


@with_right(Right.WRITE)
@require_safe
def write(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The parts of the draft, in the order in which one writes them."""
    version = version_or_404(key, number)
    if version.state != State.DRAFT:
        return not_a_draft(request, version)
    vocabulary = FactRecord.objects.vocabulary()
    faults = actions.faults_of(version, timezone.localdate(), compose_snapshot(vocabulary), vocabulary)
    places = places_of(version)
    context = {
        "version": version,
        "policy": version.policy,
        "groups": group_places(places, version.content, faults),
        "faults": faults,
        "elsewhere": faults_elsewhere(places, version.content, faults),
    }
    return render(request, "desk/write/outline.html", context)


urlpatterns = [path("policies/<slug:key>/<int:number>/write/", write, name="write")]
