"""The page that a claim opens: a person takes over a company that a partner sent."""

from __future__ import annotations

from allauth.core.ratelimit import respond_429
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from companies.actions.claims import take_over
from companies.guessing import count_miss, guesses_too_much
from companies.models import Claim


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, token: str) -> HttpResponse:
    """What is taken over, from whom, and whether the partner goes on seeing it: that is chosen, not given."""
    if guesses_too_much(request):
        return respond_429(request)
    found = Claim.objects.held(token)
    if found is None:
        count_miss(request)
        raise Http404
    keep = request.POST.get("keep")
    sent = request.method == "POST" and request.user.is_authenticated
    if sent and keep in ("yes", "no"):
        if not take_over(claim=found, keep_partner=keep == "yes", by=request.user):
            raise Http404
        messages.success(request, _("The company is yours now."))
        return redirect(found.link.company)
    context = {"link": found.link, "next": request.path, "not_chosen": sent}
    status = 422 if sent else 403 if request.method == "POST" else 200
    page = render(request, "companies/members/claim.html", context, status=status)
    page.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return page
