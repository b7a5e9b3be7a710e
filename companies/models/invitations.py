"""Invitations: that the holder of an e-mail address may take part in a company, until the letter is used, over or taken back."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models.letters import Letter
from companies.models.people import Company, Role
from companies.models.tokens import digest_of_token, is_token

LIFE = timedelta(days=7)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Questions about invitations."""

    def open(self) -> Self:
        """Those that can be accepted."""
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=timezone.now())

    def held(self, token: str) -> Invitation | None:
        """The open invitation with this text; one that never was and one that is over look alike."""
        if not is_token(token):
            return None
        return self.open().select_related("company").filter(digest=digest_of_token(token)).first()


class Invitation(models.Model):
    """One letter to one address: only the digest of the link in it is kept."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="invitations", editable=False)
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=10, choices=Role)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    # With the link in it; NULL once it is forgotten.
    letter = models.ForeignKey(Letter, on_delete=models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("ends"))
    used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [models.CheckConstraint(condition=models.Q(role__in=Role.values), name="invitation_role_known")]

    def __str__(self) -> str:
        return f"invitation {self.public_id}"
