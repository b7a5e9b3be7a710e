"""Match requests: what was asked, which is also the job that answers it."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Partner, ProfileVersion
from companies.models.jobs import Job, JobQuerySet, State, job_constraints, job_indexes
from policies.models import Release

if TYPE_CHECKING:
    from companies.models import User


class MatchRequestQuerySet(JobQuerySet):
    """Questions about match requests."""

    def visible_to(self, user: "User") -> Self:
        """Only the requests of companies this person may see."""
        return self.filter(company__in=Company.objects.visible_to(user))

    def visible_to_partner(self, partner: Partner) -> Self:
        """Only the requests that this partner made, of companies that it may still see."""
        return self.filter(partner=partner, company__in=Company.objects.visible_to_partner(partner))

    def with_question(self) -> Self:
        """With profile version and release at hand, but without the release's snapshot, which is large."""
        return self.select_related("profile_version", "release").defer("release__snapshot", "release__changes")


class MatchRequest(Job):
    """One question — this profile version, this release, this day — and the job that answers it."""

    called = "match"

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="match_requests")
    profile_version = models.ForeignKey(ProfileVersion, on_delete=models.CASCADE, related_name="match_requests")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="match_requests")
    day = models.DateField(_("as of"))
    # The name is an input of the report like the answers: kept, so that a renamed company's old report recomputes.
    subject = models.JSONField(default=dict, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="match_requests"
    )
    # Who asked, where it was not a person.
    partner = models.ForeignKey(
        Partner, on_delete=models.SET_NULL, null=True, related_name="match_requests", editable=False
    )
    # NULL, not "", for no key: it is unique within the company.
    idempotency_key = models.CharField(max_length=255, null=True, blank=True, editable=False)  # noqa: DJ001

    objects = MatchRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("match request")
        verbose_name_plural = _("match requests")
        indexes = [
            *job_indexes("match"),
            models.Index(fields=["company", "-created_at"], name="match_company_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="match_key_once_per_company",
            ),
            *job_constraints("match"),
        ]

    def __str__(self) -> str:
        return f"match {self.public_id}"

    def get_absolute_url(self) -> str:
        """The page to wait on; it leads on to the report."""
        return reverse("matching:waiting", args=[self.public_id])

    def waiting_before(self) -> int:
        """How many requests at most are taken before this one, since askers take turns; 0 means it is next."""
        # Compared inside the database: SQLite keeps its own times with fewer digits than Python sends.
        mine = MatchRequest.objects.filter(pk=self.pk).values("run_after")
        ahead = Q(run_after__lt=Subquery(mine)) | Q(run_after=Subquery(mine), pk__lt=self.pk)
        return MatchRequest.objects.filter(ahead, state=State.QUEUED).count()
