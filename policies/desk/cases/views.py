"""The pages of the example cases: the list, and one case to write at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from companies import signed_out
from policies import actions
from policies.desk.access import at_desk
from policies.desk.cases.forms import AMOUNTS, AS_WRITTEN, VERDICTS, CaseForm
from policies.desk.cases.rows import show_case, show_cases
from policies.desk.doors import case_doors, open_to
from policies.desk.reading import VersionRead, read_version, version_or_404
from policies.models import Deed, PolicyVersion, State
from policies.parts import part_digest
from policies.roles import Right, may
from policies.rules.case_writing import moved, removed, replaced
from policies.rules.example_cases import case_has_shape, listed_cases, named_cases


class CaseGone(Exception):
    """Somebody else changed the case or took it out after the person began."""


@at_desk
@require_safe
def case_list(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Every example case with what must come out and what does; for curators the buttons to change them."""
    version = version_or_404(key, number)
    read = read_version(version)
    context = {
        "version": version,
        "policy": version.policy,
        "readable": read.readable,
        "shown": show_cases(read, timezone.localdate()),
        "may_change": _may_change(request, version),
        "case_doors": open_to(request.user, case_doors),
    }
    return render(request, "desk/cases/list.html", context)


@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key: str, number: int, at: int | None = None) -> HttpResponse:
    """One case, or a new one: its facts as a form, what must come out, and what comes out now."""
    if not may(request.user, Right.WRITE):
        raise PermissionDenied
    version = version_or_404(key, number)
    if version.state != State.DRAFT:
        messages.error(request, _("Only the cases of a draft can be changed."))
        return redirect("desk:write_cases", key, number)
    read = read_version(version)
    if request.method == "POST":
        return _sent(request, read, at)
    sent = signed_out.kept(request)
    if sent is not None:
        base, is_new, theirs = _base(sent, read, at)
        seen = theirs["seen"] if theirs is not None else sent.get("case-seen", "")
        form = CaseForm.sent(read, base, sent)
        return _page(request, form, seen=seen, is_new=is_new, theirs=theirs, was_signed_out=True)
    base = _new(request.GET.get("like", ""), read) if at is None else _case_or_404(read, at)
    if not case_has_shape(base):
        messages.error(request, _("This case cannot be read, so it can only be taken out."))
        return redirect("desk:write_cases", key, number)
    seen = "" if at is None else part_digest(base)
    return _page(request, CaseForm.stored(read, base), seen=seen, is_new=at is None)


@at_desk
@require_POST
def arrange(request: HttpRequest, key: str, number: int, at: int, step: str) -> HttpResponse:
    """Take a case out, or move it up or down."""
    version = version_or_404(key, number)
    seen = request.POST.get("seen", "")
    if step not in ("remove", "up", "down"):
        raise Http404

    def change(cases: list[Any]) -> list[Any]:
        place = _place(cases, at, seen)
        if step == "remove":
            return removed(cases, place)
        return moved(cases, place, place - 1 if step == "up" else place + 1)

    try:
        why = _("An example case was taken out") if step == "remove" else _("The example cases are in another order")
        actions.change_cases(version=version, by=request.user, change=change, why=why)
    except CaseGone:
        messages.error(request, _("Somebody else changed this case meanwhile; nothing was done. Look at it again."))
    except (actions.NotNow, actions.UnfitContent) as fault:
        messages.error(request, _said(fault))
    else:
        messages.success(request, _("Taken out.") if step == "remove" else _("Moved."))
    return redirect("desk:write_cases", key, number)


def _sent(request: HttpRequest, read: VersionRead, at: int | None) -> HttpResponse:
    version, seen = read.version, request.POST.get("case-seen", "")
    cases = listed_cases(version.content)
    base, is_new, theirs = _base(request.POST, read, at)
    form = CaseForm.sent(read, base, request.POST)
    if theirs is not None:
        return _page(request, form, seen=theirs["seen"], is_new=is_new, theirs=theirs, status=409)
    if not form.is_readable:
        return _page(request, form, seen=seen, is_new=is_new, status=422)
    if request.POST.get("case-do") == "look":
        return _page(request, form, seen=seen, is_new=is_new)

    def change(there: list[Any]) -> list[Any]:
        place = len(there) if is_new else _place(there, at or 0, seen)
        case = form.case(there, request.POST)
        if case["case"] in named_cases([*there[:place], *there[place + 1 :]]) and form.is_renamed:
            raise CaseGone  # somebody gave the name away between reading and saving
        return [*there, case] if is_new else replaced(there, place, case)

    try:
        why = _("Example case “%(name)s”") % {"name": form.name}
        actions.change_cases(version=version, by=request.user, change=change, why=why)
    except CaseGone:  # once more, now with what they wrote
        return _sent(request, read_version(version_or_404(version.policy.key, version.number)), at)
    except (actions.NotNow, actions.UnfitContent) as fault:
        messages.error(request, _said(fault))
        return _page(request, form, seen=seen, is_new=is_new, status=409)
    signed_out.forget(request)
    messages.success(request, _("Saved."))
    place = len(cases) if is_new else _place(cases, at or 0, seen)
    return redirect(reverse("desk:write_cases", args=[version.policy.key, version.number]) + f"#case-{place}")


def _base(sent: QueryDict, read: VersionRead, at: int | None) -> tuple[Mapping[str, Any], bool, dict[str, Any] | None]:
    """The case that was written at, whether it is a new one, and what somebody else made of it meanwhile."""
    cases, seen = listed_cases(read.version.content), sent.get("case-seen", "")
    if not seen:
        return _new(sent.get("case-like", ""), read), True, None
    try:
        base = cases[_place(cases, at or 0, seen)]
    except CaseGone:
        theirs = named_cases(cases).get(sent.get("case-was", ""))
        if theirs is None or not case_has_shape(theirs):
            return (
                _new(sent.get("case-like", ""), read),
                True,
                {"seen": "", "row": None, "line": _last_line(read.version)},
            )
        known = {"seen": part_digest(theirs), "row": show_case(theirs, read), "line": _last_line(read.version)}
        return theirs, False, known
    if not isinstance(base, Mapping) or not case_has_shape(base):
        raise Http404
    return base, False, None


def _page(
    request: HttpRequest,
    form: CaseForm,
    *,
    seen: str,
    is_new: bool,
    theirs: dict[str, Any] | None = None,
    was_signed_out: bool = False,
    status: int = 200,
) -> HttpResponse:
    version = form.read.version
    context = {
        "version": version,
        "policy": version.policy,
        "form": form,
        "like": form.base.get("like"),
        "seen": seen,
        "is_new": is_new,
        "theirs": theirs,
        "was_signed_out": was_signed_out,
        "verdicts": VERDICTS,
        "amounts": AMOUNTS,
        "as_written": AS_WRITTEN,
        "what_if": True,
        "may_edit": True,
    }
    return render(request, "desk/cases/case.html", context, status=status)


def _new(like: str, read: VersionRead) -> dict[str, Any]:
    """A case that says nothing yet, or one that takes over from another what it does not say itself."""
    cases = named_cases(listed_cases(read.version.content))
    day = timezone.localdate().isoformat()
    if like in cases and case_has_shape(cases[like]):
        return {"case": "", "day": str(cases[like].get("day") or day), "like": like, "facts": {}, "expect": {}}
    return {"case": "", "day": day, "facts": {}, "expect": {}}


def _case_or_404(read: VersionRead, at: int) -> Mapping[str, Any]:
    cases = listed_cases(read.version.content)
    if at >= len(cases) or not isinstance(cases[at], Mapping):
        raise Http404
    found: Mapping[str, Any] = cases[at]
    return found


def _place(cases: list[Any], at: int, seen: str) -> int:
    """Where the case with this digest is: others may have come or gone before it."""
    if at < len(cases) and part_digest(cases[at]) == seen:
        return at
    for place, case in enumerate(cases):
        if part_digest(case) == seen:
            return place
    raise CaseGone


def _may_change(request: HttpRequest, version: PolicyVersion) -> bool:
    return version.state == State.DRAFT and may(request.user, Right.WRITE)


def _last_line(version: PolicyVersion) -> Any:
    lines = version.policy.history.filter(number=version.number, deed=Deed.SAVED).select_related("by")
    return lines.order_by("-pk").first()


def _said(fault: actions.NotNow | actions.UnfitContent) -> str:
    message = fault.message if isinstance(fault, actions.NotNow) else fault.faults[0].message
    return message.said(get_language())
