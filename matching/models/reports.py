"""Reports: written once, kept byte for byte."""

import hashlib
import json
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from matching.models.requests import MatchRequest

if TYPE_CHECKING:
    from companies.models import Partner, User


class ReportChanged(Exception):
    """Someone tried to change a stored report; make a new match instead."""


class MatchReportQuerySet(models.QuerySet["MatchReport"]):
    """Questions about reports; a report is written once."""

    def visible_to(self, user: "User") -> Self:
        """Only the reports of companies this person may see."""
        return self.filter(request__company__in=Company.objects.visible_to(user))

    def visible_to_partner(self, partner: "Partner") -> Self:
        """Only the reports that this partner asked for, of companies that it may still see."""
        return self.filter(request__in=MatchRequest.objects.visible_to_partner(partner))

    def before(self, report: "MatchReport") -> Self:
        """The earlier reports of the same company, the nearest first."""
        return self.filter(request__company=report.request.company_id, pk__lt=report.pk).order_by("-pk")

    def update(self, **kwargs: Any) -> int:
        """Refused: a stored report never changes."""
        raise ReportChanged("A stored report never changes; ask for a new match.")

    def bulk_update(self, objs: Iterable["MatchReport"], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Refused: a stored report never changes."""
        raise ReportChanged("A stored report never changes; ask for a new match.")


class MatchReport(models.Model):
    """The answer to one match request: canonical JSON, kept byte for byte, with its SHA-256."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.OneToOneField(MatchRequest, on_delete=models.CASCADE, related_name="report", editable=False)
    content = models.TextField(editable=False)
    digest = models.CharField(max_length=64, editable=False)
    counts = models.JSONField(default=dict, editable=False)
    engine_version = models.CharField(max_length=20, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = MatchReportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("match report")
        verbose_name_plural = _("match reports")

    def __str__(self) -> str:
        return f"report {self.public_id}"

    def save(self, **kwargs: Any) -> None:
        """Write the report once; a second write is refused."""
        if not self._state.adding:
            raise ReportChanged("A stored report never changes; ask for a new match.")
        super().save(**kwargs)

    def get_absolute_url(self) -> str:
        """The report's page."""
        return reverse("matching:report", args=[self.public_id])

    def model(self) -> dict[str, Any]:
        """The report as data: what every rendering reads."""
        report: dict[str, Any] = json.loads(self.content)
        return report

    def is_intact(self) -> bool:
        """Whether the stored text still has the digest it was stored with."""
        return hashlib.sha256(self.content.encode()).hexdigest() == self.digest
