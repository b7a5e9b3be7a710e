"""What every kind of job has: a state, a lease and attempts, and the promises that the database keeps about them."""

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import structlog
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a job stands; only the holder of the lease token may leave `running` forwards."""

    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


ENDED = (State.DONE, State.FAILED, State.CANCELLED)


class Reason(models.TextChoices):
    """Why the last attempt did not come to its end, in words for the person who waits."""

    NONE = "", ""
    WORKER_LOST = "worker_lost", _("The worker stopped before it had finished.")
    TIME_LIMIT = "time_limit", _("The evaluation took longer than the time limit.")
    OUT_OF_MEMORY = "out_of_memory", _("The worker ran out of memory.")
    INTERRUPTED = "interrupted", _("The database or the disk could not be reached for a moment.")
    RELEASE_UNREADABLE = "release_unreadable", _("The rules of this release could not be read.")
    FILE_UNREADABLE = "file_unreadable", _("The file cannot be read any further.")
    PROFILE_UNREADABLE = "profile_unreadable", _("The stored answers could not be read.")
    ENGINE_FAULT = "engine_fault", _("The engine failed on this profile; the fault has been logged.")
    NOT_RECEIVED = "not_received", _("The receiver did not take it.")


def request_under_way() -> str:
    """The id of the request that is being answered, or of the one whose job is being done; "" where there is none."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]


class JobQuerySet(models.QuerySet[Any]):
    """Questions about jobs of one kind; every time is compared with the database's clock."""

    def runnable(self) -> Self:
        """Waiting, and their pause is over; the longest-waiting first."""
        return self.filter(state=State.QUEUED, run_after__lte=Now()).order_by("run_after", "pk")

    def overdue(self) -> Self:
        """Running, but the lease ran out: the worker is gone or frozen."""
        return self.filter(state=State.RUNNING, lease_until__lt=Now())

    def held_with(self, token: uuid.UUID) -> Self:
        """The one job, if any, that is running under this lease token."""
        return self.filter(state=State.RUNNING, lease_token=token)

    def live(self) -> Self:
        """Not yet ended."""
        return self.exclude(state__in=ENDED)

    def ended(self) -> Self:
        """Nothing more will happen to them by themselves."""
        return self.filter(state__in=ENDED)


class Job(models.Model):
    """A row that is the truth about some work: its state, lease and attempt change by conditional update only.

    A broker message never carries anything (decision record: the doorbell).
    """

    # What the log and the metrics call this kind of job.
    called: ClassVar[str]

    forgotten_at_end: ClassVar[Mapping[str, Any]] = {}
    """Columns that are of no use any more once the job has ended, well or not, with what then stands there."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
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
    # For the log: which request asked for it, also through a job that asked for this one.
    request_id = models.CharField(max_length=64, blank=True, default=request_under_way, db_default="", editable=False)

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to this job by itself."""
        return self.state in ENDED


def job_indexes(kind: str) -> list[models.Index]:
    """What the sweep and the claim search by, for a kind of job."""
    return [
        models.Index(fields=["state", "run_after"], name=f"{kind}_state_run_after"),
        models.Index(fields=["state", "lease_until"], name=f"{kind}_state_lease_until"),
    ]


def job_constraints(kind: str) -> list[models.BaseConstraint]:
    """What the database promises about every job, named for its kind."""
    ended, running = Q(state__in=ENDED), Q(state=State.RUNNING)
    return [
        models.CheckConstraint(condition=Q(state__in=State.values), name=f"{kind}_state_known"),
        models.CheckConstraint(condition=Q(reason__in=Reason.values), name=f"{kind}_reason_known"),
        models.CheckConstraint(
            condition=Q(state=State.RUNNING, lease_token__isnull=False, lease_until__isnull=False)
            | (~running & Q(lease_token__isnull=True, lease_until__isnull=True)),
            name=f"{kind}_lease_only_while_running",
        ),
        models.CheckConstraint(
            condition=Q(state__in=ENDED, finished_at__isnull=False) | (~ended & Q(finished_at__isnull=True)),
            name=f"{kind}_finished_at_when_ended",
        ),
        models.CheckConstraint(
            condition=~Q(state=State.FAILED) | ~Q(reason=Reason.NONE), name=f"{kind}_failed_says_why"
        ),
        models.CheckConstraint(condition=Q(attempt__lte=F("max_attempts")), name=f"{kind}_attempts_limited"),
        models.CheckConstraint(
            condition=Q(progress_done__lte=F("progress_total")), name=f"{kind}_progress_within_total"
        ),
    ]
