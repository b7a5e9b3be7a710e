"""The work of a match: claim a row, renew the lease while working, finish report and state in one commit.

Every write that follows a claim names the lease token, so that a worker that was frozen past its lease
and wakes up again cannot write. All times are the database's: a worker with a wrong clock does no harm.
"""

import time
import traceback
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import Case, F, When
from django.db.models.functions import Coalesce, Now

from matching.engine.canonical import canonical_text, digest_of
from matching.engine.report import ENGINE_VERSION, make_report
from matching.models import MatchReport, MatchRequest, Reason, State, WorkerPulse
from policies import rulebook

log = structlog.get_logger(__name__)

# How long to wait before attempt 2, 3, 4 and 5.
PAUSES = (timedelta(0), timedelta(seconds=5), timedelta(seconds=30), timedelta(seconds=120))
TIME_LIMIT = timedelta(seconds=60)
PULSE_EVERY = timedelta(seconds=5)
FORGET_PULSE_AFTER = timedelta(days=1)

# What happened in this process since it started: for the log and, later, the metrics page.
COUNTS: Counter[str] = Counter()


class LeaseLost(Exception):
    """This worker no longer holds the request: its lease ran out, or someone cancelled."""


class TimeUp(Exception):
    """The evaluation ran past the time limit."""


class ReleaseUnreadable(Exception):
    """The release named by the request cannot be turned into rules."""


class ProfileUnreadable(Exception):
    """The stored answers cannot be read with the release's vocabulary."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one request, until it runs out or is taken away."""

    request_id: int
    token: uuid.UUID


def lease_length() -> timedelta:
    """How long a worker may be silent before its request is given to another."""
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def claim() -> Lease | None:
    """Take the longest-waiting runnable request, or nothing; never one that another worker holds."""
    token = uuid.uuid4()
    with transaction.atomic():
        # PostgreSQL skips rows another claimer has locked. SQLite knows no row locks and needs none:
        # its transactions are IMMEDIATE, so only one claimer at a time gets this far.
        request = MatchRequest.objects.select_for_update(skip_locked=True).runnable().only("pk").first()
        if request is None:
            return None
        taken = MatchRequest.objects.filter(pk=request.pk, state=State.QUEUED).update(
            state=State.RUNNING,
            attempt=F("attempt") + 1,
            lease_token=token,
            lease_until=Now() + lease_length(),
            started_at=Coalesce(F("started_at"), Now()),
            engine_version=ENGINE_VERSION,
            progress_done=0,
        )
    return Lease(request.pk, token) if taken else None


def renew(lease: Lease, *, done: int, total: int) -> None:
    """Say that the work goes on and how far it is; raises LeaseLost when it is no longer ours."""
    kept = MatchRequest.objects.held_with(lease.token).update(
        lease_until=Now() + lease_length(), progress_done=done, progress_total=total
    )
    if not kept:
        raise LeaseLost


def finish(lease: Lease, report: dict[str, Any]) -> MatchReport:
    """Store the report and end the request in one commit; raises LeaseLost when it is no longer ours."""
    content = canonical_text(report)
    with transaction.atomic():
        kept = MatchRequest.objects.held_with(lease.token).update(
            state=State.DONE,
            lease_token=None,
            lease_until=None,
            finished_at=Now(),
            reason=Reason.NONE,
            last_error="",
            progress_total=len(report["offers"]),
            progress_done=len(report["offers"]),
        )
        if not kept:
            raise LeaseLost
        return MatchReport.objects.create(
            request_id=lease.request_id,
            content=content,
            digest=digest_of(content),
            counts=report["summary"]["counts"],
            engine_version=report["engine"],
        )


def give_back(lease: Lease, *, reason: Reason, detail: str, retry: bool = True) -> None:
    """End this attempt: the request waits for the next one, or is set aside as failed after the last."""
    held = MatchRequest.objects.held_with(lease.token)
    what = {"reason": reason, "last_error": detail[:500]}
    if retry and held.filter(attempt__lt=F("max_attempts")).update(**_back_in_the_queue(), **what):
        return
    if not held.update(**_set_aside(), **what):
        raise LeaseLost


def return_overdue() -> int:
    """Take requests back from workers that went silent; how many. Safe to run at any time and twice."""
    overdue = MatchRequest.objects.overdue()
    what = {"reason": Reason.WORKER_LOST, "last_error": "the lease ran out"}
    back = overdue.filter(attempt__lt=F("max_attempts")).update(**_back_in_the_queue(), **what)
    aside = overdue.filter(attempt__gte=F("max_attempts")).update(**_set_aside(), **what)
    if back or aside:
        log.warning("match_leases_ran_out", back_in_the_queue=back, set_aside=aside)
    COUNTS["leases_ran_out"] += back + aside
    return back + aside


def do_next(worker: str = "") -> bool:
    """Claim one request and bring this attempt to its end; False when there was nothing to do."""
    lease = claim()
    if lease is None:
        return False
    request = MatchRequest.objects.with_question().get(pk=lease.request_id)
    bound = log.bind(match=str(request.public_id), attempt=request.attempt)
    try:
        finish(lease, evaluate(request, on_offer=_still_ours(lease, worker)))
    except LeaseLost:
        COUNTS["fenced"] += 1
        bound.warning("match_fenced")
    except Exception as fault:
        reason, retry = _what_to_do(fault)
        COUNTS[f"fault_{reason}"] += 1
        bound.error("match_attempt_failed", reason=str(reason), fault=_place_of(fault), retry=retry)
        _give_back_if_possible(lease, reason=reason, detail=_place_of(fault), retry=retry)
    else:
        COUNTS["done"] += 1
        bound.info("match_done")
    return True


def evaluate(request: MatchRequest, *, on_offer: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """The report this request asks for; the same request gives the same report again."""
    try:
        rules = rulebook.of_release(request.release.number)
    except (DatabaseFault, OSError):
        raise
    except Exception as fault:
        raise ReleaseUnreadable(str(request.release.number)) from fault
    try:
        profile = request.profile_version.profile(rules.vocabulary)
    except (DatabaseFault, OSError):
        raise
    except Exception as fault:
        raise ProfileUnreadable(str(request.profile_version.number)) from fault
    return make_report(rules, profile, request.day, request.subject, on_offer=on_offer)


def beat(worker: str) -> None:
    """Note that this worker lives, at most once every few seconds."""
    if not worker:
        return
    pulses = WorkerPulse.objects.filter(name=worker[:200])
    if pulses.older_than(PULSE_EVERY).update(beat_at=Now()) or pulses.exists():
        return
    try:
        with transaction.atomic():
            WorkerPulse.objects.create(name=worker[:200])
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


def _set_aside() -> dict[str, Any]:
    return {"state": State.FAILED, "lease_token": None, "lease_until": None, "finished_at": Now()}


def _still_ours(lease: Lease, worker: str) -> Callable[[int, int], None]:
    """A check to call after each offer: renews in time, and stops work that is lost or too long."""
    began = last = time.monotonic()
    every = lease_length().total_seconds() / 3

    def check(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        # Also when Celery's soft limit was raised inside an offer, where it counts as that offer's error.
        if now - began > TIME_LIMIT.total_seconds():
            raise TimeUp
        if now - last >= every:
            renew(lease, done=done, total=total)
            beat(worker)
            last = now

    return check


def _what_to_do(fault: Exception) -> tuple[Reason, bool]:
    """The reason to show, and whether another attempt can help."""
    match fault:
        case TimeUp() | SoftTimeLimitExceeded():
            return Reason.TIME_LIMIT, True
        case MemoryError():
            return Reason.OUT_OF_MEMORY, True
        case OperationalError() | InterfaceError() | OSError():
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
        COUNTS["fenced"] += 1
    except DatabaseFault:
        # The database is away. The lease runs out by itself, and the sweep takes the request back.
        log.error("match_could_not_be_given_back", match_row=lease.request_id)
