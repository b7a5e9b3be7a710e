"""Policies and their versions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from policies.models.frozen import FrozenQuerySet, FrozenRow


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")


class Policy(models.Model):
    """A document (办法, 措施, 通知); what it says is in its versions."""

    key = models.CharField(_("key"), max_length=80, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["key"]
        verbose_name, verbose_name_plural = _("policy"), _("policies")

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        """The public page of the policy."""
        return reverse("policies:detail", args=[self.key])


class PolicyVersionQuerySet(FrozenQuerySet):
    """Questions about versions."""

    def published(self) -> PolicyVersionQuerySet:
        """The versions in force, at most one a policy."""
        return self.filter(state=State.PUBLISHED)

    def latest_first(self) -> PolicyVersionQuerySet:
        """Newest number first within each policy."""
        return self.order_by("policy__key", "-number")


class PolicyVersion(FrozenRow):
    """One edition of a policy's content. Once published, everything but the step to `retired` is frozen."""

    FROZEN_FIELDS = frozenset(
        [
            "policy",
            "number",
            "title_en",
            "title_zh",
            "issuer_en",
            "issuer_zh",
            "level",
            "status",
            "issued",
            "effective_from",
            "effective_to",
            "beneficiary",
            "content",
            "digest",
            "author",
            "reviewer",
            "published_at",
        ]
    )

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions", verbose_name=_("policy"))
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    # Copies of parts of `content`, so that lists can sort and search without opening it.
    title_en = models.CharField(_("title (English)"), max_length=400)
    title_zh = models.CharField(_("title (中文)"), max_length=400)
    issuer_en = models.CharField(_("issuer (English)"), max_length=300, blank=True)
    issuer_zh = models.CharField(_("issuer (中文)"), max_length=300, blank=True)
    level = models.CharField(_("level"), max_length=20)
    status = models.CharField(_("status"), max_length=30)
    issued = models.CharField(_("issued"), max_length=10, blank=True)
    effective_from = models.CharField(_("in force from"), max_length=10, blank=True)
    effective_to = models.CharField(_("in force to"), max_length=10, blank=True)
    beneficiary = models.CharField(_("beneficiary"), max_length=40)
    content = models.JSONField(_("content"))
    digest = models.CharField(_("digest"), max_length=64)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reviewer")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        ordering = ["policy__key", "-number"]
        verbose_name, verbose_name_plural = _("policy version"), _("policy versions")
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["policy"], condition=Q(state="published"), name="one_published_version"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="version_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "in_review"], published_at=None)
                | Q(state__in=["published", "retired"], published_at__isnull=False),
                name="version_published_when",
            ),
            models.CheckConstraint(
                condition=Q(state="retired", retired_at__isnull=False) | (~Q(state="retired") & Q(retired_at=None)),
                name="version_retired_when",
            ),
            models.CheckConstraint(
                condition=Q(author=None) | Q(reviewer=None) | ~Q(author=F("reviewer")), name="version_second_person"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="version_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.policy.key} v{self.number}"

    @classmethod
    def frozen_rows(cls) -> Q:
        """Published and retired versions."""
        return Q(state__in=[State.PUBLISHED, State.RETIRED])

    @staticmethod
    def columns(content: dict[str, Any]) -> dict[str, str]:
        """The copied columns of a policy as it stands in a catalogue file."""
        title, effective = content["title"], content.get("effective") or {}
        return {
            "title_en": title["en"],
            "title_zh": title["zh"],
            "issuer_en": (content.get("issuer") or {}).get("en", ""),
            "issuer_zh": (content.get("issuer") or {}).get("zh", ""),
            "level": content["level"],
            "status": content["status"],
            "issued": content.get("issued") or "",
            "effective_from": effective.get("from") or "",
            "effective_to": effective.get("to") or "",
            "beneficiary": content["beneficiary"],
        }
