"""Delivering webhooks: many receivers at once, no receiver in the way of another; what came of it, kept in rows.

Threads do what waits for the network and nothing else. Rows are claimed and written by the one who calls `step`.
"""

import contextlib
import secrets
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from companies.sealing import SealBroken
from matching.jobs.leases import (
    Lease,
    LeaseLost,
    claim_first,
    end_as_done,
    give_back,
    lease_length,
    named_in_the_log,
    renew,
)
from matching.jobs.tallies import count
from matching.models import Delivery, EventKind, Reason, State, Stopped, WebhookEndpoint
from matching.webhooks.posting import Answer, Outcome, post
from matching.webhooks.secrets import SEAL, signed_headers

log = structlog.get_logger(__name__)

# How long to wait after attempt 1, 2, …: three days and three hours in all, as Standard Webhooks proposes.
PAUSES = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
)  # fmt: skip
ATTEMPTS = len(PAUSES) + 1
# Events that failed together should not all come back in the same second.
JITTER = 0.1
PATIENCE = timedelta(days=3)
LONGEST_WISH = timedelta(hours=24)
# Deliveries at once to one receiver; to one that is slow or failing, so that it holds up only its own.
AT_ONCE, AT_ONCE_WHEN_UNWELL = 4, 1
SLOW_MILLISECONDS = 2_000

Send = Callable[[str, bytes, dict[str, str]], Answer]
_dice = secrets.SystemRandom()


def _post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    return post(url, body, headers, local=settings.WEBHOOKS_LOCAL)


@dataclass(slots=True)
class _Flight:
    """A delivery under way."""

    lease: Lease
    delivery: Delivery
    renewed: float


class Messenger:
    """Sends what is due. `step` again and again; `finish` before going."""

    def __init__(self, *, slots: int | None = None, send: Send = _post) -> None:
        self.slots = slots or settings.WEBHOOK_SLOTS
        self.send = send
        self.flights: dict[Future[Answer], _Flight] = {}
        self.unwell: set[int] = set()
        self.pool = ThreadPoolExecutor(self.slots, thread_name_prefix="webhook")

    def step(self, *, patience: float = 0.0) -> bool:
        """Start what is due, wait so long for an answer, keep what came; False when there was nothing to do."""
        # Asked first without a transaction: on SQLite each one takes turns with all who write.
        if Delivery.objects.sendable(self._busy()).exists():
            while len(self.flights) < self.slots and self._start():
                pass
        return self._keep(patience) or bool(self.flights)

    def finish(self) -> None:
        """Start nothing more, wait for what is under way, and keep what came of it."""
        while self.flights:
            self._keep(1.0)
        self.pool.shutdown()

    def _start(self) -> bool:
        lease = claim_first(Delivery.objects.sendable(self._busy()))
        if lease is None:
            return False
        delivery = Delivery.objects.select_related("event", "endpoint").get(pk=lease.row)
        try:
            headers, body = letter(delivery)
        except SealBroken:
            log.error("webhook_secret_unreadable", endpoint=str(delivery.endpoint.public_id))
            give_back(lease, reason=Reason.NOT_RECEIVED, detail="SealBroken", pause=_pause(delivery, None))
            return True
        future = self.pool.submit(self.send, delivery.endpoint.url, body, headers)
        self.flights[future] = _Flight(lease, delivery, time.monotonic())
        return True

    def _busy(self) -> list[int]:
        """Endpoints that have as much under way as they may."""
        flying = Counter(flight.delivery.endpoint_id for flight in self.flights.values())
        failing = {
            flight.delivery.endpoint_id for flight in self.flights.values() if flight.delivery.endpoint.failing_since
        }
        limits = {one: AT_ONCE_WHEN_UNWELL if one in self.unwell | failing else AT_ONCE for one in flying}
        return [one for one, count in flying.items() if count >= limits[one]]

    def _keep(self, patience: float) -> bool:
        if not self.flights:
            return False
        done, _flying = wait(self.flights, timeout=patience, return_when=FIRST_COMPLETED)
        for future in done:
            flight = self.flights.pop(future)
            answer = future.result()
            slow = answer.milliseconds > SLOW_MILLISECONDS
            (self.unwell.add if slow else self.unwell.discard)(flight.delivery.endpoint_id)
            try:
                with named_in_the_log(flight.delivery):
                    record(flight.lease, flight.delivery, answer)
            except LeaseLost:
                count("attempts:delivery:fenced")
        self._renew()
        return bool(done)

    def _renew(self) -> None:
        now, every = time.monotonic(), lease_length().total_seconds() / 3
        for flight in self.flights.values():
            if now - flight.renewed >= every:
                flight.renewed = now
                # Where somebody else has it, the answer will be fenced off.
                with contextlib.suppress(LeaseLost):
                    renew(flight.lease, done=0, total=0)


def letter(delivery: Delivery) -> tuple[dict[str, str], bytes]:
    """What is sent: headers signed now with each secret in force, and the body; raises SealBroken."""
    endpoint, now = delivery.endpoint, timezone.now()
    secrets_ = [SEAL.unsealed(endpoint.sealed_secret)]
    if endpoint.earlier_until is not None and now < endpoint.earlier_until:
        secrets_.append(SEAL.unsealed(endpoint.sealed_earlier_secret))
    body = delivery.event.body()
    headers = signed_headers(str(delivery.event.public_id), now, body, secrets_)
    return {**headers, "Content-Type": "application/json", "User-Agent": "Changce-Webhooks/1"}, body.encode()


@transaction.atomic
def record(lease: Lease, delivery: Delivery, answer: Answer) -> None:
    """Keep what came of an attempt, for the delivery and its endpoint; raises LeaseLost when it is no longer ours."""
    noted = {
        "attempts": delivery.attempts + 1,
        "tried_at": Now(),
        "outcome": answer.outcome.value,
        "code": answer.code,
        "milliseconds": answer.milliseconds,
    }
    endpoint = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id)
    count(f"webhooks:{answer.outcome.value}")
    if answer.outcome is Outcome.RECEIVED:
        end_as_done(lease, **noted)
        endpoint.exclude(failing_since=None).update(failing_since=None)
        return
    retry = answer.outcome is not Outcome.GONE
    pause = _pause(delivery, answer.retry_after)
    give_back(lease, reason=Reason.NOT_RECEIVED, detail=answer.outcome.value, retry=retry, pause=pause, **noted)
    log.info("webhook_not_received", outcome=answer.outcome, code=answer.code)
    if answer.outcome is Outcome.GONE:
        _stop(endpoint, Stopped.GONE)
    elif delivery.event.kind != EventKind.TEST:
        endpoint.update(failing_since=Coalesce("failing_since", Now()))
        _stop(endpoint.filter(failing_since__lte=Now() - PATIENCE), Stopped.FAILING)


def stop(endpoint: WebhookEndpoint, why: Stopped) -> bool:
    """Send nothing more to the endpoint; False when it was stopped before."""
    return _stop(WebhookEndpoint.objects.filter(pk=endpoint.pk), why)


def _stop(endpoints: models.QuerySet[WebhookEndpoint], why: Stopped) -> bool:
    chosen = list(endpoints.filter(stopped_at=None).values_list("pk", flat=True))
    stopped = WebhookEndpoint.objects.filter(pk__in=chosen).update(stopped_at=Now(), stopped_why=why, told_at=None)
    if stopped:
        waiting = Delivery.objects.filter(endpoint__in=chosen, state=State.QUEUED)
        waiting.update(state=State.CANCELLED, finished_at=Now())
        log.warning("webhook_endpoint_stopped", why=why.value, endpoints=stopped)
    return bool(stopped)


def _pause(delivery: Delivery, wish: float | None) -> timedelta:
    """How long until the next attempt: longer each time, at least as long as the receiver asked, up to a day."""
    usual = PAUSES[min(delivery.attempt, len(PAUSES)) - 1] * (1 + _dice.uniform(0, JITTER))
    return usual if wish is None else max(usual, min(timedelta(seconds=min(wish, 1e6)), LONGEST_WISH))
