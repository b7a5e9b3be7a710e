"""What a look through the whole catalogue found on a day, and which findings somebody has set aside."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import FrozenQuerySet, FrozenRow
from policies.models.releases import Release


class HealthCheck(models.Model):
    """The findings over one release as of one day, as `lint.WorkItem` writes them; can be made again at any time."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="+", verbose_name=_("release"))
    day = models.DateField(_("day"))
    items = models.JSONField(_("findings"), default=list)
    made_at = models.DateTimeField(_("made"), auto_now=True)

    class Meta:
        ordering = ["-release__number", "-day"]
        get_latest_by = ["release__number", "day"]
        verbose_name, verbose_name_plural = _("health check"), _("health checks")
        constraints = [models.UniqueConstraint(fields=["release", "day"], name="one_health_check_a_day")]

    def __str__(self) -> str:
        return f"health of {self.release_id} on {self.day}"


class SetAsideQuerySet(FrozenQuerySet):
    """Questions about findings set aside."""

    def standing(self, day: date) -> dict[str, SetAside]:
        """The findings that are set aside on the day, by their key: the last word on each counts."""
        last = {row.finding: row for row in self.select_related("by").order_by("pk")}
        return {finding: row for finding, row in last.items() if row.until is not None and day <= row.until}


class SetAside(FrozenRow):
    """One word on a finding: not before this day (its last day included), or (no day) taken up again. Never changes."""

    FROZEN_FIELDS = frozenset({"finding", "until", "why", "by", "at"})

    finding = models.CharField(_("finding"), max_length=64, db_index=True)
    until = models.DateField(_("until"), null=True, blank=True)
    why = models.TextField(_("why"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = SetAsideQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        ordering = ["pk"]
        verbose_name, verbose_name_plural = _("finding set aside"), _("findings set aside")

    def __str__(self) -> str:
        return f"{self.finding[:12]} until {self.until}"
