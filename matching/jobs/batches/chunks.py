"""Matching a chunk: its rows are read, checked and matched over columns; result, rejections and state in one commit."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from django.db import transaction

from matching import batch_storage
from matching.batches.faults import RowFault
from matching.batches.parquet_footers import whole_file
from matching.batches.work import Done
from matching.engine.plan import VERDICTS
from matching.jobs.batches.reading import worker_for
from matching.jobs.leases import Lease, LeaseLost, end_as_done
from matching.jobs.tallies import count
from matching.models import BatchChunk, BatchRejection


def match_chunk(lease: Lease, chunk: BatchChunk, tick: Callable[[], None]) -> None:
    """Match the rows of the chunk; raises LeaseLost when it is no longer ours."""
    done = evaluate(chunk)
    tick()
    name = ""
    # The first one says which columns there are, also where nothing was accepted.
    if done.matched or chunk.number == 0:
        # Under a name of this attempt's own: one that was fenced off harms nobody.
        name = f"{chunk.batch.folder}/results/{chunk.number:05}-{lease.token.hex[:12]}"
        name = batch_storage.keep(name, whole_file(done.result, done.footer))
    try:
        _store(lease, chunk, done, name)
    except LeaseLost:
        if name:
            batch_storage.forget(name)
        raise


def evaluate(chunk: BatchChunk) -> Done:
    """What comes of the chunk; the same each time."""
    batch = chunk.batch
    kept = batch_storage.read(chunk.content)
    portion = batch.how.portion(Path(batch.shown_name), kept, chunk.line, chunk.rows)
    worker = worker_for(batch)
    done = worker.do(portion)
    if done.matched:
        return done
    empty = worker.empty()
    return replace(done, result=empty.result, footer=empty.footer)


def _store(lease: Lease, chunk: BatchChunk, done: Done, name: str) -> None:
    counts = list(done.verdicts) or [0] * len(VERDICTS)
    with transaction.atomic():
        end_as_done(
            lease,
            result=name,
            accepted=done.matched,
            rejected=done.rejected,
            left_out=done.left_out,
            verdicts={verdict.value: count for verdict, count in zip(VERDICTS, counts, strict=True)},
            progress_done=chunk.rows,
            progress_total=chunk.rows,
        )
        BatchRejection.objects.bulk_create(_rejections(chunk, done), batch_size=500)
    count("batch_rows", chunk.rows)


def _rejections(chunk: BatchChunk, done: Done) -> Iterator[BatchRejection]:
    for line, of_line in groupby(done.faults, key=lambda fault: fault.line):
        said = [_plain(fault) for fault in of_line][: BatchRejection.MOST_FAULTS]
        yield BatchRejection(batch_id=chunk.batch_id, line=line, whole=line in done.rejected_lines, faults=said)


def _plain(fault: RowFault) -> dict[str, str]:
    said = {
        "field": fault.field[:200], "value": fault.value, "code": fault.code, "en": fault.message.en,
        "zh": fault.message.zh,
    }  # fmt: skip
    # PostgreSQL stores neither NUL nor half a character.
    return {key: text.replace("\0", "�").encode("utf-8", "replace").decode() for key, text in said.items()}
