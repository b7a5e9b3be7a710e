"""The pages of the desk: the list of work, versions and what may be done with them, policies, releases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from policies import actions
from policies.catalogue_files import canonical_file, write_yaml
from policies.desk.access import at_desk
from policies.desk.doors import home_doors, open_to, release_doors, version_doors
from policies.desk.forms import NewPolicy, Plan, Reason
from policies.desk.health import health_list
from policies.desk.work import history_of, possible_steps, show, work_list
from policies.models import Policy, PolicyVersion, Release, State
from policies.roles import Right, may
from policies.rules.book import UnreadableSnapshot


@at_desk
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The list of work."""
    return _home_page(request, NewPolicy())


@at_desk
@require_safe
def policy_list(request: HttpRequest) -> HttpResponse:
    """Every policy with what is in force of it and what is being worked on."""
    shown = PolicyVersion.objects.exclude(state=State.RETIRED).defer("content").order_by("-number")
    rows = Policy.objects.prefetch_related(Prefetch("versions", queryset=shown, to_attr="shown")).order_by("key")
    return render(request, "desk/policies.html", {"policies": rows})


@at_desk
@require_safe
def policy(request: HttpRequest, key: str) -> HttpResponse:
    """One policy: its versions, its history, and the buttons to begin a draft and to withdraw."""
    found = get_object_or_404(Policy, key=key)
    versions = list(found.versions.defer("content").select_related("author", "reviewer").order_by("-number"))
    context = {
        "policy": found,
        "versions": versions,
        "published": next((one for one in versions if one.state == State.PUBLISHED), None),
        "open_version": next((one for one in versions if one.state in (State.DRAFT, State.IN_REVIEW)), None),
        "history": history_of(found),
        "release_doors": open_to(request.user, release_doors),
        "may_write": may(request.user, Right.WRITE),
        "may_publish": may(request.user, Right.PUBLISH),
        "withdraw_form": Reason(needed=True, name="withdraw"),
    }
    return render(request, "desk/policy.html", context)


@at_desk
@require_POST
def new_policy(request: HttpRequest) -> HttpResponse:
    """Begin a draft under a new key."""
    form = NewPolicy(request.POST)
    if form.is_valid():
        try:
            version = actions.start_draft(key=form.cleaned_data["key"], by=request.user)
        except actions.UnfitContent as fault:
            form.add_error("key", fault.faults[0].message.said(get_language()))
        except actions.AlreadyOpen as other:
            messages.info(request, _("This policy is being worked on already."))
            return redirect(_page(other.version))
        else:
            if version.number > 1:
                messages.info(request, _("A policy with this key is there already; this is its next version."))
            return redirect(_page(version))
    return _home_page(request, form, status=400)


@at_desk
@require_POST
def begin(request: HttpRequest, key: str) -> HttpResponse:
    """Begin a draft of a policy that is there."""
    found = get_object_or_404(Policy, key=key)
    try:
        version = actions.start_draft(policy=found, by=request.user)
    except actions.AlreadyOpen as other:
        messages.info(request, _("This policy is being worked on already."))
        version = other.version
    return redirect(_page(version))


@at_desk
@require_safe
def version(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One version: what it says, what changed, what is wrong, what was said about it, what may be done."""
    return _version_page(request, _version(key, number))


@at_desk
@require_POST
def step(request: HttpRequest, key: str, number: int, step: str) -> HttpResponse:
    """Take a step with a version as the person saw it."""
    found = _version(key, number)
    if step not in STEPS:
        raise Http404
    needs_reason = step in ("comment", "return", "discard")
    form = (Plan if step == "publish" else Reason)(request.POST, needed=needs_reason, name=step)
    if not form.is_valid():
        return _version_page(request, found, {step: form}, status=400)
    # The actions refuse when the content is no longer the one that was read.
    found.digest = form.cleaned_data["seen"] or found.digest
    try:
        said = STEPS[step](found, request.user, form.cleaned_data)
    except actions.NotNow as fault:
        messages.error(request, fault.message.said(get_language()))
    except actions.SecondPersonNeeded:
        messages.error(request, _("You wrote at this draft, so another person has to approve it."))
    except actions.Unpublishable as fault:
        messages.error(request, _("Nothing was published: faults found: %(n)s.") % {"n": len(fault.faults)})
    else:
        messages.success(request, said)
    if not PolicyVersion.objects.filter(pk=found.pk).exists():
        return redirect("desk:policy", key)
    return redirect(_page(found))


@at_desk
@require_POST
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    """Take a policy out of force."""
    found = get_object_or_404(Policy, key=key)
    form = Reason(request.POST, needed=True, name="withdraw")
    if not form.is_valid():
        messages.error(request, _("Nothing was done: say why."))
        return redirect("desk:policy", key)
    try:
        release = actions.withdraw(policy=found, by=request.user, why=form.cleaned_data["why"])
    except actions.NotNow as fault:
        messages.error(request, fault.message.said(get_language()))
    else:
        messages.success(request, _("Withdrawn. Release %(n)s is in force.") % {"n": release.number})
    return redirect("desk:policy", key)


@at_desk
@require_safe
def release_list(request: HttpRequest) -> HttpResponse:
    """Every release with what it changed, and the button that goes back to it."""
    rows = list(Release.objects.defer("snapshot").select_related("created_by").order_by("-number")[:200])
    context = {
        "releases": [(row, Reason(needed=True, name=f"release-{row.number}")) for row in rows],
        "current": rows[0] if rows else None,
        "may_publish": may(request.user, Right.PUBLISH),
        "doors": open_to(request.user, release_doors),
    }
    return render(request, "desk/releases.html", context)


@at_desk
@require_POST
def roll_back(request: HttpRequest, number: int) -> HttpResponse:
    """Make the policies of an earlier release those in force again."""
    release = get_object_or_404(Release, number=number)
    form = Reason(request.POST, needed=True, name=f"release-{number}")
    if not form.is_valid():
        messages.error(request, _("Nothing was done: say why."))
        return redirect("desk:releases")
    try:
        made = actions.roll_back(to_release=release, by=request.user, why=form.cleaned_data["why"])
    except actions.NotNow as fault:
        messages.error(request, fault.message.said(get_language()))
    except UnreadableSnapshot as fault:
        said = fault.faults[0].message.said(get_language())
        messages.error(request, _("These policies do not fit the vocabulary of today: %(why)s") % {"why": said})
    else:
        messages.success(request, _("Rolled back. Release %(n)s is in force.") % {"n": made.number})
    return redirect("desk:releases")


def _send(version: PolicyVersion, by: Any, sent: dict[str, Any]) -> str:
    actions.send_to_review(version=version, by=by, why=sent["why"])
    return _("Sent to review.")


def _comment(version: PolicyVersion, by: Any, sent: dict[str, Any]) -> str:
    actions.comment(version=version, by=by, why=sent["why"])
    return _("Your comment is in the history.")


def _return(version: PolicyVersion, by: Any, sent: dict[str, Any]) -> str:
    actions.return_to_author(version=version, by=by, why=sent["why"])
    return _("Returned: it is a draft again.")


def _approve(version: PolicyVersion, by: Any, sent: dict[str, Any]) -> str:
    actions.approve(version=version, by=by, why=sent["why"])
    return _("Approved.")


def _confirm(version: PolicyVersion, by: Any, sent: dict[str, Any]) -> str:
    actions.confirm_draft(version=version, by=by, why=sent["why"])
    return _("Confirmed against what is in force now.")


def _discard(version: PolicyVersion, by: Any, sent: dict[str, Any]) -> str:
    actions.discard_draft(version=version, by=by, why=sent["why"])
    return _("The draft was thrown away; its history stays.")


def _publish(version: PolicyVersion, by: Any, sent: dict[str, Any]) -> str:
    release = actions.publish(version=version, by=by, on=sent["on"], why=sent["why"])
    if release is None:
        return _("It will be published on %(day)s.") % {"day": sent["on"].isoformat()}
    return _("Published. Release %(n)s is in force.") % {"n": release.number}


def _call_off(version: PolicyVersion, by: Any, sent: dict[str, Any]) -> str:
    actions.call_off(version=version, by=by, why=sent["why"])
    return _("The planned publication was called off.")


STEPS: dict[str, Callable[[PolicyVersion, Any, dict[str, Any]], str]] = {
    "send": _send,
    "comment": _comment,
    "return": _return,
    "approve": _approve,
    "confirm": _confirm,
    "discard": _discard,
    "publish": _publish,
    "call-off": _call_off,
}


def _home_page(request: HttpRequest, form: NewPolicy, status: int = 200) -> HttpResponse:
    context = {
        "work": work_list(request.user),
        "health": health_list(request.GET, timezone.localdate()),
        "form": form,
        "may_write": may(request.user, Right.WRITE),
        "doors": open_to(request.user, home_doors),
    }
    return render(request, "desk/home.html", context, status=status)


def _version(key: str, number: int) -> PolicyVersion:
    rows = PolicyVersion.objects.select_related("policy", "author", "reviewer", "publisher", "based_on")
    return get_object_or_404(rows.defer("based_on__content"), policy__key=key, number=number)


def _page(version: PolicyVersion) -> str:
    return reverse("desk:version", args=[version.policy.key, version.number])


def _version_page(
    request: HttpRequest, found: PolicyVersion, sent: dict[str, Reason] | None = None, status: int = 200
) -> HttpResponse:
    may_do = possible_steps(found, request.user, actions.writers_of(found))
    seen = {"seen": found.digest}
    forms = {
        "send": Reason(initial=seen, name="send", label=_("What is new")),
        "comment": Reason(initial=seen, needed=True, name="comment", label=_("Comment")),
        "return": Reason(initial=seen, needed=True, name="return"),
        "approve": Reason(initial=seen, name="approve"),
        "confirm": Reason(initial=seen, name="confirm"),
        "discard": Reason(initial=seen, needed=True, name="discard"),
        "publish": Plan(initial=seen, name="publish"),
        "call-off": Reason(initial=seen, name="call-off"),
    } | (sent or {})
    labels = {
        "send": _("Send to review"), "comment": _("Comment"), "return": _("Return to the author"), "approve": _("Approve"),
        "confirm": _("Confirm against what is in force now"), "discard": _("Throw this draft away"), "publish": _("Publish"),
        "call-off": _("Call the planned publication off"),
    }  # fmt: skip
    shown = show(found, timezone.localdate())
    is_outdated = any(fault.code == "outdated" for fault in shown.faults)
    may_do["confirm"] = may_do["confirm"] and is_outdated
    file = f"policies/{found.policy.key}.yaml"
    context = {
        "version": found,
        "policy": found.policy,
        "shown": shown,
        "faults": [("/".join(map(str, fault.path)), fault) for fault in shown.faults],
        "yaml": write_yaml(canonical_file(file, found.content)),
        "history": history_of(found.policy, found.number),
        "may": may_do,
        "doors": open_to(request.user, version_doors),
        "release_doors": open_to(request.user, release_doors),
        "steps": [(step, labels[step], forms[step]) for step in STEPS if may_do[step]],
        **(shown.said or {}),
    }
    return render(request, "desk/version.html", context, status=status)
