"""The console's pages about webhook endpoints: keeping them, what was delivered, and sending it again."""

from __future__ import annotations

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from companies.asking_first import ask_first
from companies.console.access import of_partner
from companies.models import Partner
from matching.console.forms import EndpointForm, PeriodForm
from matching.jobs.notices import KEPT
from matching.models import Delivery, Event, WebhookEndpoint
from matching.webhooks import actions

ON_A_PAGE = 30


@of_partner
@require_http_methods(["GET", "HEAD", "POST"])
def endpoints(request: HttpRequest, partner: Partner) -> HttpResponse:
    """The partner's endpoints, and a form for another one, whose secret the next page shows once."""
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            endpoint, secret = actions.add_endpoint(partner=partner, **form.cleaned_data)
        except ValidationError as fault:
            form.refuse(fault)
        else:
            return _secret_shown(request, partner, endpoint, secret)
    found = WebhookEndpoint.objects.visible_to_partner(partner)
    context = {"partner": partner, "endpoints": found, "form": form, "most": actions.MOST_ENDPOINTS}
    return render(request, "partner/webhooks.html", context, status=422 if form.errors else 200)


@of_partner
@require_http_methods(["GET", "HEAD", "POST"])
def endpoint(request: HttpRequest, partner: Partner, endpoint: UUID) -> HttpResponse:
    """One endpoint: how it is, its log, and what can be done."""
    row = _found(partner, endpoint)
    form = EndpointForm(request.POST or None, initial={"url": row.url, "label": row.label, "kinds": row.kinds})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_endpoint(endpoint=row, **form.cleaned_data)
        except ValidationError as fault:
            form.refuse(fault)
        else:
            messages.success(request, _("Saved."))
            return _back(row)
    return _page(request, partner, row, form=form)


@of_partner
@require_POST
def switch(request: HttpRequest, partner: Partner, endpoint: UUID) -> HttpResponse:
    """Switch it off, or on again."""
    row = _found(partner, endpoint)
    (actions.switch_off if row.is_sending else actions.switch_on)(endpoint=row)
    return _back(row)


@of_partner
@require_POST
def test(request: HttpRequest, partner: Partner, endpoint: UUID) -> HttpResponse:
    """Queue a test; the log shows what came of it."""
    row = _found(partner, endpoint)
    try:
        actions.send_test(endpoint=row)
    except actions.EndpointStopped:
        _say_stopped(request)
    else:
        messages.success(request, _("A test is on its way. Look at the log below in a moment."))
    return _back(row)


@of_partner
@require_POST
def rotate(request: HttpRequest, partner: Partner, endpoint: UUID) -> HttpResponse:
    """Make another secret, shown on this page once; both sign until the overlap is over."""
    return _rotate(request, partner, _found(partner, endpoint))


@reauthentication_required
def _rotate(request: HttpRequest, partner: Partner, row: WebhookEndpoint) -> HttpResponse:
    row, secret = actions.rotate_secret(endpoint=row)
    return _secret_shown(request, partner, row, secret)


@of_partner
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, partner: Partner, endpoint: UUID) -> HttpResponse:
    """Ask first, then take it away with its log."""
    row = _found(partner, endpoint)
    if request.method != "POST":
        return ask_first(
            request,
            question=_("Remove this endpoint?"),
            happens=_(
                "Nothing more is sent to %(url)s, and its secret and its log of deliveries are erased. "
                "To pause it only, switch it off instead."
            )
            % {"url": row.url},
            button=_("Remove the endpoint with its log"),
            back=reverse("partner:webhook", args=[partner.public_id, row.public_id]),
        )
    actions.remove_endpoint(endpoint=row)
    messages.success(request, _("The endpoint is removed."))
    return redirect("partner:webhooks", partner.public_id)


@of_partner
@require_POST
def replay(request: HttpRequest, partner: Partner, endpoint: UUID) -> HttpResponse:
    """Send again one event, or those of some days."""
    row = _found(partner, endpoint)
    if "event" in request.POST:
        events = Event.objects.visible_to_partner(partner)
        try:
            wanted = {"event": get_object_or_404(events, public_id=request.POST["event"])}
        except ValidationError:
            return _back(row)
    else:
        period = PeriodForm(request.POST)
        if not period.is_valid():
            return _page(request, partner, row, period=period, status=422)
        wanted = period.period()
    try:
        queued = actions.replay(endpoint=row, **wanted)
    except actions.EndpointStopped:
        _say_stopped(request)
    else:
        messages.success(request, _("Events that are sent again: %(n)s.") % {"n": queued})
    return _back(row)


def _page(
    request: HttpRequest,
    partner: Partner,
    row: WebhookEndpoint,
    *,
    form: EndpointForm | None = None,
    period: PeriodForm | None = None,
    status: int = 200,
) -> HttpResponse:
    today = timezone.localdate()
    log = Paginator(Delivery.objects.filter(endpoint=row).select_related("event").order_by("-pk"), ON_A_PAGE)
    form = form or EndpointForm(initial={"url": row.url, "label": row.label, "kinds": row.kinds})
    context = {
        "partner": partner,
        "in_webhooks": True,
        "endpoint": row,
        "form": form,
        "period": period or PeriodForm(initial={"first": today, "last": today}),
        "page": log.get_page(request.GET.get("page")),
        "days_kept": KEPT.days,
        "overlap_hours": int(actions.OVERLAP.total_seconds() // 3600),
    }
    return render(request, "partner/webhook.html", context, status=422 if form.errors else status)


def _secret_shown(request: HttpRequest, partner: Partner, row: WebhookEndpoint, secret: str) -> HttpResponse:
    context = {"partner": partner, "in_webhooks": True, "endpoint": row, "secret": secret}
    return render(request, "partner/webhook_secret.html", context)


def _found(partner: Partner, endpoint: UUID) -> WebhookEndpoint:
    return get_object_or_404(
        WebhookEndpoint.objects.visible_to_partner(partner).select_related("partner"), public_id=endpoint
    )


def _back(row: WebhookEndpoint) -> HttpResponse:
    return redirect("partner:webhook", row.partner.public_id, row.public_id)


def _say_stopped(request: HttpRequest) -> None:
    messages.error(request, _("Nothing is sent to this endpoint. Switch it on first."))
