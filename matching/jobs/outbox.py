"""The outbox: news for partners, written in the same commit as what they tell of, one delivery for each endpoint."""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby, product
from typing import Any

from companies.models import PartnerCompany
from matching.jobs.deliveries import ATTEMPTS
from matching.models import Batch, Delivery, Event, EventKind, MatchReport, MatchRequest, Run, WebhookEndpoint


def announce(kind: EventKind, about: Callable[[], Mapping[str, str]], *, partners: Any) -> int:
    """Tell these partners (primary keys, or a query for them); how many deliveries that makes.

    To be called in the transaction of what is told. `about` gives ids, and is asked only if anybody listens: whoever may
    not read what they lead to learns nothing from them. Partners of whom no endpoint asked for this kind have no event.
    """
    endpoints = WebhookEndpoint.objects.filter(partner__in=partners, partner__is_active=True).order_by(
        "partner_id", "pk"
    )
    told: Mapping[str, str] = {}
    made = 0
    for partner, own in groupby(endpoints, key=lambda one: one.partner_id):
        asking = [one for one in own if kind in one.kinds]
        if asking:
            told = told or about()
            # Also where all of them are stopped: switched on again, they can have it by replay.
            event = Event.objects.create(partner_id=partner, kind=kind, about=dict(told))
            made += deliver([event], [one for one in asking if one.is_sending])
    return made


def announce_match(report: MatchReport) -> None:
    """Tell the partner that asked, and may still see the company, that its match is done; in the report's transaction."""
    asked = report.request_id
    seeing = PartnerCompany.objects.in_force().filter(company__match_requests=asked, partner__match_requests=asked)

    def about() -> dict[str, str]:
        match = MatchRequest.objects.select_related("company").get(pk=report.request_id)
        company = match.company.public_id
        return {"match": str(match.public_id), "report": str(report.public_id), "company": str(company)}

    announce(EventKind.MATCH_DONE, about, partners=seeing.values("partner"))


def announce_changes(run: Run) -> None:
    """Tell each partner that it has news in the feed of changes, if it has; in the transaction that ends the run."""
    for partner in with_endpoints():
        seeing = PartnerCompany.objects.in_force().filter(partner=partner)
        if run.changes.filter(company__in=seeing.values("company")).exists():
            announce(EventKind.CHANGES_FOUND, lambda: {"run": str(run.public_id)}, partners=[partner])


def announce_batch(batch: Batch) -> None:
    """Tell the partner that its batch has ended, well or not; in the transaction that ends it."""
    announce(EventKind.BATCH_DONE, lambda: {"batch": str(batch.public_id)}, partners=[batch.partner_id])


def deliver(events: Iterable[Event], endpoints: Iterable[WebhookEndpoint], *, attempts: int = ATTEMPTS) -> int:
    """Queue these events, which none of these endpoints has yet, for each of them; how many deliveries that makes."""
    pairs = product(events, endpoints)
    rows = [Delivery(event=event, endpoint=endpoint, max_attempts=attempts) for event, endpoint in pairs]
    return len(Delivery.objects.bulk_create(rows, ignore_conflicts=True))


def with_endpoints() -> list[int]:
    """The partners that have an endpoint at all, by primary key: for news that are costly to find."""
    active = WebhookEndpoint.objects.filter(partner__is_active=True)
    return list(active.order_by("partner_id").values_list("partner_id", flat=True).distinct())
