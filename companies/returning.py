"""Back to where somebody came from: small forms stand on many pages, and lead back to the one they were sent from."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def way_back(request: HttpRequest, otherwise: str) -> str:
    """The address on this site that the form or link names as `next`; `otherwise` where it names none, or another site."""
    named = request.POST.get("next") or request.GET.get("next") or ""
    # Only paths of this site: a form that leads elsewhere would lend our name to others.
    safe = named.startswith("/") and url_has_allowed_host_and_scheme(named, allowed_hosts=None)
    return named if safe else otherwise
