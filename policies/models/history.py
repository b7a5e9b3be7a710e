"""What was done with policies, by whom, when and why. Rows are added and never change (migration 0004 adds triggers)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.models import ChainedLine
from policies.models.editions import Policy
from policies.models.releases import Release


class Deed(models.TextChoices):
    """One thing done with a version."""

    BEGUN = "begun", _("draft begun")
    SAVED = "saved", _("draft saved")
    REBASED = "rebased", _("compared with the version now in force")
    DISCARDED = "discarded", _("draft thrown away")
    SENT = "sent", _("sent to review")
    COMMENTED = "commented", _("comment")
    RETURNED = "returned", _("returned to the author")
    APPROVED = "approved", _("approved")
    PLANNED = "planned", _("publication planned")
    UNPLANNED = "unplanned", _("planned publication called off")
    HELD = "held", _("planned publication stopped: it has faults")
    PUBLISHED = "published", _("published")
    REPLACED = "replaced", _("replaced by a later version")
    WITHDRAWN = "withdrawn", _("withdrawn")
    RESTORED = "restored", _("restored from an earlier release")
    SET_ASIDE = "set_aside", _("finding set aside")
    TAKEN_UP = "taken_up", _("finding taken up again")


class HistoryLine(ChainedLine):
    """One line of the history: what was done with which version; digests of its content before and after."""

    SEALED_FIELDS = frozenset({"policy", "number", "deed", "by", "why", "before", "after", "release"})
    FROZEN_FIELDS = SEALED_FIELDS | {"at", "previous", "digest"}

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="history", verbose_name=_("policy"))
    # The number, not the row: a draft may be thrown away, its history stays.
    number = models.PositiveIntegerField(_("version"))
    deed = models.CharField(_("what"), max_length=10, choices=Deed)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who")
    )
    why = models.TextField(_("why"), blank=True)
    before = models.CharField(max_length=64, blank=True)
    after = models.CharField(max_length=64, blank=True)
    release = models.ForeignKey(
        Release, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("release")
    )

    class Meta(ChainedLine.Meta):
        abstract = False
        ordering = ["-pk"]
        verbose_name, verbose_name_plural = _("line of the history"), _("history")
        indexes = [models.Index(fields=["policy", "number"], name="history_of_version")]
        constraints = [models.CheckConstraint(condition=Q(deed__in=Deed.values), name="history_deed_known")]

    def __str__(self) -> str:
        return f"history {self.pk}"
