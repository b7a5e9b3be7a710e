"""What all kinds of jobs share: claim a row, renew the lease while working, end the attempt.

Every write that follows a claim names the lease token, so that a worker that was frozen past its lease
and wakes up again cannot write. All times are the database's: a worker with a wrong clock does no harm.
"""

import time
import traceback
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import Case, F, QuerySet, When
from django.db.models.functions import Coalesce, Now

from matching.engine.report import ENGINE_VERSION
from matching.jobs.tallies import count, count_delay
from matching.models import Job, Part, Reason, State, WorkerPulse
from matching.snapshots import VersionGone

log = structlog.get_logger(__name__)

# How long to wait before attempt 2, 3, 4 and 5.
PAUSES = (timedelta(0), timedelta(seconds=5), timedelta(seconds=30), timedelta(seconds=120))
PULSE_EVERY = timedelta(seconds=5)
FORGET_PULSE_AFTER = timedelta(days=1)


class LeaseLost(Exception):
    """This worker no longer holds the job: its lease ran out, or someone cancelled."""


class TimeUp(Exception):
    """The work ran past the time limit."""


class ReleaseUnreadable(Exception):
    """The release named by the job cannot be turned into rules."""


class ProfileUnreadable(Exception):
    """The stored answers cannot be read with the release's vocabulary."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one job, until it runs out or is taken away."""

    kind: type[Job]
    row: int
    token: uuid.UUID

    @property
    def held(self) -> QuerySet[Any]:
        """The job, while it is still ours; no row after that."""
        return self.kind.objects.held_with(self.token)  # type: ignore[attr-defined, no-any-return]


def lease_length() -> timedelta:
    """How long a worker may be silent before its job is given to another."""
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def claim_first(runnable: QuerySet[Any], **noted: Any) -> Lease | None:
    """Take the first of these runnable jobs, or nothing; never one that another worker holds."""
    token = uuid.uuid4()
    with transaction.atomic():
        # PostgreSQL skips rows another claimer has locked. SQLite knows no row locks and needs none:
        # its transactions are IMMEDIATE, so only one claimer at a time gets this far.
        chosen = runnable.select_for_update(skip_locked=True).only("pk", "run_after", "started_at")
        job = chosen.annotate(clock=Now()).first()
        if job is None:
            return None
        taken = runnable.model.objects.filter(pk=job.pk, state=State.QUEUED).update(
            state=State.RUNNING,
            attempt=F("attempt") + 1,
            lease_token=token,
            lease_until=Now() + lease_length(),
            started_at=Coalesce(F("started_at"), Now()),
            engine_version=ENGINE_VERSION,
            **noted,
        )
    if not taken:
        return None
    if job.started_at is None:
        count_delay(job.called, (job.clock - job.run_after).total_seconds())
    return Lease(runnable.model, job.pk, token)


def renew(lease: Lease, *, done: int, total: int) -> None:
    """Say that the work goes on and how far it is; raises LeaseLost when it is no longer ours."""
    kept = lease.held.update(lease_until=Now() + lease_length(), progress_done=done, progress_total=total)
    if not kept:
        raise LeaseLost


def end_as_done(lease: Lease, **noted: Any) -> None:
    """End the job; the caller stores the result in the same transaction. Raises LeaseLost when it is no longer ours."""
    kept = lease.held.update(
        state=State.DONE,
        lease_token=None,
        lease_until=None,
        finished_at=Now(),
        reason=Reason.NONE,
        last_error="",
        **lease.kind.forgotten_at_end,
        **noted,
    )
    if not kept:
        raise LeaseLost


def put_back(lease: Lease, **noted: Any) -> None:
    """End a step that went well: the job waits for its next step, with fresh attempts; what was found is stored by the
    caller in the same transaction. Raises LeaseLost when it is no longer ours.
    """
    kept = lease.held.update(
        state=State.QUEUED, attempt=0, lease_token=None, lease_until=None, reason=Reason.NONE, last_error="", **noted
    )
    if not kept:
        raise LeaseLost


def give_back(
    lease: Lease, *, reason: Reason, detail: str, retry: bool = True, pause: timedelta | None = None, **noted: Any
) -> None:
    """End this attempt: the job waits for the next one, or is set aside as failed after the last.

    It waits as long as `pause` says or, without one, as all jobs do after so many attempts.
    """
    what = {"reason": reason, "last_error": detail[:500], **noted}
    back = _back_in_the_queue() if pause is None else {**_back_in_the_queue(), "run_after": Now() + pause}
    if retry and lease.held.filter(attempt__lt=F("max_attempts")).update(**back, **what):
        return
    if not lease.held.update(**_set_aside(lease.kind), **what):
        raise LeaseLost


def return_overdue(kind: type[Job]) -> int:
    """Take jobs of this kind back from workers that went silent; how many. Safe at any time and twice."""
    overdue = kind.objects.overdue()  # type: ignore[attr-defined]
    what = {"reason": Reason.WORKER_LOST, "last_error": "the lease ran out"}
    back = overdue.filter(attempt__lt=F("max_attempts")).update(**_back_in_the_queue(), **what)
    aside = overdue.filter(attempt__gte=F("max_attempts")).update(**_set_aside(kind), **what)
    if back or aside:
        log.warning("leases_ran_out", kind=kind.__name__, back_in_the_queue=back, set_aside=aside)
    if back or aside:
        count(f"attempts:{kind.called}:lease_ran_out", back + aside)
    return int(back + aside)


def named_in_the_log(job: Job, **more: Any) -> AbstractContextManager[None]:
    """All that is logged inside names the job, its attempt and the request that asked for it."""
    # Not what asked for the last job of this worker, where nothing asked for this one.
    names = {job.called: str(job.public_id), "attempt": job.attempt, "request_id": job.request_id}
    return structlog.contextvars.bound_contextvars(**names, **more)


def carry_out(lease: Lease, work: Callable[[], None], job: Job, **named: Any) -> None:
    """Do the work of this job and bring this attempt to its end, whatever happens in it."""
    with named_in_the_log(job, **named):
        _carry_out(lease, work)


def _carry_out(lease: Lease, work: Callable[[], None]) -> None:
    try:
        work()
    except LeaseLost:
        count(f"attempts:{lease.kind.called}:fenced")
        log.warning("job_fenced")
    except Exception as fault:
        reason, retry = _what_to_do(fault)
        count(f"attempts:{lease.kind.called}:{reason}")
        log.error("job_attempt_failed", reason=str(reason), fault=_place_of(fault), retry=retry)
        _give_back_if_possible(lease, reason=reason, detail=_place_of(fault), retry=retry)
    else:
        count(f"attempts:{lease.kind.called}:done")
        log.info("job_done")


def still_ours(lease: Lease, worker: str, limit: timedelta) -> Callable[[int, int], None]:
    """A check to call after each piece of work: renews in time, and stops work that is lost or too long."""
    began = last = time.monotonic()
    every = lease_length().total_seconds() / 3

    def check(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        # Also when Celery's soft limit was raised inside an offer, where it counts as that offer's error.
        if now - began > limit.total_seconds():
            raise TimeUp
        if now - last >= every:
            renew(lease, done=done, total=total)
            beat(worker)
            last = now

    return check


def beat(worker: str, part: Part = Part.WORKER) -> None:
    """Note that this worker, or other process, lives, at most once every few seconds."""
    if not worker:
        return
    pulses = WorkerPulse.objects.filter(name=worker[:200])
    if pulses.older_than(PULSE_EVERY).update(beat_at=Now()) or pulses.exists():
        return
    try:
        with transaction.atomic():
            WorkerPulse.objects.create(name=worker[:200], part=part)
    except IntegrityError:
        pass  # a sibling process of the same worker was first
    WorkerPulse.objects.older_than(FORGET_PULSE_AFTER).delete()


def _back_in_the_queue() -> dict[str, Any]:
    pauses = [When(attempt=number, then=Now() + pause) for number, pause in enumerate(PAUSES, start=1)]
    return {
        "state": State.QUEUED,
        "lease_token": None,
        "lease_until": None,
        "run_after": Case(*pauses, default=Now() + PAUSES[-1]),
    }


def _set_aside(kind: type[Job]) -> dict[str, Any]:
    ended = {"state": State.FAILED, "lease_token": None, "lease_until": None, "finished_at": Now()}
    return {**ended, **kind.forgotten_at_end}


def _what_to_do(fault: Exception) -> tuple[Reason, bool]:
    """The reason to show, and whether another attempt can help."""
    match fault:
        case TimeUp() | SoftTimeLimitExceeded():
            return Reason.TIME_LIMIT, True
        case MemoryError():
            return Reason.OUT_OF_MEMORY, True
        # VersionGone, IntegrityError: a company was deleted while a run read it or stored its result.
        case OperationalError() | InterfaceError() | OSError() | VersionGone() | IntegrityError():
            return Reason.INTERRUPTED, True
        case ReleaseUnreadable():
            return Reason.RELEASE_UNREADABLE, False
        case ProfileUnreadable():
            return Reason.PROFILE_UNREADABLE, False
    # Pure code fails the same way each time: a second attempt would only hide it for longer.
    return Reason.ENGINE_FAULT, False


def _place_of(fault: BaseException) -> str:
    """Kind and place of a fault. Not its message, which may hold a company's figures."""
    root = fault.__cause__ or fault
    frames = traceback.extract_tb(root.__traceback__)
    where = f" at {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    return f"{type(root).__name__}{where}"


def _give_back_if_possible(lease: Lease, *, reason: Reason, detail: str, retry: bool) -> None:
    try:
        give_back(lease, reason=reason, detail=detail, retry=retry)
    except LeaseLost:
        count(f"attempts:{lease.kind.called}:fenced")
    except DatabaseFault:
        # The database is away. The lease runs out by itself, and the sweep takes the job back.
        log.error("job_could_not_be_given_back", kind=lease.kind.__name__, row=lease.row)
