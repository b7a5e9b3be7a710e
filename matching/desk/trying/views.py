"""The page on which a version is tried."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from companies.facts import Fact, Profile, Text
from matching.desk.trying.forms import KeepForm
from matching.desk.trying.keeping import case_of, seen_digest
from matching.desk.trying.subjects import NOBODY, Subject, choices, find_subject
from matching.desk.trying.trials import Trial, try_version
from matching.desk.versions import in_force_beside
from matching.forms import AskForm
from policies import actions
from policies.desk.access import at_desk
from policies.desk.facts_form import facts_asked, facts_form, read_facts
from policies.desk.reading import VersionRead, read_version, version_or_404
from policies.models import PolicyVersion, State
from policies.roles import Right, may, require
from policies.rules.example_cases import listed_cases, named_cases


@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def attempt(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Choose somebody, say what else is known of them, and see what comes out. Figures come by POST only."""
    read = read_version(version_or_404(key, number))
    sent = request.POST if request.method == "POST" else request.GET
    named = sent.get("try-on", "")
    subject = find_subject(named or NOBODY, request.user, read.version.content, read.vocabulary)
    if subject is None:
        raise Http404
    facts = facts_asked(read.readable.policy, read.vocabulary)
    context = _around(request, read, subject, facts)
    if request.method == "POST":
        return _with_answers(request, read, subject, facts, context)
    if named:
        day = subject.day or timezone.localdate()
        context |= _result(request, read, subject, facts, subject.profile, day, context["in_force"])
    return render(request, "matching/desk/try.html", context)


def _with_answers(
    request: HttpRequest, read: VersionRead, subject: Subject, facts: list[Fact], context: dict[str, Any]
) -> HttpResponse:
    """The result with the answers as they were sent; kept as an example case where that is what was pressed."""
    said = read_facts(facts, request.POST, read.vocabulary, subject.profile)
    form = AskForm(request.POST, prefix="try")
    context |= {"form": form, "facts": facts_form(facts, read.vocabulary, said.profile, said.unread)}
    if not form.is_valid() or said.unread:
        return render(request, "matching/desk/try.html", context, status=422)
    day = form.cleaned_data["day"] or timezone.localdate()
    context |= _result(request, read, subject, facts, said.profile, day, context["in_force"])
    if request.POST.get("try-do") == "keep":
        kept = _keep(request, read, subject, facts, said.profile, day, context)
        return kept or render(request, "matching/desk/try.html", context, status=422)
    return render(request, "matching/desk/try.html", context)


def _keep(
    request: HttpRequest,
    read: VersionRead,
    subject: Subject,
    facts: list[Fact],
    profile: Profile,
    day: date,
    context: dict[str, Any],
) -> HttpResponse | None:
    """Add the try to the example cases; None where that cannot be done, with the reason on the page."""
    require(request.user, Right.WRITE)
    trial: Trial | None = context["trial"]
    if trial is None or subject.is_company:
        return None
    form = KeepForm(request.POST, results=trial.kept, taken=named_cases(listed_cases(read.version.content)))
    context["keep"] = form
    seen = seen_digest(day, facts, profile, trial.results)
    if request.POST.get("keep-seen") != seen:
        form.data = form.data.copy()
        form.data["keep-seen"] = seen
        messages.error(
            request,
            _("This is not what you saw: the answers or the draft changed. Look at the result and keep it then."),
        )
        return None
    if not form.is_valid():
        return None
    right = [one for one in trial.kept if one.offer in form.cleaned_data["offers"]]
    case = case_of(form.cleaned_data["name"], day, facts, profile, right)
    why = _("Example case “%(name)s”") % {"name": case["case"]}
    version = read.version

    def change(there: list[Any]) -> list[Any]:
        if case["case"] in named_cases(there):  # given away between reading and saving
            raise actions.NotNow(Text("another case has this name", "已有案例使用该名称"))
        return [*there, case]

    try:
        saved = actions.change_cases(version=version, by=request.user, change=change, why=why)
    except (actions.NotNow, actions.UnfitContent) as fault:
        said = fault.message if isinstance(fault, actions.NotNow) else fault.faults[0].message
        messages.error(request, said.said(get_language()))
        return None
    messages.success(request, _("It is an example case of the draft now."))
    place = len(saved.content["cases"]) - 1
    return redirect(reverse("desk:write_cases", args=[version.policy.key, version.number]) + f"#case-{place}")


def _around(request: HttpRequest, read: VersionRead, subject: Subject, facts: list[Fact]) -> dict[str, Any]:
    version = read.version
    return {
        "version": version,
        "policy": version.policy,
        "readable": read.readable,
        "subject": subject,
        "choices": choices(request.user, version.content),
        "form": AskForm(prefix="try", initial={"day": subject.day or timezone.localdate()}),
        "facts": facts_form(facts, read.vocabulary, subject.profile),
        "in_force": in_force_beside(version),
        "trial": None,
        "may_keep": version.state == State.DRAFT and may(request.user, Right.WRITE),
        "keep": None,
        "what_if": True,
        "may_edit": True,
        "offers_open": read.readable.policy is not None and len(read.readable.policy.offers) <= 3,
    }


def _result(
    request: HttpRequest,
    read: VersionRead,
    subject: Subject,
    facts: list[Fact],
    profile: Profile,
    day: date,
    in_force: PolicyVersion | None,
) -> dict[str, Any]:
    trial = try_version(read, None if in_force is None else in_force.content, profile, day)
    shown: dict[str, Any] = {"trial": trial, "day": day}
    if trial is not None and not subject.is_company:
        seen = {"seen": seen_digest(day, facts, profile, trial.results)}
        shown["keep"] = KeepForm(results=trial.kept, taken=(), initial=seen)
    return shown
