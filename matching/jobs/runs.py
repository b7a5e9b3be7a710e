"""The work of a run over all companies: step by step, each a range of companies, each kept in one commit.

Between steps the run waits in the queue like everything else, so a match that came in meanwhile goes first, and a
worker that dies costs one step. The last step joins what the others found and ends the run.
"""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Sum

from companies.models import FactRecord, ProfileVersion
from matching import snapshots
from matching.engine.plan import Plan, compile_plan
from matching.engine.populations import (
    JoinedParts,
    Part,
    evaluate_part,
    read_part,
    store_bits,
    store_numbers,
    store_part,
    total_to_plain,
)
from matching.engine.report import ENGINE_VERSION
from matching.jobs import outbox
from matching.jobs.leases import Lease, carry_out, claim_first, end_as_done, put_back, still_ours
from matching.jobs.run_changes import changes_in, rulebook_of
from matching.jobs.run_combinations import Combined, next_combinations
from matching.models import BITMAPS, ENDED, Cause, Run, RunOffer, RunPart, State, VerdictChange
from policies.models import Release
from policies.rules.book import Rulebook

if TYPE_CHECKING:
    from companies.models import User

log = structlog.get_logger(__name__)

# Ids in one step. Small, because a match that comes in waits for at most one step: up to four seconds the first time,
# when profiles are read from the database, and half a second from the kept columns. Parts of runs are compared by their
# number: a run after a change of PART tells only of companies that stay in the part of the same number.
PART = 4_096
TIME_LIMIT = timedelta(seconds=60)
# Runs whose results per company are kept: the last, and the one it was compared with; and the last trial.
KEPT = 2


def open_run(*, release: Release, day: date, cause: Cause, by: "User | None", trial: bool = False) -> Run:
    """The run of this release and day: the one that is there or, for someone who asks after it ended, a new one."""
    earlier = _run_there(release, day, cause, trial)
    if earlier is not None:
        return earlier
    try:
        with transaction.atomic():
            run = Run.objects.create(
                release=release,
                day=day,
                cause=cause,
                trial=trial,
                asked_by=by,
                max_attempts=settings.JOB_MAX_ATTEMPTS,
            )
    except IntegrityError:
        earlier = _run_there(release, day, cause, trial)  # two asked at once, and the other was first
        if earlier is None:
            raise
        return earlier
    log.info("run_requested", run=str(run.public_id), cause=cause.value)
    return run


def open_run_of(day: date) -> Run | None:
    """The run of the current release on this day, if that was never run and there is anybody to run it for."""
    release = Release.objects.only("number").order_by("number").last()
    if release is None:
        return None
    earlier = Run.objects.filter(release=release, trial=False)
    if earlier.filter(day=day).exists() or not has_population():
        return None
    cause = Cause.DAY if earlier.exists() else Cause.PUBLISHED
    return open_run(release=release, day=day, cause=cause, by=None)


def has_population() -> bool:
    """Whether any company has a profile version."""
    return ProfileVersion.objects.exists()


def claim() -> Lease | None:
    """Take the next step of the run whose turn it is, or nothing."""
    return claim_first(Run.objects.next_in_line())


def do_next(worker: str = "") -> bool:
    """Do the next step of a run; False when there was nothing to do."""
    lease = claim()
    if lease is None:
        return False
    run = Run.objects.without_bulk().get(pk=lease.row)
    check = still_ours(lease, worker, TIME_LIMIT)

    def tick() -> None:
        check(run.progress_done, run.progress_total)

    carry_out(lease, lambda: do_step(lease, run, tick), run, done=run.progress_done)
    return True


def do_step(lease: Lease, run: Run, tick: Callable[[], None]) -> None:
    """The next part of the population or, when all are there, of the best combinations; then the end of the run."""
    number = _next_number(run)
    before = _before(run)
    if number is None:
        combined = next_combinations(run, before, PART, tick)
        if combined is None:
            finish(lease, run, before, tick)
        else:
            _keep_combined(lease, combined)
        return
    part = evaluate(run, number, tick)
    keep(lease, run, number, part, changes_in(part, run, before, number), before=before)


def evaluate(run: Run, number: int, tick: Callable[[], None] = lambda: None) -> Part:
    """What the run finds for the companies whose ids are in range `number`, as their profiles are now."""
    plan = plan_of(run)
    found = ProfileVersion.objects.of_population().filter(company__gte=number * PART, company__lt=(number + 1) * PART)
    ids = np.array(list(found.order_by("company_id").values_list("company", "pk")), np.int64).reshape(-1, 2)
    companies, versions = ids[:, 0].copy(), ids[:, 1].copy()
    columns = snapshots.columns_for(plan.vocabulary, number, companies, versions, on_read=tick)
    tick()
    part = evaluate_part(plan, columns, companies, versions)
    tick()
    return part


def keep(
    lease: Lease, run: Run, number: int, part: Part, changes: list[VerdictChange], *, before: Run | None = None
) -> None:
    """Store a part, what changed in it, and the progress, in one commit; raises LeaseLost when it is no longer ours."""
    content, digest = store_part(part), part.digest()
    done = run.progress_done + part.rows
    total = max(done, run.progress_total or ProfileVersion.objects.of_population().count())
    with transaction.atomic():
        put_back(lease, progress_done=done, progress_total=total, compared_with=before)
        RunPart.objects.create(run=run, number=number, companies=part.rows, content=content, digest=digest)
        VerdictChange.objects.bulk_create(changes, batch_size=500)


def _keep_combined(lease: Lease, combined: Combined) -> None:
    with transaction.atomic():
        put_back(lease, combined_up_to=combined.up_to)
        VerdictChange.objects.bulk_create(combined.changes)


def finish(lease: Lease, run: Run, before: Run | None, tick: Callable[[], None]) -> None:
    """Join the parts, store the result and end the run in one commit; raises LeaseLost when it is no longer ours."""
    rows = run.parts.aggregate(rows=Sum("companies"))["rows"] or 0
    joined = JoinedParts(plan_of(run).offers, rows)
    digest = hashlib.sha256(f"{run.release.digest} {run.day.isoformat()} {ENGINE_VERSION}".encode())
    for stored in run.parts.order_by("number").iterator(chunk_size=16):
        joined.add(read_part(stored.content))
        digest.update(stored.digest.encode())
        tick()
    offers = []
    for position, line in enumerate(joined.lines()):
        bits = {verdict.value: store_bits(words) for verdict, words in line.bits.items()}
        counts = {verdict.value: count for verdict, count in line.counts.items()}
        totals = {"eligible": total_to_plain(line.eligible), "in_reach": total_to_plain(line.in_reach)}
        offers.append(RunOffer(run=run, position=position, offer=line.offer, counts=counts, totals=totals, **bits))
        tick()
    members = store_numbers(joined.companies)
    with transaction.atomic():
        if not run.trial and _newest_told() != (before.pk if before is not None else None):
            _begin_again(lease, run)
            return
        end_as_done(
            lease,
            progress_done=rows,
            progress_total=rows,
            companies=rows,
            members=members,
            compared_with=before,
            sequence=None if run.trial else _next_sequence(),
            changed=run.changes.count(),
            digest=digest.hexdigest(),
        )
        RunOffer.objects.bulk_create(offers)
        if not run.trial:
            outbox.announce_changes(run)
    prune()
    # The desk counts drafts with the vocabulary of now, which may be ahead of the release.
    snapshots.forget_others(plan_of(run).vocabulary, FactRecord.objects.vocabulary())


def _begin_again(lease: Lease, run: Run) -> None:
    """Another run ended while this one was under way: what was compared with the one before it would be told twice."""
    put_back(lease, progress_done=0, compared_with=None, combined_up_to=0)
    run.parts.all().delete()
    run.changes.all().delete()
    log.warning("run_overtaken", run=str(run.public_id))


def _before(run: Run) -> Run | None:
    """What the run is compared with: for all of its parts the same."""
    if run.trial:
        return None
    told = Run.objects.comparable().without_bulk()
    return told.filter(pk=run.compared_with_id).first() if run.parts.exists() else told.first()


def _newest_told() -> int | None:
    return Run.objects.comparable().values_list("pk", flat=True).first()


def _next_sequence() -> int:
    """One more than the last: two runs that end at once would take the same, and the second begins again."""
    return (Run.objects.aggregate(last=Max("sequence"))["last"] or 0) + 1


def prune() -> None:
    """Take away what only comparisons need: results per company of all but the last runs, and leftovers of failed ones.

    Counts, totals and changes stay. Safe at any time and twice.
    """
    compared = list(Run.objects.comparable().values_list("pk", flat=True)[:KEPT])
    RunPart.objects.filter(run__state__in=ENDED).exclude(run__in=compared).delete()
    VerdictChange.objects.filter(run__state__in=[State.FAILED, State.CANCELLED]).delete()
    tried = list(Run.objects.with_bitmaps().filter(trial=True).values_list("pk", flat=True)[:1])
    pruned = Run.objects.with_bitmaps().exclude(pk__in=[*compared, *tried])
    RunOffer.objects.filter(run__in=pruned.order_by().values("pk")).update(**dict.fromkeys(BITMAPS))
    pruned.update(members=None)


def plan_of(run: Run) -> Plan:
    """The run's release as a plan for its day; kept for the next step."""
    return _plan(rulebook_of(run), run.day)


@lru_cache(maxsize=2)
def _plan(rules: Rulebook, day: date) -> Plan:
    return compile_plan(rules.offers, rules.vocabulary, day)


def _next_number(run: Run) -> int | None:
    """The lowest range of ids above those that are done in which there is a company."""
    last = run.parts.order_by("-number").values_list("number", flat=True).first()
    start = 0 if last is None else (last + 1) * PART
    following = ProfileVersion.objects.filter(company__gte=start).order_by("company_id")
    company = following.values_list("company", flat=True).first()
    return None if company is None else int(company) // PART


def _run_there(release: Release, day: date, cause: Cause, trial: bool) -> Run | None:
    there = Run.objects.filter(release=release, day=day, trial=trial).order_by("-pk")
    return (there.live() if cause is Cause.ASKED else there).first()
