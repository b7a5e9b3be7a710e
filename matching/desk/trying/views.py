"""The page on which a version is tried."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from companies.facts import Fact
from matching.desk.trying.subjects import NOBODY, Subject, choices, find_subject
from matching.desk.trying.trials import try_version
from matching.forms import AskForm
from policies.desk.access import at_desk
from policies.desk.facts_form import facts_asked, facts_form, read_facts
from policies.desk.reading import VersionRead, read_version, version_or_404
from policies.models import PolicyVersion


@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def attempt(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Choose somebody, say what else is known of them, and see what comes out. Figures come by POST only."""
    version = version_or_404(key, number)
    read = read_version(version)
    sent = request.POST if request.method == "POST" else request.GET
    named = sent.get("try-on", "")
    subject = find_subject(named or NOBODY, request.user, version.content, read.vocabulary)
    if subject is None:
        raise Http404
    facts = facts_asked(read.readable.policy, read.vocabulary)
    context = _around(request, read, subject, facts)
    status = 200
    if request.method == "POST":
        said = read_facts(facts, request.POST, read.vocabulary, subject.profile)
        form = AskForm(request.POST, prefix="try")
        context |= {"form": form, "facts": facts_form(facts, read.vocabulary, said.profile, said.unread)}
        if form.is_valid() and not said.unread:
            day = form.cleaned_data["day"] or timezone.localdate()
            context |= {"trial": try_version(read, context["in_force_content"], said.profile, day), "day": day}
        else:
            status = 422
    elif named:
        day = subject.day or timezone.localdate()
        context |= {"trial": try_version(read, context["in_force_content"], subject.profile, day), "day": day}
    return render(request, "matching/desk/try.html", context, status=status)


def _around(request: HttpRequest, read: VersionRead, subject: Subject, facts: list[Fact]) -> dict[str, Any]:
    version = read.version
    in_force = _in_force(version)
    return {
        "version": version,
        "policy": version.policy,
        "readable": read.readable,
        "subject": subject,
        "choices": choices(request.user, version.content),
        "form": AskForm(prefix="try", initial={"day": subject.day or timezone.localdate()}),
        "facts": facts_form(facts, read.vocabulary, subject.profile),
        "in_force": in_force,
        "in_force_content": None if in_force is None else in_force.content,
        "trial": None,
        "what_if": True,
        "may_edit": True,
        "offers_open": read.readable.policy is not None and len(read.readable.policy.offers) <= 3,
    }


def _in_force(version: PolicyVersion) -> PolicyVersion | None:
    """The version in force, unless it is this one."""
    return PolicyVersion.objects.published().filter(policy=version.policy).exclude(pk=version.pk).first()
