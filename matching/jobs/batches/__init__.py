"""The work of batches: taking rows in, matching chunks, closing; partners take turns, whatever each of them has sent."""

from datetime import timedelta
from functools import partial

from django.db.models.functions import Now

from matching.jobs.batches.chunks import match_chunk
from matching.jobs.batches.closing import close, old_batches, prune
from matching.jobs.batches.intake import take_in
from matching.jobs.leases import Lease, carry_out, claim_first, still_ours
from matching.models import Batch, BatchChunk

__all__ = ["TIME_LIMIT", "claim", "do_next", "old_batches", "prune", "waiting"]

TIME_LIMIT = timedelta(seconds=60)
# Batches looked through for a step that no other worker is about to take.
_LOOKED_AT = 10


def claim() -> Lease | None:
    """Take the next step of the batch whose partner's turn it is: of the batch itself, or one of its chunks."""
    for batch in Batch.objects.in_turn().values_list("pk", flat=True)[:_LOOKED_AT]:
        lease = claim_first(Batch.objects.steps().filter(pk=batch)) or claim_first(
            BatchChunk.objects.runnable().filter(batch=batch)
        )
        if lease is not None:
            Batch.objects.filter(pk=batch).update(served_at=Now())
            return lease
    return None


def do_next(worker: str = "") -> bool:
    """Do the next step of a batch; False when there was nothing to do."""
    lease = claim()
    if lease is None:
        return False
    if lease.kind is Batch:
        _do_step(lease, worker)
    else:
        _do_chunk(lease, worker)
    return True


def waiting(at_most: int) -> int:
    """How many steps could be taken now, counted up to a limit."""
    live = Batch.objects.live().order_by().values("pk")
    found = len(BatchChunk.objects.runnable().filter(batch__in=live).values_list("pk")[:at_most])
    return found + (len(Batch.objects.steps().values_list("pk")[: at_most - found]) if found < at_most else 0)


def _do_step(lease: Lease, worker: str) -> None:
    batch = Batch.objects.without_bulk().get(pk=lease.row)
    check = still_ours(lease, worker, TIME_LIMIT)
    step = take_in if batch.taken_in_at is None else close

    def tick() -> None:
        check(batch.progress_done, batch.progress_total)

    carry_out(lease, lambda: step(lease, batch, tick), batch, rows=batch.rows)


def _do_chunk(lease: Lease, worker: str) -> None:
    chunk = BatchChunk.objects.with_batch().get(pk=lease.row)
    check = still_ours(lease, worker, TIME_LIMIT)
    work = partial(match_chunk, lease, chunk, lambda: check(0, chunk.rows))
    carry_out(lease, work, chunk, batch=str(chunk.batch.public_id), number=chunk.number)
