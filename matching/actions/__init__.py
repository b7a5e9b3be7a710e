"""The verbs of matching: each one is atomic, takes keywords and says who did it."""

import uuid
from datetime import date
from pathlib import Path

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from companies.actions import first_version
from companies.models import Company, Partner, ProfileVersion, User, Visitor, storable_reason
from matching import batch_storage, tasks
from matching.batches.portions import Opened
from matching.jobs import runs
from matching.models import Batch, BatchChunk, Cause, Format, MatchRequest, Reason, Run, State
from matching.news import actions as watches
from policies.models import Release
from policies.roles import Right, require

log = structlog.get_logger(__name__)


class NoReleaseYet(Exception):
    """No release has been published, so there is nothing to match against: load the catalogue first."""


class TooManyBatches(Exception):
    """The partner has as many batches under way as it may; wait for one of them, or cancel one."""


class KeyUsedDifferently(Exception):
    """The same key was sent before with another question; send a new key."""


def request_match(
    *,
    profile_version: ProfileVersion,
    day: date,
    by: User | Partner | Visitor,
    key: str | None = None,
    release: Release | None = None,
) -> MatchRequest:
    """Ask for a report on this profile version as of the day, against the current release or the one that is given.

    When it returns, the request is stored. The same key gives the same request (people and partners
    resend after a timeout); without a key, their request for the same that is still live is given again.
    Raises NoReleaseYet, or KeyUsedDifferently.
    """
    release = release or _release_in_force()
    partner = by if isinstance(by, Partner) else None
    earlier = _asked_before(profile_version, release, day, key, partner)
    if earlier is not None:
        return earlier
    try:
        with transaction.atomic():
            request = MatchRequest.objects.create(
                company=profile_version.company,
                profile_version=profile_version,
                release=release,
                day=day,
                subject=_subject_of(profile_version),
                asked_by=by if isinstance(by, User) else None,
                partner=partner,
                idempotency_key=key,
                max_attempts=settings.JOB_MAX_ATTEMPTS,
            )
            if isinstance(by, User):
                watches.watch_if_undecided(company=profile_version.company, by=by)
            transaction.on_commit(tasks.ring, robust=True)
    except IntegrityError:
        # Two sent the same key at once, and the other was first.
        earlier = _asked_before(profile_version, release, day, key, partner)
        if earlier is None:
            raise
        return earlier
    log.info("match_requested", match=str(request.public_id))
    return request


@transaction.atomic
def request_run(*, release: Release, day: date, cause: Cause, by: User | None, trial: bool = False) -> Run:
    """Ask for a run over all companies: this release, this day.

    The same release and day give the run that is there; only somebody who asks after it ended gets a new one.
    A trial tells nobody of changes: for another day than today, or another release than the current one.
    """
    run = runs.open_run(release=release, day=day, cause=cause, by=by, trial=trial)
    transaction.on_commit(tasks.ring, robust=True)
    return run


def ask_for_run(*, by: User, day: date | None = None) -> Run:
    """Ask, as somebody who publishes, for a run of what is in force: as of today or, as a trial, of another day.

    Gives the run that is under way for the same. Raises NoReleaseYet.
    """
    require(by, Right.PUBLISH)
    today = timezone.localdate()
    trial = day not in (None, today)
    return request_run(release=_release_in_force(), day=day or today, cause=Cause.ASKED, by=by, trial=trial)


def repeat_run(*, run: Run, by: User) -> Run | None:
    """Ask once more for what a failed or cancelled run was to find; None for a run that has not ended so.

    A trial is repeated as it was. Any other becomes a run of what is in force, as of today: each run is compared with
    the one before it, so one of a day or release that is over would tell companies of changes backwards.
    """
    require(by, Right.PUBLISH)
    if not Run.objects.filter(pk=run.pk, state__in=[State.FAILED, State.CANCELLED]).exists():
        return None
    if run.trial:
        return request_run(release=run.release, day=run.day, cause=Cause.ASKED, by=by, trial=True)
    return ask_for_run(by=by)


@transaction.atomic
def cancel_run(*, run: Run, by: User, why: str = "") -> bool:
    """Stop a run that waits or is under way; False when it had already ended. The worker on it cannot store its step.

    What its steps found is told to nobody, and is taken away with the next run that ends. A run that the service asked
    for by itself does not come again the same day: somebody decided so, and whoever wants it asks for it.
    """
    require(by, Right.PUBLISH)
    changed = (
        Run.objects.live()
        .filter(pk=run.pk)
        .update(
            state=State.CANCELLED,
            lease_token=None,
            lease_until=None,
            finished_at=Now(),
            cancelled_by=by,
            why_cancelled=storable_reason(why),
        )
    )
    if changed:
        transaction.on_commit(tasks.ring, robust=True)  # for the run that waited behind it
        log.info("run_cancelled", run=str(run.public_id), by=by.pk)
    return bool(changed)


@transaction.atomic
def version_to_match(*, company: Company, by: User | Partner | Visitor) -> ProfileVersion:
    """The newest profile version; for a company that has answered nothing yet, a first one without answers.

    Nothing but a name is a profile too: its report says honestly that all is open, and what to answer first.
    """
    Company.objects.select_for_update().get(pk=company.pk)  # two may ask at once for the first time
    latest = company.latest_version
    if latest is not None:
        return latest
    return first_version(company=company, by=by)


@transaction.atomic
def run_again(*, request: MatchRequest, by: User | Visitor) -> bool:
    """Queue a failed or cancelled request once more with fresh attempts; False when it had not ended so."""
    changed = MatchRequest.objects.filter(pk=request.pk, state__in=[State.FAILED, State.CANCELLED]).update(
        state=State.QUEUED,
        attempt=0,
        run_after=Now(),
        started_at=None,
        finished_at=None,
        reason=Reason.NONE,
        progress_done=0,
    )
    if changed:
        transaction.on_commit(tasks.ring, robust=True)
        log.info("match_run_again", match=str(request.public_id), by=by.pk)
    return bool(changed)


@transaction.atomic
def cancel(*, request: MatchRequest, by: User | Partner | Visitor) -> bool:
    """Stop a request that waits or runs; False when it had already ended. A worker on it is fenced off."""
    changed = (
        MatchRequest.objects.live()
        .filter(pk=request.pk)
        .update(state=State.CANCELLED, lease_token=None, lease_until=None, finished_at=Now())
    )
    if changed:
        log.info("match_cancelled", match=str(request.public_id), by=str(by))
    return bool(changed)


def request_batch(
    *, opened: Opened, path: Path, format: Format, release: Release, day: date, by: Partner,
    skip_unknown: bool = False, lenient: bool = False,
) -> Batch:  # fmt: skip
    """Ask for the companies of a file; when it returns, the file and the request are stored, and `path` is gone.

    Raises TooManyBatches.
    """
    number = uuid.uuid4()
    name = batch_storage.keep(f"{number}/upload", path)
    try:
        with transaction.atomic():
            _refuse_too_many(by)
            batch = Batch.objects.create(
                public_id=number,
                partner=by,
                release=release,
                day=day,
                format=format,
                upload=name,
                size=opened.file.size,
                digest=opened.file.digest,
                reading=opened.reading.to_plain(),
                offset=opened.start.offset,
                line=opened.start.line,
                skip_unknown=skip_unknown,
                lenient=lenient,
                max_attempts=settings.JOB_MAX_ATTEMPTS,
            )
            transaction.on_commit(tasks.ring, robust=True)
    except BaseException:
        batch_storage.forget_folder(str(number))
        raise
    log.info("batch_requested", batch=str(number), bytes=opened.file.size)
    return batch


def _refuse_too_many(partner: Partner) -> None:
    Partner.objects.select_for_update().get(pk=partner.pk)  # two may come at once
    if Batch.objects.live().filter(partner=partner).count() >= settings.BATCH_MAX_LIVE:
        raise TooManyBatches


@transaction.atomic
def cancel_batch(*, batch: Batch, by: Partner) -> bool:
    """Stop a batch that waits or is under way; False when it had already ended. Workers on it are fenced off."""
    stopped = {"state": State.CANCELLED, "lease_token": None, "lease_until": None, "finished_at": Now()}
    changed = Batch.objects.live().filter(pk=batch.pk).update(**stopped)
    if changed:
        BatchChunk.objects.live().filter(batch=batch).update(**stopped)
        log.info("batch_cancelled", batch=str(batch.public_id), by=by.pk)
    return bool(changed)


@transaction.atomic
def resume_batch(*, batch: Batch, by: Partner | User) -> bool:
    """Go on with a batch that failed or was cancelled, from where it stopped; False when it did not end so.

    Chunks that are done stay as they are. Raises TooManyBatches.
    """
    again = {
        "state": State.QUEUED, "attempt": 0, "run_after": Now(), "finished_at": None, "reason": Reason.NONE,
        "last_error": "",
    }  # fmt: skip
    stopped = [State.FAILED, State.CANCELLED]
    there = Batch.objects.filter(pk=batch.pk, state__in=stopped, fault__isnull=True, pruned_at=None)
    if not there.exists():
        return False
    _refuse_too_many(batch.partner)
    changed = there.update(**again)
    if changed:
        BatchChunk.objects.filter(batch=batch, state__in=stopped).update(**again)
        transaction.on_commit(tasks.ring, robust=True)
        log.info("batch_resumed", batch=str(batch.public_id), by=str(by))
    return bool(changed)


def _release_in_force() -> Release:
    release = Release.objects.only("number").order_by("number").last()
    if release is None:
        raise NoReleaseYet
    return release


def _asked_before(
    profile_version: ProfileVersion, release: Release, day: date, key: str | None, partner: Partner | None
) -> MatchRequest | None:
    if key is None:
        # A partner's own: it could not read the request of anybody else.
        live = MatchRequest.objects.live().filter(partner=partner)
        return live.filter(profile_version=profile_version, release=release, day=day).first()
    earlier = MatchRequest.objects.filter(company=profile_version.company, idempotency_key=key).first()
    if earlier is not None and (earlier.profile_version_id, earlier.day) != (profile_version.pk, day):
        raise KeyUsedDifferently(key)
    return earlier


def _subject_of(profile_version: ProfileVersion) -> dict[str, str]:
    """What the report says about whom it is for: kept with the request, so that it can be recomputed."""
    company = profile_version.company
    return {"name": company.name, "profile_version": str(profile_version.number)}
