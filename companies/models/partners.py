"""Partners: parks, banks, incubators and one-stop windows that call the API, and the keys by which they are known."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KEY_MARK = "cck"
_KEY = re.compile(rf"{KEY_MARK}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})")


class Scope(models.TextChoices):
    """What a key may be used for."""

    CATALOGUE = "catalogue", _("read the catalogue")
    EVALUATE = "evaluate", _("evaluate a profile without storing it")
    COMPANIES = "companies", _("send companies and read their reports")
    BATCHES = "batches", _("send batches of companies")
    WEBHOOKS = "webhooks", _("keep webhooks")


class Partner(models.Model):
    """An organisation with its own programs."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    contact = models.EmailField(_("whom to write to"))
    is_active = models.BooleanField(_("may use the API"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")

    def __str__(self) -> str:
        return f"partner {self.public_id}"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Questions about keys."""

    def usable(self, now: datetime | None = None) -> Self:
        """Keys that are neither revoked nor over, of partners that may use the API."""
        now = now or timezone.now()
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=now), revoked_at=None, partner__is_active=True
        )

    def held(self, secret: str) -> ApiKey | None:
        """The usable key that this text is, or None; a text that is no key, is over or is mistyped all look alike."""
        if not isinstance(secret, str) or not _KEY.fullmatch(secret):
            return None
        # By its hash: the database compares digests, so the time it takes tells nothing of the secret.
        return self.usable().select_related("partner").filter(digest=digest_of_key(secret)).first()


class ApiKey(models.Model):
    """A key of a partner: only its digest is kept, so the key itself is shown once, when it is made."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="keys")
    label = models.CharField(_("what it is for"), max_length=100)
    # The part of the key that is no secret: by this people recognise it in lists and tickets.
    prefix = models.CharField(max_length=12, unique=True, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_on = models.DateField(_("last used on"), null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"key {self.prefix}"

    @property
    def preview(self) -> str:
        """What may be shown of the key: its beginning."""
        return f"{KEY_MARK}_{self.prefix}_…"

    def clean(self) -> None:
        """Refuse scopes that do not exist, and a key that may do nothing."""
        if not isinstance(self.scopes, list) or not self.scopes or set(map(str, self.scopes)) - set(Scope.values):
            raise ValidationError({"scopes": _("Choose at least one of the scopes.")})


def new_secret() -> tuple[str, str]:
    """A fresh prefix and the whole key: a mark to recognise it by, the prefix, and 256 random bits."""
    prefix = secrets.token_hex(6)
    return prefix, f"{KEY_MARK}_{prefix}_{secrets.token_urlsafe(32)}"


def digest_of_key(secret: str) -> str:
    """SHA-256: a key has 256 random bits, so there is nothing to guess and nothing to stretch."""
    return hashlib.sha256(secret.encode()).hexdigest()
