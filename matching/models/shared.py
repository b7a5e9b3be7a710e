"""Links by which somebody without an account reads one report, and when they were opened."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from companies.models.tokens import digest_of_token, is_token
from matching.models.reports import MatchReport

if TYPE_CHECKING:
    from companies.models import User


class Shows(models.TextChoices):
    """How much of the report a link shows; each shows what the one before it does."""

    VERDICTS = "verdicts", _("the verdicts only")
    AMOUNTS = "amounts", _("the verdicts and the amounts")
    FIGURES = "figures", _("everything, with the company's own figures")


class SharedLinkQuerySet(models.QuerySet["SharedLink"]):
    """Questions about links."""

    def visible_to(self, user: User) -> Self:
        """Only the links to reports of companies whose record this person may change."""
        return self.filter(report__request__company__in=Company.objects.editable_by(user))

    def live(self, now: datetime | None = None) -> Self:
        """Those that can be opened: neither revoked nor over."""
        return self.filter(revoked_at=None, expires_at__gt=now or timezone.now())

    def opened_with(self, token: str) -> SharedLink | None:
        """The link of this text; one that never was, is over, was revoked or is of a company about to be erased all look alike."""
        if not is_token(token):
            return None
        # By its hash: the database compares digests, so the time it takes tells nothing of the text.
        found = self.live().filter(digest=digest_of_token(token), report__request__company__erase_at=None)
        return found.select_related("report__request__company").first()


class SharedLink(models.Model):
    """A link to a report: only the digest of its text is kept, so the link itself is shown once, when it is made."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.ForeignKey(MatchReport, on_delete=models.CASCADE, related_name="shared_links", editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    note = models.CharField(_("for whom"), max_length=100, blank=True)
    shows = models.CharField(_("what it shows"), max_length=10, choices=Shows)
    named = models.BooleanField(_("with the company's name"))
    expires_at = models.DateTimeField(_("ends"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    opened = models.PositiveIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SharedLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("shared link")
        verbose_name_plural = _("shared links")
        constraints = [models.CheckConstraint(condition=models.Q(shows__in=Shows.values), name="link_shows_known")]

    def __str__(self) -> str:
        return f"shared link {self.public_id}"

    @property
    def is_live(self) -> bool:
        """Whether it can be opened."""
        return self.revoked_at is None and self.expires_at > timezone.now()


class LinkOpening(models.Model):
    """That a link was opened: when, in which language, and with what kind of program. No address is kept, see decision 12."""

    link = models.ForeignKey(SharedLink, on_delete=models.CASCADE, related_name="openings")
    at = models.DateTimeField(default=timezone.now)
    language = models.CharField(max_length=10)
    client = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"opening {self.pk}"
