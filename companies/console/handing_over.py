"""The console's pages on which a partner hands the companies that it sent over to their own people."""

from __future__ import annotations

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.actions import claims
from companies.console.access import of_partner
from companies.models import Basis, Claim, Membership, Partner, PartnerCompany
from companies.models.partners import PartnerCompanyQuerySet

ON_A_PAGE = 25
NEWEST_TAKEN_OVER = 50


@of_partner
@require_safe
def companies(request: HttpRequest, partner: Partner) -> HttpResponse:
    """The companies that the partner sent, which of them have a link under way, and which were taken over."""
    # NUL is nothing that a database could look for.
    wanted = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    sent = _sent(partner).filter(Q(reference__icontains=wanted) | Q(company__name__icontains=wanted))
    used = Claim.objects.filter(link__partner=partner).exclude(used_at=None).select_related("link__company")
    context = {
        "partner": partner,
        "wanted": wanted,
        "page": Paginator(_with_state(sent), ON_A_PAGE).get_page(request.GET.get("page")),
        # Of a company that shows the partner nothing any more, no name: it may be another by now.
        "taken_over": used.order_by("-used_at", "-pk")[:NEWEST_TAKEN_OVER],
    }
    return render(request, "partner/companies.html", context)


def _sent(partner: Partner) -> PartnerCompanyQuerySet:
    return PartnerCompany.objects.visible_to_partner(partner).filter(basis=Basis.SENT).select_related("company")


def _with_state(links: PartnerCompanyQuerySet) -> PartnerCompanyQuerySet:
    """Each with `has_people`, and `open_until`: when the link ends that was made and not used, if there is one."""
    under_way = Claim.objects.filter(pk__in=Claim.objects.open().values("pk"), link=OuterRef("pk"))
    return links.annotate(
        has_people=Exists(Membership.objects.filter(company=OuterRef("company"))),
        open_until=Subquery(under_way.values("expires_at")[:1]),
    ).order_by("-since", "-pk")


@of_partner
@require_POST
def make_claim(request: HttpRequest, partner: Partner, company: UUID) -> HttpResponse:
    """A link for whoever takes the company over, shown on this page and never again."""
    return _make_claim(request, get_object_or_404(_sent(partner), company__public_id=company))


# Whoever finds an unlocked screen hands nothing over: the password is asked for again.
@reauthentication_required
def _make_claim(request: HttpRequest, link: PartnerCompany) -> HttpResponse:
    try:
        claim, token = claims.make_claim(link=link)
    except claims.HasPeople:
        messages.error(request, _("This company has people of its own already. Ask them to let you see it."))
        return redirect("partner:companies", link.partner.public_id)
    context = {
        "partner": link.partner,
        "link": link,
        "claim": claim,
        "address": request.build_absolute_uri(reverse("claim", args=[token])),
        "in_companies": True,
    }
    return render(request, "partner/claim_made.html", context)


@of_partner
@require_POST
def take_back_claim(request: HttpRequest, partner: Partner, company: UUID) -> HttpResponse:
    """End a link that was made and not used."""
    if claims.take_back_claims(link=get_object_or_404(_sent(partner), company__public_id=company)):
        messages.success(request, _("The link is taken back. It opens nothing any more."))
    return redirect("partner:companies", partner.public_id)
