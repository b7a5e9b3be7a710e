"""The page on which the requirements of a policy or of one offer are written, and what it asks for while one types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies import signed_out
from companies.facts import Text
from companies.models import FactRecord
from policies import actions
from policies.desk.access import with_right
from policies.desk.forms import LONGEST_REASON
from policies.desk.part_pages import GONE, PartPage, editor
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
from policies.parts import PartPath, part_digest
from policies.roles import Right
from policies.rules.closed_words import KIND_WORDS
from policies.rules.reading import Reading
from policies.rules.requirement_files import read_requirement
from policies.rules.requirements import Requirement


@editor("write_requires")
def policy_requires(page: PartPage) -> HttpResponse:
    """What the policy asks of every offer."""
    return _answer(page)


@editor("write_offer_requires")
def offer_requires(page: PartPage) -> HttpResponse:
    """What one offer asks beside what its policy asks."""
    return _answer(page)


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


def _answer(page: PartPage) -> HttpResponse:
    if page.sent is None:
        return _page(page, opened_sheet(page.part, page.vocabulary))
    try:
        sheet = sent_sheet(page.sent, page.vocabulary)
    except NotOurs as fault:
        raise SuspiciousOperation from fault
    if page.was_signed_out:
        return _page(page, sheet)
    if "save" in page.sent:
        return _save(page, sheet)
    return _page(page, acted(sheet, page.sent.get("do", "refresh"), page.vocabulary))


def _save(page: PartPage, sheet: Sheet) -> HttpResponse:
    version, path, vocabulary = page.version, page.place.path, page.vocabulary
    read = read_rows(sheet.rows, vocabulary, _shared(page))
    sheet = replace(sheet, checked=True)
    if read.how_many_faults and page.request.POST["save"] != "anyway":
        return _page(page, sheet, {"asks": True})
    why = page.request.POST.get("why", "")[:LONGEST_REASON]
    try:
        actions.save_part(version=version, path=path, part=read.tree, by=page.request.user, seen=page.seen, why=why)
    except actions.PartChanged as fault:
        theirs = opened_sheet(fault.theirs, vocabulary).rows
        told = {"theirs": [say_row(theirs, at, vocabulary) for at in range(len(theirs))], "line": fault.line}
        page.seen = part_digest(fault.theirs)
        return _page(page, sheet, {"conflict": told}, status=409)
    except actions.UnfitContent as fault:
        found = [replace(one, path=_below(one.path, path, version.content)) for one in fault.faults]
        return _page(page, sheet, {"unfit": read.at_rows(found)})
    except actions.PartGone:
        return _page(page, sheet, {"not_now": GONE}, status=409)
    except actions.NotNow as fault:
        return _page(page, sheet, {"not_now": fault.message}, status=409)
    signed_out.forget(page.request)
    if read.how_many_faults:
        messages.warning(page.request, _("Saved as half-written: faults found: %(n)s.") % {"n": read.how_many_faults})
    else:
        messages.success(page.request, _("The requirements are saved."))
    return redirect(page.place.url)


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


def _shared(page: PartPage) -> Requirement | None:
    """What the policy asks beside the offer, as far as it can be read."""
    tree = page.version.content.get("requires")
    if page.place.offer is None or tree is None:
        return None
    return read_requirement(tree, (), Reading(page.vocabulary))


def _page(page: PartPage, sheet: Sheet, more: Mapping[str, Any] | None = None, status: int = 200) -> HttpResponse:
    told = dict(more or {})
    read = read_rows(sheet.rows, page.vocabulary, _shared(page))
    if page.is_sent:
        page.show(read.tree)
    unfit = told.get("unfit")
    if unfit:
        read = replace(read, faults=tuple(a + b for a, b in zip(unfit, read.faults, strict=True)))
    row = None if sheet.opened is None else sheet.rows[sheet.opened]
    context = {
        "page": page,
        "place": page.place,
        "version": page.version,
        "policy": page.version.policy,
        "shared": _said_rows(page),
        "rows": shown_rows(sheet, read),
        "closing": range(sheet.rows[-1].depth + 1) if sheet.rows else range(0),
        "sheet": sheet,
        "read": read,
        "gone": gone_to(sheet.gone),
        "why": (page.sent or {}).get("why", "")[:LONGEST_REASON],
        **told,
        **(open_row(row, page.vocabulary, read, sheet) if row is not None else {}),
    }
    is_whole = not page.request.headers.get("HX-Request")
    template = "desk/requirements/editor.html" if is_whole else "desk/requirements/_editor.html"
    return render(page.request, template, context, status=status)


def _said_rows(page: PartPage) -> list[Text]:
    """What the policy asks of all its offers, for the page of one offer."""
    if page.place.offer is None:
        return []
    rows = opened_sheet(page.version.content.get("requires"), page.vocabulary).rows
    read = read_rows(rows, page.vocabulary)
    return [said for said in read.said if said is not None]
