"""The page on which the requirements of a policy or of one offer are written, and what it asks for while one types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from companies.facts import Text, Vocabulary
from companies.models import FactRecord
from policies import actions
from policies.desk.access import with_right
from policies.desk.forms import LONGEST_REASON
from policies.desk.places import Place, neighbours, places_of
from policies.desk.reading import version_or_404
from policies.desk.requirements.finding import find_facts
from policies.desk.requirements.reading import read_rows, say_row
from policies.desk.requirements.sheet import (
    NotOurs,
    Sheet,
    acted,
    gone_to,
    opened_sheet,
    sent_row,
    sent_sheet,
)
from policies.desk.requirements.showing import open_row, said_of, shown_rows
from policies.models import PolicyVersion, State
from policies.parts import PartPath, part_at, part_digest
from policies.roles import Right
from policies.rules.closed_words import KIND_WORDS
from policies.rules.reading import Reading
from policies.rules.requirement_files import read_requirement
from policies.rules.requirements import Requirement


@with_right(Right.WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def policy_requires(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """What the policy asks of every offer."""
    return _editor(request, version_or_404(key, number), ("requires",))


@with_right(Right.WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def offer_requires(request: HttpRequest, key: str, number: int, offer: str) -> HttpResponse:
    """What one offer asks beside what its policy asks."""
    return _editor(request, version_or_404(key, number), ("offers", offer, "requires"))


@with_right(Right.WRITE)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What the open row says as it was typed so far, or what is wrong with it; nothing is kept."""
    vocabulary = FactRecord.objects.vocabulary()
    try:
        row = sent_row(request.POST, vocabulary)
    except NotOurs as fault:
        raise SuspiciousOperation from fault
    return render(request, "desk/requirements/_said.html", said_of(row, vocabulary))


@with_right(Right.WRITE)
@require_safe
def facts(request: HttpRequest) -> HttpResponse:
    """The facts that the typed words may mean, as the entries of a list box."""
    found = find_facts(FactRecord.objects.vocabulary(), request.GET.get("q", ""))
    return render(
        request, "desk/requirements/_facts.html", {"facts": [(fact, KIND_WORDS[fact.kind]) for fact in found]}
    )


def _editor(request: HttpRequest, version: PolicyVersion, path: PartPath) -> HttpResponse:
    try:
        stored = part_at(version.content, path)
    except actions.PartGone:
        raise Http404 from None
    if request.method != "POST":
        if version.state != State.DRAFT:
            messages.info(request, _("This version is not a draft: it cannot be changed. Begin a draft first."))
            return redirect("desk:version", version.policy.key, version.number)
        vocabulary = FactRecord.objects.vocabulary()
        return _page(request, version, path, opened_sheet(stored, vocabulary), vocabulary, part_digest(stored))
    vocabulary = FactRecord.objects.vocabulary()
    try:
        sheet = sent_sheet(request.POST, vocabulary)
    except NotOurs as fault:
        raise SuspiciousOperation from fault
    seen = request.POST.get("seen", "")
    if "save" in request.POST:
        return _save(request, version, path, sheet, vocabulary, seen)
    sheet = acted(sheet, request.POST.get("do", "refresh"), vocabulary)
    return _page(request, version, path, sheet, vocabulary, seen)


def _save(
    request: HttpRequest, version: PolicyVersion, path: PartPath, sheet: Sheet, vocabulary: Vocabulary, seen: str
) -> HttpResponse:
    read = read_rows(sheet.rows, vocabulary, _shared(version, path, vocabulary))
    sheet = replace(sheet, checked=True)
    if read.how_many_faults and request.POST["save"] != "anyway":
        return _page(request, version, path, sheet, vocabulary, seen, {"asks": True})
    why = request.POST.get("why", "")[:LONGEST_REASON]
    try:
        actions.save_part(version=version, path=path, part=read.tree, by=request.user, seen=seen, why=why)
    except actions.PartChanged as fault:
        theirs = opened_sheet(fault.theirs, vocabulary).rows
        told = {"theirs": [say_row(theirs, at, vocabulary) for at in range(len(theirs))], "line": fault.line}
        return _page(
            request, version, path, sheet, vocabulary, part_digest(fault.theirs), {"conflict": told}, status=409
        )
    except actions.UnfitContent as fault:
        found = [replace(one, path=_below(one.path, path, version.content)) for one in fault.faults]
        return _page(request, version, path, sheet, vocabulary, seen, {"unfit": read.at_rows(found)})
    except actions.NotNow as fault:
        return _page(request, version, path, sheet, vocabulary, seen, {"not_now": fault.message}, status=409)
    if read.how_many_faults:
        messages.warning(request, _("Saved as half-written: faults found: %(n)s.") % {"n": read.how_many_faults})
    else:
        messages.success(request, _("The requirements are saved."))
    return redirect(request.path)


def _below(path: Sequence[str | int], part: PartPath, content: Mapping[str, Any]) -> tuple[str | int, ...]:
    """The path of a fault from the part down, where it leads into it."""
    steps: list[str | int] = []
    for step in part:
        if steps == ["offers"]:
            keys = [offer.get("offer") for offer in content["offers"] if isinstance(offer, Mapping)]
            steps.append(keys.index(step))
        else:
            steps.append(str(step))
    return tuple(path[len(steps) :]) if list(path[: len(steps)]) == steps else ()


def _shared(version: PolicyVersion, path: PartPath, vocabulary: Vocabulary) -> Requirement | None:
    """What the policy asks beside the offer, as far as it can be read."""
    tree = version.content.get("requires")
    if path == ("requires",) or tree is None:
        return None
    return read_requirement(tree, (), Reading(vocabulary))


def _page(
    request: HttpRequest,
    version: PolicyVersion,
    path: PartPath,
    sheet: Sheet,
    vocabulary: Vocabulary,
    seen: str,
    more: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    told = dict(more or {})
    shared = _shared(version, path, vocabulary)
    read = read_rows(sheet.rows, vocabulary, shared)
    unfit = told.get("unfit")
    if unfit:
        read = replace(read, faults=tuple(a + b for a, b in zip(unfit, read.faults, strict=True)))
    shown = shown_rows(sheet, read)
    row = None if sheet.opened is None else sheet.rows[sheet.opened]
    context = {
        "version": version,
        "policy": version.policy,
        "offer": _offer(version, path),
        "shared": _said_rows(version, path, vocabulary),
        "rows": shown,
        "beside": _beside(version, path),
        "closing": range(sheet.rows[-1].depth + 1) if sheet.rows else range(0),
        "sheet": sheet,
        "read": read,
        "seen": seen,
        "gone": gone_to(sheet.gone),
        "why": request.POST.get("why", "")[:LONGEST_REASON],
        "is_unsaved": request.method == "POST",
        **told,
        **(open_row(row, vocabulary, read, sheet) if row is not None else {}),
    }
    template = (
        "desk/requirements/_editor.html" if request.headers.get("HX-Request") else "desk/requirements/editor.html"
    )
    return render(request, template, context, status=status)


def _beside(version: PolicyVersion, path: PartPath) -> tuple[Place | None, Place | None]:
    """The parts before and after this one."""
    places = places_of(version)
    here = next((one for one in places if one.path == path), None)
    return (None, None) if here is None else neighbours(places, here)


def _offer(version: PolicyVersion, path: PartPath) -> Mapping[str, Any] | None:
    if path == ("requires",):
        return None
    offers = version.content.get("offers")
    return next((one for one in offers or () if isinstance(one, Mapping) and one.get("offer") == path[1]), None)


def _said_rows(version: PolicyVersion, path: PartPath, vocabulary: Vocabulary) -> list[Text]:
    """What the policy asks of all its offers, for the page of one offer."""
    if path == ("requires",):
        return []
    rows = opened_sheet(version.content.get("requires"), vocabulary).rows
    read = read_rows(rows, vocabulary)
    return [said for said in read.said if said is not None]
