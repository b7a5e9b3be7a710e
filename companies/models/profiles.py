"""What companies have answered, version by version, and what they typed that could not be read yet."""

import uuid
from typing import Any, NoReturn, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.facts import Profile, Vocabulary, read_profile
from companies.models.partners import Partner
from companies.models.people import Company
from companies.models.visitors import Visit


class AppendOnly(Exception):
    """Somebody tried to change or delete a profile version; make a new version instead."""


class ProfileVersionQuerySet(models.QuerySet["ProfileVersion"]):
    """Questions about profile versions; nothing here changes one."""

    def visible_to(self, user: Any) -> Self:
        """Only versions of companies this person may see."""
        return self.filter(company__in=Company.objects.visible_to(user))

    def visible_to_partner(self, partner: Partner) -> Self:
        """Only versions of companies this partner may see."""
        return self.filter(company__in=Company.objects.visible_to_partner(partner))

    def newest(self) -> Self:
        """Only the newest version of each company."""
        later = ProfileVersion.objects.filter(company=models.OuterRef("company"), number__gt=models.OuterRef("number"))
        return self.filter(~models.Exists(later))

    def of_population(self) -> Self:
        """Only the newest version of each company that somebody answers for: not what a visitor only tries out."""
        return self.newest().filter(~models.Exists(Visit.objects.filter(company=models.OuterRef("company"))))

    def update(self, **kwargs: Any) -> NoReturn:
        """Refused: versions are only added."""
        raise AppendOnly("A profile version never changes; save a new one.")

    def delete(self) -> NoReturn:
        """Refused: versions go only together with their company."""
        raise AppendOnly("A profile version is not deleted by itself.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: versions are only added."""
        raise AppendOnly("A profile version never changes; save a new one.")


class ProfileVersion(models.Model):
    """The answers of a company at one moment; append-only."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="profile_versions", editable=False)
    number = models.PositiveIntegerField(editable=False)
    answers = models.JSONField(default=dict, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    # Who sent it, where it was not a person.
    partner = models.ForeignKey(Partner, on_delete=models.SET_NULL, null=True, related_name="+", editable=False)

    objects = ProfileVersionQuerySet.as_manager()

    class Meta:
        ordering = ["company", "-number"]
        verbose_name = _("profile version")
        verbose_name_plural = _("profile versions")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="profile_version_number_once"),
        ]

    def __str__(self) -> str:
        return f"profile version {self.public_id}"

    def save(self, **kwargs: Any) -> None:
        """Write the version once; a second write is refused."""
        if not self._state.adding:
            raise AppendOnly("A profile version never changes; save a new one.")
        super().save(**kwargs)

    def delete(self, using: Any = None, keep_parents: bool = False) -> NoReturn:
        """Refused; deleting the company takes its versions along."""
        raise AppendOnly("A profile version is not deleted by itself.")

    def profile(self, vocabulary: Vocabulary) -> Profile:
        """The answers that this vocabulary knows; a fact that was taken out of it is left out."""
        profile, _faults = read_profile(vocabulary, {k: v for k, v in self.answers.items() if k in vocabulary})
        return profile


class ProfileDraft(models.Model):
    """What was typed and could not be read yet, so that nothing typed is ever lost: one row a section."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="drafts")
    section = models.CharField(max_length=60)
    typed = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["company", "section"]
        verbose_name = _("unread answers")
        verbose_name_plural = _("unread answers")
        constraints = [models.UniqueConstraint(fields=["company", "section"], name="draft_once_per_section")]

    def __str__(self) -> str:
        return f"draft {self.pk}"

    @property
    def mark(self) -> str:
        """Tells one state of the draft from another."""
        return self.changed_at.isoformat()
