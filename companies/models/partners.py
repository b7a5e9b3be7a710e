"""Partners: parks, banks, incubators and one-stop windows that call the API, and the keys by which they are known."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from datetime import datetime
from typing import Any, Self

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


class PartnerQuerySet(models.QuerySet["Partner"]):
    """Questions about partners."""

    def visible_to(self, user: Any) -> Self:
        """Only the partners this person belongs to; nothing for somebody not signed in."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(pk__in=PartnerMember.objects.filter(user=user).values("partner"))


class Partner(models.Model):
    """An organisation with its own programs."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    contact = models.EmailField(_("whom to write to"))
    is_active = models.BooleanField(_("may use the API"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")

    def __str__(self) -> str:
        return f"partner {self.public_id}"


class PartnerMember(models.Model):
    """A person who belongs to a partner and keeps its keys and webhooks in the console."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="partner_memberships")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("person of a partner")
        verbose_name_plural = _("people of partners")
        constraints = [models.UniqueConstraint(fields=["partner", "user"], name="partner_member_once")]

    def __str__(self) -> str:
        return f"person {self.user_id} of partner {self.partner_id}"


class Basis(models.TextChoices):
    """Why a partner may see a company."""

    SENT = "sent", _("the partner sent it")
    CONSENT = "consent", _("the company agreed")


class PartnerCompanyQuerySet(models.QuerySet["PartnerCompany"]):
    """Questions about which partner may see which company; every door of the API starts with one of these."""

    def in_force(self) -> Self:
        """Those that nobody ended."""
        return self.filter(ended_at=None)

    def visible_to_partner(self, partner: Partner) -> Self:
        """What this partner may see: the companies it sent, and those that agreed, as long as nobody ended it.

        Nothing of a company that is about to be erased.
        """
        return self.in_force().filter(partner=partner, company__erase_at=None)

    def editable_by_partner(self, partner: Partner) -> Self:
        """What this partner may change: what it sent, until the company has people of its own who did not agree."""
        return self.visible_to_partner(partner).with_may_change().filter(may_change=True)

    def with_may_change(self) -> Self:
        """Each with `may_change`: whether the partner may change the company's record."""
        with_people = PartnerCompany.objects.filter(pk=models.OuterRef("pk"), company__memberships__isnull=False)
        agreed_or_alone = models.Q(agreed_at__isnull=False) | ~models.Q(models.Exists(with_people))
        may = models.Q(basis=Basis.SENT) & agreed_or_alone
        return self.annotate(
            may_change=models.Case(models.When(may, then=True), default=False, output_field=models.BooleanField())
        )


class PartnerCompany(models.Model):
    """That a partner may see a company: because it sent it, or because the company's own people agreed."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="companies", verbose_name=_("partner"))
    company = models.ForeignKey("companies.Company", on_delete=models.CASCADE, related_name="partners")
    # NULL, not "", for no number: what the partner calls the company is unique among what it may see.
    reference = models.CharField(  # noqa: DJ001
        _("the partner's own number"), max_length=100, null=True, blank=True
    )
    basis = models.CharField(_("why"), max_length=10, choices=Basis)
    since = models.DateTimeField(default=timezone.now)
    # Also for a company that was sent: it may have got people of its own since, and they agreed or did not.
    agreed_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = PartnerCompanyQuerySet.as_manager()

    may_change: bool
    """Whether the partner may change the record; there only after `with_may_change`."""

    class Meta:
        ordering = ["pk"]
        verbose_name = _("company of a partner")
        verbose_name_plural = _("companies of partners")
        constraints = [
            models.UniqueConstraint(fields=["partner", "company"], name="partner_company_once"),
            models.UniqueConstraint(
                fields=["partner", "reference"],
                condition=models.Q(ended_at=None) & models.Q(reference__isnull=False),
                name="partner_reference_once",
            ),
            models.CheckConstraint(condition=models.Q(basis__in=Basis.values), name="partner_company_basis_known"),
            models.CheckConstraint(
                condition=~models.Q(basis=Basis.CONSENT) | models.Q(agreed_at__isnull=False),
                name="partner_company_consent_has_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(reference=None) | ~models.Q(reference=""), name="partner_reference_null_or_filled"
            ),
        ]

    def __str__(self) -> str:
        return f"company {self.company_id} of partner {self.partner_id}"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Questions about keys."""

    def usable(self, now: datetime | None = None) -> Self:
        """Keys that are neither revoked nor over, of partners that may use the API."""
        now = now or timezone.now()
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=now), revoked_at=None, partner__is_active=True
        )

    def whatever_became_of(self, secret: str) -> ApiKey | None:
        """The key that this text is or was, also one that may not be used any more."""
        if not _KEY.fullmatch(secret):
            return None
        return self.select_related("partner").filter(digest=digest_of_key(secret)).first()

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
