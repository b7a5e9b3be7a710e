"""Staff need a second factor before the administration or the desk opens."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

STAFF_PAGES = frozenset({"admin", "desk"})
# Signing in and out is possible without one.
OPEN_PAGES = frozenset({"admin:login", "admin:logout"})


class SecondFactorMiddleware:
    """Sends staff who have not set up a second factor there; superusers are no exception."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """A page of the staff: let through, or sent to set up; who is no staff gets the page's own answer."""
        page = request.resolver_match
        if page is None or not STAFF_PAGES.intersection(page.namespaces) or page.view_name in OPEN_PAGES:
            return None
        if not (request.user.is_authenticated and request.user.is_staff) or is_mfa_enabled(request.user):
            return None
        messages.warning(
            request,
            _("Staff sign in with a second factor. Set one up here, then open the page again."),
        )
        return redirect("mfa_activate_totp")
