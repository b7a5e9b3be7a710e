"""The verbs of webhooks: each one is atomic, takes keywords and belongs to one partner."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from companies import security
from companies.models.partners import Partner
from matching.jobs import deliveries, outbox
from matching.models import ENDED, Delivery, Event, EventKind, State, Stopped, WebhookEndpoint
from matching.webhooks.addresses import AddressFault, read_address
from matching.webhooks.secrets import SEAL, new_secret

log = structlog.get_logger(__name__)

MOST_ENDPOINTS = 10
OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=7)
MOST_REPLAYED = 10_000


class EndpointStopped(Exception):
    """Nothing can be sent to an endpoint that is stopped; switch it on first."""


@transaction.atomic
def add_endpoint(*, partner: Partner, url: str, kinds: Iterable[str], label: str = "") -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its secret, which is shown now and never again; raises ValidationError."""
    Partner.objects.select_for_update().get(pk=partner.pk)  # two at once must not both be the last that fits
    if WebhookEndpoint.objects.filter(partner=partner).count() >= MOST_ENDPOINTS:
        raise ValidationError(
            _("A partner has at most %(most)s endpoints."), code="too_many", params={"most": MOST_ENDPOINTS}
        )
    secret = new_secret()
    endpoint = WebhookEndpoint(partner=partner, sealed_secret=SEAL.sealed(secret))
    _describe(endpoint, url=url, kinds=kinds, label=label)
    endpoint.save()
    log.info("webhook_endpoint_added", endpoint=str(endpoint.public_id))
    return WebhookEndpoint.objects.get(pk=endpoint.pk), secret


@transaction.atomic
def change_endpoint(
    *, endpoint: WebhookEndpoint, url: str | None = None, kinds: Iterable[str] | None = None, label: str | None = None
) -> WebhookEndpoint:
    """Another address, other kinds or another label; what is None stays. Raises ValidationError."""
    stored = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    _describe(
        stored,
        url=stored.url if url is None else url,
        kinds=stored.kinds if kinds is None else kinds,
        label=stored.label if label is None else label,
    )
    stored.save(update_fields=["url", "kinds", "label"])
    return stored


@transaction.atomic
def switch_on(*, endpoint: WebhookEndpoint) -> bool:
    """Send to the endpoint again, with its past forgiven; False when it was not stopped. What it missed is for `replay`."""
    stopped = WebhookEndpoint.objects.filter(pk=endpoint.pk).exclude(stopped_at=None)
    return bool(stopped.update(stopped_at=None, stopped_why="", told_at=None, failing_since=None))


@transaction.atomic
def switch_off(*, endpoint: WebhookEndpoint) -> bool:
    """Send nothing more to the endpoint, also not what waits; False when it was stopped before."""
    return deliveries.stop(endpoint, Stopped.PARTNER)


@transaction.atomic
def remove_endpoint(*, endpoint: WebhookEndpoint) -> None:
    """Take the endpoint away, with its deliveries."""
    endpoint.delete()
    log.info("webhook_endpoint_removed", endpoint=str(endpoint.public_id))


@transaction.atomic
def rotate_secret(*, endpoint: WebhookEndpoint, overlap: timedelta = OVERLAP) -> tuple[WebhookEndpoint, str]:
    """A new secret, shown now and never again; until the overlap is over, everything is signed with both."""
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise ValidationError(
            _("The overlap is from 0 to %(hours)s hours."),
            code="out_of_bounds",
            params={"hours": int(LONGEST_OVERLAP.total_seconds() // 3600)},
        )
    stored = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    secret = new_secret()
    stored.sealed_earlier_secret, stored.earlier_until = "", None
    if overlap:
        stored.sealed_earlier_secret, stored.earlier_until = stored.sealed_secret, timezone.now() + overlap
    stored.sealed_secret = SEAL.sealed(secret)
    stored.save(update_fields=["sealed_secret", "sealed_earlier_secret", "earlier_until"])
    security.note("webhook_secret_rotated", endpoint=str(endpoint.public_id))
    return stored, secret


@transaction.atomic
def send_test(*, endpoint: WebhookEndpoint) -> Delivery:
    """Queue a test for this endpoint only; it is tried once. Raises EndpointStopped."""
    if not WebhookEndpoint.objects.filter(pk=endpoint.pk, stopped_at=None).exists():
        raise EndpointStopped
    event = Event.objects.create(
        partner=endpoint.partner, kind=EventKind.TEST, about={"endpoint": str(endpoint.public_id)}
    )
    outbox.deliver([event], [endpoint], attempts=1)
    return Delivery.objects.select_related("event").get(event=event, endpoint=endpoint)


@transaction.atomic
def replay(
    *,
    endpoint: WebhookEndpoint,
    event: Event | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """Send again one event, or all of a period that the endpoint is told of, under their ids; how many.

    Also what it never got because it was stopped. What waits or is under way is left alone. Raises EndpointStopped.
    """
    if not WebhookEndpoint.objects.filter(pk=endpoint.pk, stopped_at=None).exists():
        raise EndpointStopped
    events = Event.objects.visible_to_partner(endpoint.partner)
    if event is not None:
        events = events.filter(pk=event.pk)
    else:
        events = events.filter(kind__in=endpoint.kinds)
        events = events.filter(created_at__gte=since) if since is not None else events
        events = events.filter(created_at__lt=until) if until is not None else events
    chosen = list(events.order_by("pk").values_list("pk", flat=True)[:MOST_REPLAYED])
    queued = 0
    for at in range(0, len(chosen), 500):
        queued += _queue(endpoint, chosen[at : at + 500])
    log.info("webhooks_replayed", endpoint=str(endpoint.public_id), events=queued)
    return queued


def _queue(endpoint: WebhookEndpoint, events: list[int]) -> int:
    own = Delivery.objects.filter(endpoint=endpoint, event__in=events)
    there = set(own.values_list("event", flat=True))
    again = own.filter(state__in=ENDED).update(
        state=State.QUEUED, attempt=0, max_attempts=deliveries.ATTEMPTS, run_after=Now(), finished_at=None, reason=""
    )
    missing = Event.objects.filter(pk__in=set(events) - there)
    return int(again) + outbox.deliver(missing, [endpoint])


def _describe(endpoint: WebhookEndpoint, *, url: str, kinds: Iterable[str], label: str) -> None:
    try:
        endpoint.url = read_address(url, local=settings.WEBHOOKS_LOCAL)
    except AddressFault as fault:
        said = fault.said
        # Said when it is shown: the API says it in both languages.
        words = lazy(lambda: said.said(get_language()), str)()
        raise ValidationError({"url": ValidationError(words, code="bad_url")}) from fault
    endpoint.kinds, endpoint.label = list(dict.fromkeys(kinds)), label
    endpoint.full_clean()
