"""Releases, and what was last loaded from files."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.models import FrozenRow


class Release(FrozenRow):
    """An immutable numbered snapshot of vocabulary, lists and all published versions; what the engine reads."""

    FROZEN_FIELDS = frozenset({"number", "digest", "snapshot", "changes", "created_by", "created_at"})

    number = models.PositiveIntegerField(_("number"), unique=True)
    digest = models.CharField(_("digest"), max_length=64)
    snapshot = models.JSONField(_("snapshot"))
    # Keys added, changed and removed against the release before: {"added": ["policies/cp-x"], "changed": [...], "removed": [...]}.
    changes = models.JSONField(_("changes"), default=dict)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("made by")
    )

    class Meta:
        base_manager_name = "objects"
        ordering = ["-number"]
        get_latest_by = "number"
        verbose_name, verbose_name_plural = _("release"), _("releases")
        constraints = [models.CheckConstraint(condition=Q(number__gte=1), name="release_counts_from_one")]

    def __str__(self) -> str:
        return f"release {self.number}"


class LoadedFile(models.Model):
    """A catalogue file as it was when last loaded, so that loading it again leaves later work at the desk alone."""

    name = models.CharField(max_length=120, primary_key=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["name"]
        verbose_name, verbose_name_plural = _("loaded file"), _("loaded files")

    def __str__(self) -> str:
        return self.name
