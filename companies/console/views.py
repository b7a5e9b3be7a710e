"""The console's pages about a partner, its keys and its usage."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from companies import actions, usage
from companies.actions.keys import OVERLAP, KeyOver, rotate_key
from companies.asking_first import ask_first
from companies.console.access import of_partner
from companies.console.forms import KeyForm
from companies.models import ApiKey, Partner


@login_required
@never_cache
@require_safe
def partners(request: HttpRequest) -> HttpResponse:
    """The partners that the person belongs to; to somebody of only one, that one."""
    found = list(Partner.objects.visible_to(request.user).order_by("name", "pk"))
    if len(found) == 1:
        return redirect("partner:overview", found[0].public_id)
    return render(request, "partner/partners.html", {"partners": found})


@of_partner
@require_safe
def overview(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Keys, usage by day, and limits."""
    now = timezone.now()
    context = {
        "partner": partner,
        "keys": list(partner.keys.usable(now)),
        "over": list(partner.keys.exclude(pk__in=partner.keys.usable(now).values("pk"))[:20]),
        "usage": usage.of(partner, until=timezone.localdate(now)),
        "rate": settings.API_RATE,
        "overlap_days": OVERLAP.days,
    }
    return render(request, "partner/overview.html", context)


# Whoever finds an unlocked screen makes no key: the password is asked for again.
@of_partner
@require_http_methods(["GET", "HEAD", "POST"])
def new_key(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Make a key, which is shown on the page that follows and never again."""
    return _new_key(request, partner)


@reauthentication_required(allow_get=True)
def _new_key(request: HttpRequest, partner: Partner) -> HttpResponse:
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key, secret = actions.make_key(partner=partner, by=request.user, **form.asked())
        return render(request, "partner/key_made.html", {"partner": partner, "key": key, "secret": secret})
    return render(
        request, "partner/key_new.html", {"partner": partner, "form": form}, status=422 if form.errors else 200
    )


@of_partner
@require_POST
def rotate(request: HttpRequest, partner: Partner, prefix: str) -> HttpResponse:
    """Make another key for the same, and let the old one end after the overlap."""
    return _rotate(request, partner, get_object_or_404(partner.keys, prefix=prefix))


@reauthentication_required
def _rotate(request: HttpRequest, partner: Partner, key: ApiKey) -> HttpResponse:
    try:
        fresh, secret = rotate_key(key=key, by=request.user)
    except KeyOver:
        messages.error(request, _("This key is over. Make another."))
        return redirect("partner:overview", partner.public_id)
    context = {"partner": partner, "key": fresh, "secret": secret, "old": ApiKey.objects.get(pk=key.pk)}
    return render(request, "partner/key_made.html", context)


@of_partner
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, partner: Partner, prefix: str) -> HttpResponse:
    """Ask first, then stop a key at once and for good."""
    key = get_object_or_404(partner.keys, prefix=prefix)
    if request.method != "POST":
        return ask_first(
            request,
            question=_("Revoke this key?"),
            happens=_(
                "Whatever uses %(key)s (%(label)s) is refused from the next request on. A revoked key never opens again; "
                "to change keys without a gap, rotate it instead."
            )
            % {"key": key.preview, "label": key.label},
            button=_("Revoke at once"),
            back=reverse("partner:overview", args=[partner.public_id]),
        )
    if actions.revoke_key(key=key, by=request.user):
        messages.success(request, _("The key %(key)s is revoked.") % {"key": key.preview})
    return redirect("partner:overview", partner.public_id)
