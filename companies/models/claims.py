"""Claims: that whoever a partner gives a link to may take over a company that the partner sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models.partners import Basis, PartnerCompany
from companies.models.tokens import digest_of_token, is_token

LIFE = timedelta(days=14)


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Questions about claims."""

    def open(self) -> Self:
        """Those that can be used: of partners that may still see the company, which has no people of its own yet."""
        return self.filter(
            used_at=None,
            revoked_at=None,
            expires_at__gt=timezone.now(),
            link__ended_at=None,
            link__basis=Basis.SENT,
            link__partner__is_active=True,
            link__company__erase_at=None,
            link__company__memberships=None,
        )

    def held(self, token: str) -> Claim | None:
        """The open claim with this text; one that never was and one that is over look alike."""
        if not is_token(token):
            return None
        found = self.open().select_related("link__company", "link__partner")
        return found.filter(digest=digest_of_token(token)).first()


class Claim(models.Model):
    """One link for one company, used once: only the digest of its text is kept."""

    link = models.ForeignKey(PartnerCompany, on_delete=models.CASCADE, related_name="claims", editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("ends"))
    used_at = models.DateTimeField(null=True, editable=False)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("claim of a company")
        verbose_name_plural = _("claims of companies")

    def __str__(self) -> str:
        return f"claim {self.pk}"
