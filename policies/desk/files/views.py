"""The pages of files: download, send, look at what would happen, load as drafts."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from policies import actions
from policies.catalogue_files import MAX_UPLOAD, FileFault, Upload, read_upload, too_long, write_archive
from policies.desk.access import at_desk, with_right
from policies.desk.files.planning import Fate, UploadPlan, plan_upload, unfit
from policies.desk.files.sending import catalogue_archive, version_file
from policies.desk.forms import Reason
from policies.models import PolicyVersion, Release
from policies.roles import Right, may

# The rest of a form: names of fields, the token, boundaries.
_AROUND = 10_000
_SHOWN_FAULTS = 200


class SendForm(forms.Form):
    """A file from the person's own disk."""

    file = forms.FileField(
        label=gettext_lazy("A YAML file or a zip"),
        allow_empty_file=True,
        max_length=None,
        widget=forms.FileInput(
            attrs={"class": "form-control", "accept": ".yaml,.yml,.zip,application/zip,application/yaml"}
        ),
    )


@at_desk
@require_safe
def files(request: HttpRequest) -> HttpResponse:
    """Download the catalogue, or send files back."""
    return _files_page(request)


@at_desk
@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """What is in force, as a zip."""
    return _attached(*catalogue_archive(with_drafts=False), "application/zip")


@at_desk
@require_safe
def catalogue_with_drafts(request: HttpRequest) -> HttpResponse:
    """The same with what is being worked on in its place."""
    return _attached(*catalogue_archive(with_drafts=True), "application/zip")


@at_desk
@require_safe
def one_version(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One version as its file."""
    version = get_object_or_404(PolicyVersion.objects.select_related("policy"), policy__key=key, number=number)
    return _attached(f"{key}.yaml", version_file(version).encode(), "application/yaml; charset=utf-8")


@csrf_exempt  # checked in `_look`, once it is clear that the body is short enough to be read at all
@with_right(Right.WRITE)
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Read what was sent and show what would happen; nothing is stored."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_UPLOAD + _AROUND:
        return _files_page(request, faults=[FileFault("?", 1, 1, "upload-too-big", too_long())], status=413)
    return _look(request)


@csrf_protect
def _look(request: HttpRequest) -> HttpResponse:
    form = SendForm(request.POST, request.FILES)
    if not form.is_valid():
        return _files_page(request, form=form, status=400)
    sent = form.cleaned_data["file"]
    upload = read_upload(sent.name, sent.read())
    return _faults_page(request, upload) or _plan_page(request, upload, _plan(request, upload))


@with_right(Right.WRITE)
@require_POST
def load(request: HttpRequest) -> HttpResponse:
    """Begin the drafts that were chosen, if the desk is still as it was shown."""
    upload = _kept(request)
    refused = _faults_page(request, upload)
    if refused is not None:
        return refused
    plan = _plan(request, upload)
    form = Reason(request.POST, needed=True, name="load")
    chosen = [one for one in plan.offered if one.key in request.POST.getlist("take")]
    if request.POST.get("plan") != plan.seen:
        messages.error(
            request, _("The desk changed meanwhile, so nothing was loaded. Look again at what would happen.")
        )
        return _plan_page(request, upload, plan, form, status=409)
    if not form.is_valid() or not chosen:
        if not chosen:
            messages.error(request, _("Nothing was loaded: choose at least one policy."))
        return _plan_page(request, upload, plan, form, status=400)
    try:
        versions = actions.take_files(
            files=[one.taken for one in chosen], by=request.user, why=form.cleaned_data["why"]
        )
    except (actions.AlreadyOpen, actions.NotNow, actions.ChangedMeanwhile):
        messages.error(
            request, _("The desk changed meanwhile, so nothing was loaded. Look again at what would happen.")
        )
        return _plan_page(request, upload, _plan(request, upload), form, status=409)
    messages.success(request, _("Drafts loaded: %(n)s. Nothing was published.") % {"n": len(versions)})
    if len(versions) == 1:
        return redirect("desk:version", versions[0].policy.key, versions[0].number)
    return redirect("desk:home")


def _plan(request: HttpRequest, upload: Upload) -> UploadPlan:
    return plan_upload(upload, request.user, timezone.localdate())  # type: ignore[arg-type]


def _kept(request: HttpRequest) -> Upload:
    """The policies that the page was about, as they came back with the form; nothing else keeps them."""
    try:
        content = base64.b64decode(request.POST.get("kept", ""), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    return read_upload("?", content)


def _files_page(
    request: HttpRequest, *, form: SendForm | None = None, faults: list[FileFault] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "release": Release.objects.only("number").order_by("-number").first(),
        "open_count": PolicyVersion.objects.open().count(),
        "form": (form or SendForm()) if may(request.user, Right.WRITE) else None,
        "faults": (faults or [])[:_SHOWN_FAULTS],
        "fault_count": len(faults or []),
    }
    return render(request, "desk/files/files.html", context, status=status)


def _faults_page(request: HttpRequest, upload: Upload) -> HttpResponse | None:
    """The page with everything that keeps this from being loaded; None where nothing does."""
    faults = [*upload.faults, *unfit(upload)]
    if not faults:
        return None
    faults.sort(key=lambda fault: (fault.file, fault.line, fault.column))
    return _files_page(request, faults=faults, status=422)


def _plan_page(
    request: HttpRequest, upload: Upload, plan: UploadPlan, form: Reason | None = None, status: int = 200
) -> HttpResponse:
    texts = {f"policies/{one.key}.yaml": upload.policies[one.key].text for one in plan.offered}
    chosen = (
        set(request.POST.getlist("take")) if form is not None else {one.key for one in plan.offered if one.is_ticked}
    )
    context = {
        "plan": plan,
        "groups": _groups(plan, chosen),
        "in_the_way": plan.with_fate(Fate.IN_THE_WAY),
        "unchanged": plan.with_fate(Fate.UNCHANGED),
        "passed_over": upload.passed_over,
        "kept": base64.b64encode(write_archive(texts, timezone.localtime())).decode() if texts else "",
        "form": form or Reason(needed=True, name="load"),
    }
    return render(request, "desk/files/plan.html", context, status=status)


def _groups(plan: UploadPlan, chosen: set[str]) -> list[tuple[Fate, str, list[tuple[Any, bool]]]]:
    titles = {
        Fate.CHANGED: _("Changed: a draft begins from what is in force"),
        Fate.NEW: _("New: the policy is not in force yet"),
        Fate.OWN_DRAFT: _("Your own draft says something else: the file would become its next saved state"),
        Fate.OLDER: _("As an earlier version: the file may be out of date"),
    }
    found = [
        (fate, title, [(one, one.key in chosen) for one in plan.with_fate(fate)]) for fate, title in titles.items()
    ]
    return [group for group in found if group[2]]


def _attached(name: str, content: bytes, content_type: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


urlpatterns = [
    path("files/", files, name="files"),
    path("files/catalogue.zip", catalogue, name="files_catalogue"),
    path("files/catalogue-with-drafts.zip", catalogue_with_drafts, name="files_with_drafts"),
    path("files/look/", look, name="files_look"),
    path("files/load/", load, name="files_load"),
    path("policies/<slug:key>/<int:number>/file/", one_version, name="version_file"),
]
