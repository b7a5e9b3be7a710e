"""The outbox: news for partners, written in the same commit as what they tell of, one delivery for each endpoint."""

from collections.abc import Iterable, Mapping
from itertools import groupby, product

from matching.jobs.deliveries import ATTEMPTS
from matching.models import Delivery, Event, EventKind, WebhookEndpoint


def announce(kind: EventKind, about: Mapping[str, str], *, partners: Iterable[int]) -> int:
    """Tell these partners, by their primary keys; how many deliveries that makes.

    To be called in the transaction of what is told. `about` holds ids: whoever may not read what they lead to learns
    nothing from them. Partners of whom no endpoint asked for this kind have no event.
    """
    endpoints = WebhookEndpoint.objects.filter(partner__in=partners, partner__is_active=True).order_by(
        "partner_id", "pk"
    )
    made = 0
    for partner, own in groupby(endpoints, key=lambda one: one.partner_id):
        asking = [one for one in own if kind in one.kinds]
        if asking:
            # Also where all of them are stopped: switched on again, they can have it by replay.
            event = Event.objects.create(partner_id=partner, kind=kind, about=dict(about))
            made += deliver([event], [one for one in asking if one.is_sending])
    return made


def deliver(events: Iterable[Event], endpoints: Iterable[WebhookEndpoint], *, attempts: int = ATTEMPTS) -> int:
    """Queue these events, which none of these endpoints has yet, for each of them; how many deliveries that makes."""
    pairs = product(events, endpoints)
    rows = [Delivery(event=event, endpoint=endpoint, max_attempts=attempts) for event, endpoint in pairs]
    return len(Delivery.objects.bulk_create(rows, ignore_conflicts=True))


def with_endpoints() -> list[int]:
    """The partners that have an endpoint at all, by primary key: for news that are costly to find."""
    active = WebhookEndpoint.objects.filter(partner__is_active=True)
    return list(active.order_by("partner_id").values_list("partner_id", flat=True).distinct())
