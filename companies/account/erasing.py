"""The pages on which a company or an account is given up, and kept after all."""

from __future__ import annotations

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from companies.actions import erasing as verbs
from companies.models import Company, Role


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def company(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What is erased with a company and what stays; an owner asks for it."""
    found = _owned_or_refused(request, public_id)
    return _company(request, found)


# Whoever finds an unlocked screen erases nothing: the password is asked for again.
@reauthentication_required(allow_get=True)
def _company(request: HttpRequest, company: Company) -> HttpResponse:
    agreed = request.POST.get("agreed") == "yes"
    if request.method == "POST" and agreed:
        verbs.ask_to_erase_company(company=company, by=request.user)
        messages.success(request, _("The company will be erased. Until then you can keep it after all."))
        return redirect(company)
    context = {"company": company, "days": verbs.COOLING_OFF.days, "not_agreed": request.method == "POST"}
    return render(
        request, "companies/account/erase_company.html", context, status=422 if context["not_agreed"] else 200
    )


@login_required
@require_POST
def keep_company(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Not to be erased after all."""
    found = _owned_or_refused(request, public_id)
    if verbs.keep_company(company=found, by=request.user):
        messages.success(request, _("The company is kept. Nothing was erased."))
    return redirect(found)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """What is erased with an account and what stays; asking for it."""
    return _account(request)


@reauthentication_required(allow_get=True)
def _account(request: HttpRequest) -> HttpResponse:
    agreed = request.POST.get("agreed") == "yes"
    if request.method == "POST" and agreed:
        try:
            verbs.ask_to_erase_account(user=request.user)
        except verbs.StillNeeded:
            agreed = False
        else:
            messages.success(request, _("Your account will be erased. Until then you can keep it after all."))
            return redirect("account:home")
    context = {
        "needed": verbs.needed_in(request.user),
        "alone": verbs.alone_in(request.user),
        "days": verbs.COOLING_OFF.days,
        "not_agreed": request.method == "POST" and not agreed,
    }
    return render(request, "companies/account/erase.html", context, status=422 if context["not_agreed"] else 200)


@login_required
@require_POST
def keep_account(request: HttpRequest) -> HttpResponse:
    """Not to be erased after all."""
    if verbs.keep_account(user=request.user):
        messages.success(request, _("Your account is kept. Nothing was erased."))
    return redirect("account:home")


def _owned_or_refused(request: HttpRequest, public_id: UUID) -> Company:
    visible = Company.objects.visible_to(request.user).with_role_of(request.user)
    found = get_object_or_404(visible, public_id=public_id)
    if found.role != Role.OWNER:
        raise PermissionDenied
    return found
