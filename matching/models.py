"""The rows behind a match: the request (which is also the job), the report, the workers' pulse."""

import hashlib
import json
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Subquery
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from companies.models import Company, ProfileVersion
from policies.models import Release

if TYPE_CHECKING:
    from companies.models import User


class State(models.TextChoices):
    """Where a match request stands; only the holder of the lease token may leave `running` forwards."""

    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


ENDED = (State.DONE, State.FAILED, State.CANCELLED)


class Reason(models.TextChoices):
    """Why the last attempt did not come to a report, in words for the person who waits."""

    NONE = "", ""
    WORKER_LOST = "worker_lost", _("The worker stopped before it had finished.")
    TIME_LIMIT = "time_limit", _("The evaluation took longer than the time limit.")
    OUT_OF_MEMORY = "out_of_memory", _("The worker ran out of memory.")
    INTERRUPTED = "interrupted", _("The database or the disk could not be reached for a moment.")
    RELEASE_UNREADABLE = "release_unreadable", _("The rules of this release could not be read.")
    PROFILE_UNREADABLE = "profile_unreadable", _("The stored answers could not be read.")
    ENGINE_FAULT = "engine_fault", _("The engine failed on this profile; the fault has been logged.")


class MatchRequestQuerySet(models.QuerySet["MatchRequest"]):
    """Questions about match requests; every time is compared with the database's clock."""

    def visible_to(self, user: "User") -> Self:
        """Only the requests of companies this person may see."""
        return self.filter(company__in=Company.objects.visible_to(user))

    def with_question(self) -> Self:
        """With profile version and release at hand, but without the release's snapshot, which is large."""
        return self.select_related("profile_version", "release").defer("release__snapshot", "release__changes")

    def runnable(self) -> Self:
        """Waiting, and their pause is over; the longest-waiting first."""
        return self.filter(state=State.QUEUED, run_after__lte=Now()).order_by("run_after", "pk")

    def overdue(self) -> Self:
        """Running, but the lease ran out: the worker is gone or frozen."""
        return self.filter(state=State.RUNNING, lease_until__lt=Now())

    def held_with(self, token: uuid.UUID) -> Self:
        """The one request, if any, that is running under this lease token."""
        return self.filter(state=State.RUNNING, lease_token=token)

    def live(self) -> Self:
        """Not yet ended."""
        return self.exclude(state__in=ENDED)


class MatchRequest(models.Model):
    """One question — this profile version, this release, this day — and the job that answers it.

    The row is the truth about the work: state, lease and attempt change by conditional update
    only, and a broker message never carries anything (decision record: the doorbell).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="match_requests")
    profile_version = models.ForeignKey(ProfileVersion, on_delete=models.CASCADE, related_name="match_requests")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="match_requests")
    day = models.DateField(_("as of"))
    # The name is an input of the report like the answers: kept, so that a renamed company's old report recomputes.
    subject = models.JSONField(default=dict, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="match_requests"
    )
    # NULL, not "", for no key: it is unique within the company.
    idempotency_key = models.CharField(max_length=255, null=True, blank=True, editable=False)  # noqa: DJ001

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED, editable=False)
    attempt = models.PositiveSmallIntegerField(default=0, editable=False)
    max_attempts = models.PositiveSmallIntegerField(default=5, editable=False)
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    run_after = models.DateTimeField(db_default=Now(), editable=False)
    reason = models.CharField(max_length=20, choices=Reason, blank=True, default=Reason.NONE, editable=False)
    # Kind and place of the fault, never its message: messages can hold a company's figures.
    last_error = models.CharField(max_length=500, blank=True, default="", editable=False)
    progress_done = models.PositiveIntegerField(default=0, editable=False)
    progress_total = models.PositiveIntegerField(default=0, editable=False)
    engine_version = models.CharField(max_length=20, blank=True, default="", editable=False)

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    objects = MatchRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("match request")
        verbose_name_plural = _("match requests")
        indexes = [
            models.Index(fields=["state", "run_after"], name="match_state_run_after"),
            models.Index(fields=["state", "lease_until"], name="match_state_lease_until"),
            models.Index(fields=["company", "-created_at"], name="match_company_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="match_key_once_per_company",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="match_state_known"),
            models.CheckConstraint(condition=Q(reason__in=Reason.values), name="match_reason_known"),
            models.CheckConstraint(
                condition=Q(state=State.RUNNING, lease_token__isnull=False, lease_until__isnull=False)
                | (~Q(state=State.RUNNING) & Q(lease_token__isnull=True, lease_until__isnull=True)),
                name="match_lease_only_while_running",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, finished_at__isnull=False)
                | (~Q(state__in=ENDED) & Q(finished_at__isnull=True)),
                name="match_finished_at_when_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.FAILED) | ~Q(reason=Reason.NONE), name="match_failed_says_why"
            ),
            models.CheckConstraint(condition=Q(attempt__lte=F("max_attempts")), name="match_attempts_limited"),
            models.CheckConstraint(
                condition=Q(progress_done__lte=F("progress_total")), name="match_progress_within_total"
            ),
        ]

    def __str__(self) -> str:
        return f"match {self.public_id}"

    def get_absolute_url(self) -> str:
        """The page to wait on; it leads on to the report."""
        return reverse("matching:waiting", args=[self.public_id])

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to this request by itself."""
        return self.state in ENDED

    def waiting_before(self) -> int:
        """How many requests are taken before this one; 0 means it is next."""
        # Compared inside the database: SQLite keeps its own times with fewer digits than Python sends.
        mine = MatchRequest.objects.filter(pk=self.pk).values("run_after")
        ahead = Q(run_after__lt=Subquery(mine)) | Q(run_after=Subquery(mine), pk__lt=self.pk)
        return MatchRequest.objects.filter(ahead, state=State.QUEUED).count()


class ReportChanged(Exception):
    """Someone tried to change a stored report; make a new match instead."""


class MatchReportQuerySet(models.QuerySet["MatchReport"]):
    """Questions about reports; a report is written once."""

    def visible_to(self, user: "User") -> Self:
        """Only the reports of companies this person may see."""
        return self.filter(request__company__in=Company.objects.visible_to(user))

    def update(self, **kwargs: Any) -> int:
        """Refused: a stored report never changes."""
        raise ReportChanged("A stored report never changes; ask for a new match.")

    def bulk_update(self, objs: Iterable["MatchReport"], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Refused: a stored report never changes."""
        raise ReportChanged("A stored report never changes; ask for a new match.")


class MatchReport(models.Model):
    """The answer to one match request: canonical JSON, kept byte for byte, with its SHA-256."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.OneToOneField(MatchRequest, on_delete=models.CASCADE, related_name="report", editable=False)
    content = models.TextField(editable=False)
    digest = models.CharField(max_length=64, editable=False)
    counts = models.JSONField(default=dict, editable=False)
    engine_version = models.CharField(max_length=20, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = MatchReportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("match report")
        verbose_name_plural = _("match reports")

    def __str__(self) -> str:
        return f"report {self.public_id}"

    def save(self, **kwargs: Any) -> None:
        """Write the report once; a second write is refused."""
        if not self._state.adding:
            raise ReportChanged("A stored report never changes; ask for a new match.")
        super().save(**kwargs)

    def get_absolute_url(self) -> str:
        """The report's page."""
        return reverse("matching:report", args=[self.public_id])

    def model(self) -> dict[str, Any]:
        """The report as data: what every rendering reads."""
        report: dict[str, Any] = json.loads(self.content)
        return report

    def is_intact(self) -> bool:
        """Whether the stored text still has the digest it was stored with."""
        return hashlib.sha256(self.content.encode()).hexdigest() == self.digest


class WorkerPulseQuerySet(models.QuerySet["WorkerPulse"]):
    """Questions about the workers' heartbeats."""

    def alive(self, *, within: timedelta = timedelta(seconds=30)) -> Self:
        """The workers that gave a sign of life lately, by the database's clock."""
        return self.filter(beat_at__gte=Now() - within)

    def older_than(self, age: timedelta) -> Self:
        """The workers that have been silent for that long."""
        return self.filter(beat_at__lt=Now() - age)


class WorkerPulse(models.Model):
    """The last sign of life of one worker; what `/readyz` looks at."""

    name = models.CharField(max_length=200, unique=True)
    beat_at = models.DateTimeField(db_default=Now())

    objects = WorkerPulseQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("worker's sign of life")
        verbose_name_plural = _("workers' signs of life")

    def __str__(self) -> str:
        return self.name
