"""The account page, which leads to everything about an account, and the list of sign-ins."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from companies import security
from companies.account.sessions import network_of
from companies.models import Membership, Partner


@login_required
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Who one is here, how one signs in, what one takes part in, and the ways to change each."""
    authenticators = set(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    context = {
        "has_second_factor": Authenticator.Type.TOTP in authenticators,
        "memberships": Membership.objects.filter(user=request.user).select_related("company").order_by("company__name"),
        "partners": Partner.objects.visible_to(request.user).order_by("name", "pk"),
    }
    return render(request, "companies/account/home.html", context)


@login_required
@never_cache
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """Where the person is signed in."""
    found = sorted(UserSession.objects.purge_and_list(request.user), key=lambda one: one.created_at, reverse=True)
    here = request.session.session_key
    context = {"sessions": [(one, network_of(one), one.session_key == here) for one in found], "many": len(found) > 1}
    return render(request, "companies/account/sessions.html", context)


@login_required
@require_POST
def end_session(request: HttpRequest, session: int) -> HttpResponse:
    """Sign out somewhere else, at once."""
    found = get_object_or_404(UserSession, user=request.user, pk=session)
    found.end()
    security.note("session_ended", by=request.user.pk)
    messages.success(request, _("Signed out there."))
    return redirect("account:sessions")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here, at once."""
    others = UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key)
    for one in others:
        one.end()
    security.note("other_sessions_ended", by=request.user.pk)
    messages.success(request, _("Signed out everywhere but here."))
    return redirect("account:sessions")
