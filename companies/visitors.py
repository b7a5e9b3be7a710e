"""Who is at the door without an account: the companies that their browser holds, in its session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import user_passes_test
from django.contrib.auth.middleware import get_user
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from companies.actions import visits
from companies.models import User, Visitor
from companies.models.visitors import KEPT, Visit

MARK = "held"
"""Its key in the session: the secrets of the visits that this browser holds, the newest last."""
MOST_HELD = 5
"""How many companies one browser can start: whoever needs more has an account."""
# Secrets of visits that are over are still among them.
_MOST_KEPT = 20


class VisitorMiddleware:
    """Gives somebody not signed in what their browser holds: `request.user` is then a Visitor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: _actor(request))  # type: ignore[assignment]
        return self.get_response(request)


def _actor(request: HttpRequest) -> Any:
    user = get_user(request)
    return user if user.is_authenticated else Visitor(request.session.get(MARK, ()))


def _is_known(user: Any) -> bool:
    return bool(user.is_authenticated or getattr(user, "held", ()))


signed_in_or_holding = user_passes_test(_is_known)
"""For pages of companies: whoever neither signed in nor holds a company is sent to sign in. What one may see is said
by `visible_to` alone."""


def hold(request: HttpRequest, secret: str) -> None:
    """From now on this browser holds the visit with this secret, and is known for as long as a visit is kept."""
    request.session[MARK] = [*request.session.get(MARK, ()), secret][-_MOST_KEPT:]
    stay_known(request)
    request.user = Visitor(request.session[MARK])  # type: ignore[assignment]


def stay_known(request: HttpRequest) -> None:
    """A visitor answered: their session is kept for as long as their answers are."""
    if isinstance(request.user, Visitor):
        request.session.set_expiry(KEPT)


def address_of(request: HttpRequest) -> str:
    """The address that somebody comes from, as limits count it: of a network of IPv6 addresses its first half."""
    said = str(get_adapter().get_client_ip(request))
    return ":".join(said.split(":")[:4]) if ":" in said else said


@receiver(user_logged_in)
def take_along(sender: Any, request: HttpRequest | None, user: User, **_others: Any) -> None:
    """What somebody described before they signed in belongs to their account from now on."""
    held = request.session.pop(MARK, ()) if request is not None and hasattr(request, "session") else ()
    if request is None or not held:
        return
    for company in visits.claim(visits=Visit.objects.held_by(Visitor(held)), by=user):
        said = _("“%(name)s” is now among your companies, with all your answers.") % {"name": company.name}
        messages.success(request, said, fail_silently=True)
