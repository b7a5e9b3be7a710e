"""Webhooks: the endpoints of partners, events that are news for them (the outbox), and deliveries, which are jobs."""

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from companies.models.jobs import Job, JobQuerySet, job_constraints, job_indexes
from companies.models.partners import Partner
from matching.webhooks.posting import Outcome


class EventKind(models.TextChoices):
    """What partners can be told of."""

    MATCH_DONE = "match.done", _("a match was done")
    BATCH_DONE = "batch.done", _("a batch was done")
    CHANGES_FOUND = "changes.found", _("changes were found for companies")
    TEST = "webhook.test", _("a test")


# What an endpoint can choose; a test comes only to the endpoint that is tested.
CHOSEN_KINDS = tuple(kind for kind in EventKind if kind is not EventKind.TEST)


class Stopped(models.TextChoices):
    """Why nothing is sent to an endpoint."""

    PARTNER = "partner", _("switched off by the partner")
    GONE = "gone", _("the receiver answered 410: it is gone for good")
    FAILING = "failing", _("the receiver took nothing for three days")


OUTCOMES = {
    Outcome.RECEIVED: _("received"),
    Outcome.GONE: _("answered 410: gone for good"),
    Outcome.REFUSED: _("answered something other than 2xx"),
    Outcome.REDIRECTED: _("answered with a redirect, which is not followed"),
    Outcome.TIMED_OUT: _("did not answer in time"),
    Outcome.UNREACHABLE: _("could not be reached"),
    Outcome.NO_TLS: _("has no certificate that could be trusted"),
    Outcome.NOT_PUBLIC: _("its name leads to an address that is not public"),
}


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    """Questions about endpoints; every door starts with the first."""

    def visible_to_partner(self, partner: Partner) -> Self:
        """Only the endpoints of this partner."""
        return self.filter(partner=partner)

    def sending(self) -> Self:
        """Those to which something is sent: switched on, and the partner may use the API."""
        return self.filter(stopped_at=None, partner__is_active=True)


class WebhookEndpoint(models.Model):
    """An address of a partner that is told of some kinds of events."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="webhook_endpoints")
    url = models.CharField(_("address"), max_length=600)
    kinds = models.JSONField(_("what it is told of"), default=list)
    label = models.CharField(_("what it is for"), max_length=100, blank=True)
    # Sealed: signing needs the secret itself, so a digest would not do.
    sealed_secret = models.TextField(editable=False)
    # While receivers change over after a rotation, everything is signed with both.
    sealed_earlier_secret = models.TextField(blank=True, default="", editable=False)
    earlier_until = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    stopped_at = models.DateTimeField(null=True, editable=False)
    stopped_why = models.CharField(max_length=10, choices=Stopped, blank=True, default="", editable=False)
    # When the partner's contact was written to about that; NULL while the letter is still to be sent.
    told_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        constraints = [
            models.CheckConstraint(condition=~Q(sealed_secret=""), name="webhook_endpoint_has_a_secret"),
            models.CheckConstraint(
                condition=Q(stopped_at=None, stopped_why="")
                | Q(stopped_at__isnull=False, stopped_why__in=Stopped.values),
                name="webhook_endpoint_stopped_says_why",
            ),
            models.CheckConstraint(
                condition=Q(sealed_earlier_secret="", earlier_until=None)
                | (~Q(sealed_earlier_secret="") & Q(earlier_until__isnull=False)),
                name="webhook_endpoint_earlier_secret_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"webhook endpoint {self.public_id}"

    def clean(self) -> None:
        """Refuse kinds that do not exist, and an endpoint that is told of nothing."""
        if not isinstance(self.kinds, list) or not self.kinds or set(map(str, self.kinds)) - set(CHOSEN_KINDS):
            raise ValidationError({"kinds": _("Choose at least one of the kinds of events.")})

    @property
    def is_sending(self) -> bool:
        """Whether events are sent to it."""
        return self.stopped_at is None


class EventQuerySet(models.QuerySet["Event"]):
    """Questions about events."""

    def visible_to_partner(self, partner: Partner) -> Self:
        """Only what this partner was told of."""
        return self.filter(partner=partner)


class Event(models.Model):
    """News for one partner, written in the same commit as what it tells of. It carries ids and never a figure."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=EventKind)
    about = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["partner", "created_at"], name="event_partner_time")]
        constraints = [models.CheckConstraint(condition=Q(kind__in=EventKind.values), name="event_kind_known")]

    def __str__(self) -> str:
        return f"event {self.public_id}"

    def body(self) -> str:
        """What is sent: the same text at every attempt."""
        at = self.created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return json.dumps({"type": self.kind, "timestamp": at, "data": self.about}, separators=(",", ":"))


class DeliveryQuerySet(JobQuerySet):
    """Questions about deliveries."""

    def visible_to_partner(self, partner: Partner) -> Self:
        """Only deliveries to this partner's endpoints."""
        return self.filter(endpoint__partner=partner)

    def sendable(self, busy: Iterable[int] = ()) -> Self:
        """Due, and to an endpoint that is sent to and not among the busy ones; the longest-waiting first."""
        # Not by a join: claiming would then lock the endpoint's row as well.
        return self.runnable().filter(
            endpoint__in=WebhookEndpoint.objects.sending().exclude(pk__in=list(busy)).values("pk")
        )


class Delivery(Job):
    """One event to one endpoint: the job, and what came of the last attempt."""

    called = "delivery"

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    # Over all its lives: `attempt` begins anew when a delivery is replayed.
    attempts = models.PositiveIntegerField(default=0, editable=False)
    tried_at = models.DateTimeField(null=True, editable=False)
    outcome = models.CharField(
        max_length=20, choices=[(key.value, label) for key, label in OUTCOMES.items()], blank=True, default=""
    )
    code = models.PositiveSmallIntegerField(null=True, editable=False)
    milliseconds = models.PositiveIntegerField(null=True, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [*job_indexes("delivery"), models.Index(fields=["endpoint", "-id"], name="delivery_endpoint_newest")]
        constraints = [
            *job_constraints("delivery"),
            models.UniqueConstraint(fields=["event", "endpoint"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", *(key.value for key in OUTCOMES)]), name="delivery_outcome_known"
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.public_id}"

    @property
    def next_try(self) -> datetime | None:
        """When it is sent (again), for one that waits."""
        return self.run_after if self.state == "queued" else None


def outcome_said(outcome: str) -> Any:
    """The words for an outcome; "" before the first attempt."""
    return OUTCOMES[Outcome(outcome)] if outcome else ""
