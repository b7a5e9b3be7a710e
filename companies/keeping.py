"""The pages by which a visitor keeps a company: by a link sent by e-mail, with an account, or not at all."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from companies.actions import visits
from companies.forms import LinkForm
from companies.models import Visit, VisitKey
from companies.models.tokens import digest_of_token
from companies.rates import count_one_more
from companies.visitors import address_of, hold, signed_in_or_holding

# Links in an hour: to one mailbox, of one company, and from one network, which many people may share.
TO_ONE_MAILBOX, OF_ONE_COMPANY, FROM_ONE_NETWORK = 3, 5, 30


@signed_in_or_holding
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """How to keep a company that a browser holds; sends a link to the address that is typed, whosever it is.

    Nothing here says whether an address has an account: it is not looked up.
    """
    visit = _visit_or_404(request, public_id)
    form = LinkForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            refused = _refused(request, visit, form.cleaned_data["email"])
            if not refused:
                messages.success(request, _("The link is on its way. It can be used once, within seven days."))
                return redirect("companies:keep_visit", public_id)
            form.add_error("email", refused)
            status = 429
    context = {
        "company": visit.company,
        "visit": visit,
        "form": form,
        "links": visit.keys.filter(pk__in=VisitKey.objects.open_links().values("pk")).select_related("letter"),
        "has_no_mail": settings.EMAIL_BACKEND.endswith(".console.EmailBackend"),
    }
    return render(request, "companies/keep.html", context, status=status)


def _refused(request: HttpRequest, visit: Visit, email: str) -> str:
    """Send the link; why it was not sent, nothing where it was."""
    counts = (
        (f"links:to:{digest_of_token(email.lower())}", TO_ONE_MAILBOX),
        (f"links:of:{visit.pk}", OF_ONE_COMPANY),
        (f"links:from:{address_of(request)}", FROM_ONE_NETWORK),
    )
    over = [name for name, most in counts if count_one_more(name, seconds=3600) > most]
    if over:
        return _(
            "Several links were asked for within the last hour. Please look into the mailbox, or try again in an hour."
        )
    visits.send_link(visit=visit, to=email)
    return ""


@signed_in_or_holding
@require_POST
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End all links that were sent for this company."""
    visits.withdraw_links(visit=_visit_or_404(request, public_id))
    messages.success(request, _("The links that were sent do not work any more."))
    return redirect("companies:keep_visit", public_id)


@signed_in_or_holding
@require_POST
def erase(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take away the company and all that was said of it; only for whoever holds it without an account."""
    visits.erase(visit=_visit_or_404(request, public_id))
    messages.success(request, _("Everything you told us about this company is erased, with its reports."))
    return redirect("home")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, secret: str) -> HttpResponse:
    """Go on with a company on this device. Only a press of the button uses the link up: mail programs open links by themselves."""
    if request.method != "POST":
        found = VisitKey.objects.opened_with(secret).first()
        company = found.visit.company if found else None
        return _private(render(request, "companies/resume.html", {"company": company}, status=200 if found else 404))
    used = visits.use_link(secret=secret)
    if used is None:
        return _private(render(request, "companies/resume.html", {"company": None}, status=404))
    company, held = used
    if request.user.is_authenticated:
        visits.claim(visits=Visit.objects.filter(company=company), by=request.user)
        messages.success(
            request, _("“%(name)s” is now among your companies, with all your answers.") % {"name": company.name}
        )
    else:
        hold(request, held)
    return redirect(company)


def _private(page: HttpResponse) -> HttpResponse:
    page.headers["X-Robots-Tag"], page.headers["Referrer-Policy"] = "noindex, nofollow", "same-origin"
    return page


def _visit_or_404(request: HttpRequest, public_id: UUID) -> Visit:
    """The visit that this browser holds; for anybody else, and for companies with members, there is none."""
    return get_object_or_404(
        Visit.objects.held_by(request.user).select_related("company"), company__public_id=public_id
    )
