"""The members of a company: invite, change, end, leave; and accepting an invitation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.core.ratelimit import respond_429
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from companies.actions import members as verbs
from companies.asking_first import ask_first
from companies.forms import MemberForm
from companies.guessing import count_miss, guesses_too_much
from companies.models import Company, Invitation, Membership, Role


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def members(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Who takes part and who is invited; an owner invites somebody by their address."""
    company = _company_or_404(request, public_id)
    if request.method != "POST":
        return render(request, "companies/members/list.html", _listed(company, MemberForm()))
    _owners_only(company)
    form = MemberForm(request.POST)
    if form.is_valid():
        try:
            return _invited(request, *verbs.invite(company=company, by=request.user, **form.cleaned_data))
        except verbs.TakesPartAlready:
            form.add_error("email", _("Somebody with this address takes part already; see the list."))
        except verbs.TooManyInvitations:
            form.add_error(None, _said_too_many())
    return render(request, "companies/members/list.html", _listed(company, form), status=422)


def _invited(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """The link, shown this once: for whoever does not want to wait for the letter."""
    context = {
        "company": invitation.company,
        "invitation": invitation,
        "address": request.build_absolute_uri(reverse("invitation", args=[token])),
    }
    return render(request, "companies/members/invited.html", context)


@login_required
@never_cache
@require_POST
def invite_again(request: HttpRequest, public_id: UUID, invitation: UUID) -> HttpResponse:
    """Another letter with another link, in place of one that was not used."""
    company = _company_or_404(request, public_id)
    _owners_only(company)
    found = get_object_or_404(company.invitations.open(), public_id=invitation)
    try:
        return _invited(request, *verbs.invite_again(invitation=found, by=request.user))
    except verbs.TakesPartAlready:
        messages.error(request, _("Somebody with this address takes part already; see the list."))
    except verbs.TooManyInvitations:
        messages.error(request, _said_too_many())
    return redirect("companies:members", company.public_id)


@login_required
@require_POST
def change_role(request: HttpRequest, public_id: UUID, member: int) -> HttpResponse:
    """Let a member do more or less."""
    company = _company_or_404(request, public_id)
    _owners_only(company)
    membership = get_object_or_404(company.memberships.select_related("user", "company"), pk=member)
    role = request.POST.get("role", "")
    if role not in Role.values:
        messages.error(request, _("Choose one of the parts."))
        return redirect("companies:members", company.public_id)
    try:
        verbs.change_role(membership=membership, role=role, by=request.user)
    except verbs.LastOwner:
        messages.error(request, _said_last_owner())
    else:
        said = _("%(who)s is %(role)s now.")
        messages.success(request, said % {"who": membership.user.email, "role": membership.get_role_display()})
    return redirect("companies:members", company.public_id)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, public_id: UUID, member: int) -> HttpResponse:
    """Ask first, then end somebody's part; everybody may end their own."""
    company = _company_or_404(request, public_id)
    membership = get_object_or_404(company.memberships.select_related("user", "company"), pk=member)
    own = membership.user_id == request.user.pk
    if not own:
        _owners_only(company)
    if request.method != "POST":
        return _ask_before_removing(request, company, membership, own=own)
    try:
        verbs.end_membership(membership=membership, by=request.user)
    except verbs.LastOwner:
        messages.error(request, _said_last_owner())
        return redirect("companies:members", company.public_id)
    if own:
        messages.success(request, _("You do not take part in this company any more."))
        return redirect("companies:list")
    messages.success(request, _("%(who)s does not take part any more.") % {"who": membership.user.email})
    return redirect("companies:members", company.public_id)


def _ask_before_removing(request: HttpRequest, company: Company, membership: Membership, *, own: bool) -> HttpResponse:
    words = {"name": company.name, "who": membership.user.email}
    back = reverse("companies:members", args=[company.public_id])
    if own:
        return ask_first(
            request,
            question=_("Leave this company?"),
            happens=_(
                "You see nothing of “%(name)s” any more and are told of no changes. To come back you need an invitation. "
                "The owners get a letter."
            )
            % words,
            button=_("Leave this company"),
            back=back,
        )
    return ask_first(
        request,
        question=_("Remove this person?"),
        happens=_(
            "%(who)s sees nothing of “%(name)s” any more, at once, and gets a letter. What they entered stays. "
            "To let them come back, invite them again."
        )
        % words,
        button=_("Remove this person"),
        back=back,
    )


@login_required
@require_POST
def take_back(request: HttpRequest, public_id: UUID, invitation: UUID) -> HttpResponse:
    """End an invitation that was not used."""
    company = _company_or_404(request, public_id)
    _owners_only(company)
    found = get_object_or_404(company.invitations, public_id=invitation)
    if verbs.take_back(invitation=found, by=request.user):
        messages.success(request, _("The invitation is taken back. Its link opens nothing any more."))
    return redirect("companies:members", company.public_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation is about, and accepting it as the one whom it was sent to."""
    if guesses_too_much(request):
        return respond_429(request)
    found = Invitation.objects.held(token)
    if found is None:
        count_miss(request)
        raise Http404
    mine = request.user.is_authenticated and verbs.is_for(found, request.user)
    if request.method == "POST" and mine:
        if not verbs.accept(invitation=found, by=request.user):
            raise Http404
        messages.success(request, _("You take part in this company now."))
        return redirect(found.company)
    context = {"invitation": found, "mine": mine, "next": request.path}
    page = render(
        request, "companies/members/invitation.html", context, status=403 if request.method == "POST" else 200
    )
    page.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return page


def _listed(company: Company, form: MemberForm) -> dict[str, Any]:
    return {
        "company": company,
        "memberships": company.memberships.select_related("user"),
        "invitations": company.invitations.open().select_related("letter") if company.role == Role.OWNER else (),
        "roles": Role.choices,
        "form": form,
    }


def _company_or_404(request: HttpRequest, public_id: UUID) -> Company:
    visible = Company.objects.visible_to(request.user).with_role_of(request.user)
    return get_object_or_404(visible, public_id=public_id)


def _owners_only(company: Company) -> None:
    if company.role != Role.OWNER:
        raise PermissionDenied


def _said_too_many() -> str:
    return _("You have written as many invitations today as one may. Please go on tomorrow.")


def _said_last_owner() -> str:
    return _("A company needs an owner. Make somebody else an owner first, or delete the company.")
