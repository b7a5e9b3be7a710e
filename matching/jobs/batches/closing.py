"""The end of a batch: its counts are those of its chunks; and what is taken away when it has been kept long enough."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from matching import batch_storage
from matching.jobs.leases import Lease, end_as_done, give_back
from matching.jobs.outbox import announce_batch
from matching.models import Batch, BatchRejection, State

log = structlog.get_logger(__name__)

# How old files must be of which no row tells: a request that keeps them may be about to write it.
UNKNOWN_AFTER = timedelta(days=1)
# Batches whose files are taken away by one call: each may have a thousand.
PRUNED_AT_ONCE = 20


def close(lease: Lease, batch: Batch, tick: Callable[[], None]) -> None:
    """End the batch, with every row counted; a batch with a chunk that was set aside ends as that one did."""
    failed = batch.chunks.filter(state=State.FAILED).order_by("number").first()
    if failed is not None:
        detail = f"chunk {failed.number}: {failed.last_error}"
        with transaction.atomic():
            give_back(lease, reason=failed.reason, detail=detail, retry=False)
            announce_batch(batch)
        return
    sums, verdicts = batch.chunks.sums(), Counter[str]()
    for counts in batch.chunks.found().values_list("verdicts", flat=True):
        verdicts.update(counts)
    tick()
    # The database refuses the end of a batch whose rows are not all counted.
    with transaction.atomic():
        end_as_done(
            lease,
            accepted=sums["accepted"],
            rejected=sums["rejected"],
            left_out=sums["left_out"],
            verdicts=dict(verdicts),
            progress_done=batch.rows,
            progress_total=batch.rows,
        )
        announce_batch(batch)


def old_batches() -> QuerySet[Batch]:
    """The batches that ended long ago and whose files are still there; the oldest first."""
    kept = Now() - timedelta(days=settings.BATCH_KEEP_DAYS)
    return Batch.objects.ended().filter(pruned_at=None, finished_at__lt=kept).order_by("finished_at")


def prune() -> int:
    """Take the files and rejections of batches away that ended long ago; how many. Safe at any time and twice.

    What was asked and how it was counted stays.
    """
    _forget_unknown()
    pruned = 0
    for batch in old_batches()[:PRUNED_AT_ONCE]:
        # Files first: a call that is killed here is finished by the next one.
        batch_storage.forget_folder(batch.folder)
        with transaction.atomic():
            BatchRejection.objects.filter(batch=batch).delete()
            batch.chunks.update(content="", result="")
            Batch.objects.filter(pk=batch.pk).update(pruned_at=Now(), upload="")
        pruned += 1
    if pruned:
        log.info("batches_pruned", batches=pruned)
    return pruned


def _forget_unknown() -> None:
    """Take away what processes that were killed have left behind."""
    batch_storage.forget_left_behind()
    folders = batch_storage.folders()
    known = set(map(str, Batch.objects.filter(pruned_at=None).values_list("public_id", flat=True)))
    for folder in folders:
        if folder not in known and batch_storage.is_older(folder, timezone.now() - UNKNOWN_AFTER):
            batch_storage.forget_folder(folder)
