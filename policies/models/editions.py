"""Policies and their versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from companies.models import FrozenQuerySet, FrozenRow


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

    def open(self) -> PolicyVersionQuerySet:
        """The versions being worked on, at most one a policy."""
        return self.filter(state__in=[State.DRAFT, State.IN_REVIEW])

    def approved(self) -> PolicyVersionQuerySet:
        """In review, and a second person said yes."""
        return self.filter(state=State.IN_REVIEW, reviewer__isnull=False)

    def due(self, day: date) -> PolicyVersionQuerySet:
        """Approved, and to be published on this day or before."""
        return self.approved().filter(publish_on__lte=day)

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
            "publisher",
            "based_on",
            "publish_on",
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
    publisher = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("publisher")
    )
    # What was in force when the draft was begun: somebody may publish another version meanwhile.
    based_on = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("begun from")
    )
    publish_on = models.DateField(_("to be published on"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        ordering = ["policy__key", "-number"]
        verbose_name, verbose_name_plural = _("policy version"), _("policy versions")
        permissions = [
            ("write_draft", "Can write drafts"),
            ("review_draft", "Can review drafts"),
            ("publish_version", "Can publish, withdraw and roll back"),
            ("see_aggregates", "Can see counts over all companies"),
            ("operate", "Can see how the background work goes, and run failed work again"),
        ]
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
            models.UniqueConstraint(
                fields=["policy"], condition=Q(state__in=["draft", "in_review"]), name="one_open_version"
            ),
            models.CheckConstraint(
                condition=~Q(state="draft") | Q(reviewer=None, publish_on=None), name="version_draft_not_approved"
            ),
            models.CheckConstraint(
                condition=Q(publish_on=None) | Q(publisher__isnull=False), name="version_planned_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy.key} v{self.number}"

    @classmethod
    def frozen_rows(cls) -> Q:
        """Published and retired versions."""
        return Q(state__in=[State.PUBLISHED, State.RETIRED])

    @staticmethod
    def columns(content: Mapping[str, Any]) -> dict[str, str]:
        """The copied columns of a policy as it stands in a catalogue file; of a half-written one, what is there."""
        title, issuer, effective = (_block(content, name) for name in ("title", "issuer", "effective"))
        found = {
            "title_en": title.get("en"),
            "title_zh": title.get("zh"),
            "issuer_en": issuer.get("en"),
            "issuer_zh": issuer.get("zh"),
            "level": content.get("level"),
            "status": content.get("status"),
            "issued": content.get("issued"),
            "effective_from": effective.get("from"),
            "effective_to": effective.get("to"),
            "beneficiary": content.get("beneficiary"),
        }
        widths = {name: PolicyVersion._meta.get_field(name).max_length for name in found}
        return {name: item[: widths[name]] if isinstance(item, str) else "" for name, item in found.items()}


def _block(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name)
    return found if isinstance(found, Mapping) else {}
