"""What the API answered to a request that came with an Idempotency-Key, so that the same request is answered the same."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from companies.models.partners import Partner

# How long an answer is kept: a partner's retries after a weekend still find it.
KEPT = timedelta(days=7)
# How long a request may be at work before another of the same key takes its place: its server has died.
LEASE = timedelta(seconds=60)


class KeptAnswerQuerySet(models.QuerySet["KeptAnswer"]):
    """Questions about kept answers; every time is compared with the database's clock."""

    def over(self) -> Self:
        """Those that have been kept long enough."""
        return self.filter(created_at__lt=Now() - KEPT)

    def abandoned(self) -> Self:
        """Those without an answer whose request is not at work any more."""
        return self.filter(status=None, lease_until__lt=Now())

    def held_with(self, token: uuid.UUID) -> Self:
        """The one that belongs to the request with this token, as long as no other has taken its place."""
        return self.filter(token=token)


class KeptAnswer(models.Model):
    """One key of one partner for one address: what was sent with it, and what was answered, byte for byte."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    sent = models.CharField(max_length=64)
    token = models.UUIDField(default=uuid.uuid4)
    # Until when the request counts as being at work; NULL when nothing more will come.
    lease_until = models.DateTimeField(null=True)
    # NULL while the first answer is not there.
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    objects = KeptAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["partner", "route", "key"], name="answer_once_per_key"),
            models.CheckConstraint(
                condition=Q(status__isnull=False) | Q(lease_until__isnull=False), name="answer_or_lease"
            ),
        ]

    def __str__(self) -> str:
        return f"kept answer {self.pk}"
