"""Who is told of changes: members who watch a company, the policies they muted, how a person wants to hear, and letters to them, which are jobs."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Membership
from companies.models.jobs import JobQuerySet, job_constraints, job_indexes
from companies.models.letters import Mailing

if TYPE_CHECKING:
    from companies.models import User


class WatchQuerySet(models.QuerySet["Watch"]):
    """Questions about watches."""

    def on(self) -> Self:
        """Only those that are switched on."""
        return self.filter(is_on=True)

    def of(self, user: "User") -> Self:
        """Only this person's, for companies that they may see."""
        return self.filter(membership__user=user, membership__company__in=Company.objects.visible_to(user))


class Watch(models.Model):
    """Whether a member is told of changes for a company; goes with the membership.

    No row: nobody has decided yet, and the first report that the member asks for switches it on.
    """

    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="watch")
    is_on = models.BooleanField(_("is told of changes"), default=True)
    # Changes are news when the run that found them has a higher number: what was before is not told afterwards.
    since = models.PositiveBigIntegerField(default=0)

    objects = WatchQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("watch")
        verbose_name_plural = _("watches")

    def __str__(self) -> str:
        return f"watch {self.pk}"


class MutedPolicy(models.Model):
    """A policy of which a person does not want to hear, for none of their companies."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="muted_policies")
    # By its key: the news are of releases, in which a policy is there also when its record is not any more.
    policy = models.CharField(_("policy"), max_length=80)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["policy"]
        verbose_name = _("muted policy")
        verbose_name_plural = _("muted policies")
        constraints = [models.UniqueConstraint(fields=["user", "policy"], name="muted_policy_once")]

    def __str__(self) -> str:
        return f"muted policy {self.pk}"


class Addressee(models.Model):
    """A person as somebody who is told: how far they have read, and which ways besides the page of news."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="addressee")
    # The number of the last run whose news they have read.
    read_up_to = models.PositiveBigIntegerField(default=0)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    by_mail = models.BooleanField(_("is written to"), default=False)
    # The number of the last run whose news a letter tells, or will.
    mailed_up_to = models.PositiveBigIntegerField(default=0)
    # SHA-256 of what makes the calendar's address secret; NULL where there is none.
    calendar_digest = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001
    calendar_since = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("addressee")
        verbose_name_plural = _("addressees")
        constraints = [
            models.CheckConstraint(
                condition=Q(calendar_digest=None, calendar_since=None)
                | Q(calendar_digest__isnull=False, calendar_since__isnull=False),
                name="addressee_calendar_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"addressee {self.pk}"


class Digest(Mailing):
    """A letter with the news of some runs to one person: the job of sending it."""

    called = "digest"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digests")
    # The news of the runs with numbers above `after`, up to and with `up_to`.
    after = models.PositiveBigIntegerField()
    up_to = models.PositiveBigIntegerField()

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("letter with news")
        verbose_name_plural = _("letters with news")
        indexes = job_indexes("digest")
        constraints = [
            *job_constraints("digest"),
            models.UniqueConstraint(fields=["user", "after"], name="digest_once"),
            models.CheckConstraint(condition=Q(up_to__gt=models.F("after")), name="digest_of_some_runs"),
        ]

    def __str__(self) -> str:
        return f"digest {self.public_id}"
