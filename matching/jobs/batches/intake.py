"""Taking a batch in: its rows are cut into chunks, each kept in the storage and written down with the place in one commit.

A worker that is killed leaves at most a file that nobody names: the next one goes on at the place, which is exact.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from companies.facts import Text
from matching import batch_storage
from matching.batches.faults import BatchFault
from matching.batches.files import InputFile
from matching.batches.portions import portions, rows_in
from matching.batches.rows import Place
from matching.jobs.batches.companies import company_lines
from matching.jobs.batches.reading import source_of
from matching.jobs.leases import Lease, LeaseLost, give_back, lease_length, put_back
from matching.jobs.outbox import announce_batch
from matching.models import Batch, BatchChunk, Format, Reason, State

# How long a step goes on: a single match that comes in waits for it. The place in a large row group of Parquet takes a
# while to find; there a step takes twice that, or finding it again and again would be most of the work.
STEP_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Cut:
    """Some rows as they are kept, and where they begin and end."""

    content: bytes
    rows: int
    start: Place
    end: Place


def take_in(lease: Lease, batch: Batch, tick: Callable[[], None]) -> None:
    """The next chunks of the batch, each in its own commit; raises LeaseLost when it is no longer ours."""
    number, began = batch.chunks.count(), time.monotonic()
    longest = STEP_SECONDS
    try:
        for at, cut in enumerate(_cuts(batch)):
            if at == 0:
                longest = max(longest, 2 * (time.monotonic() - began))
            tick()
            _keep(lease, batch, number + at, cut)
            if time.monotonic() - began > longest:
                put_back(lease)
                return
    except BatchFault as fault:
        _refuse(lease, batch, fault)
        return
    put_back(lease, taken_in_at=Now())
    batch_storage.forget_copy(batch.upload)


def _cuts(batch: Batch) -> Iterator[Cut]:
    """The rows that are not taken in yet."""
    return _company_cuts(batch) if batch.format == Format.COMPANIES else _file_cuts(batch)


def _company_cuts(batch: Batch) -> Iterator[Cut]:
    """Of companies sent before: what they have answered by now, some at a time; those that cannot be seen any more too."""
    start = batch.place
    with batch_storage.local_copy(batch.upload, batch.size).open("rb") as opened:
        opened.seek(start.offset)
        while lines := list(islice(opened, settings.BATCH_CHUNK_ROWS)):
            ids = [line.decode().strip() for line in lines]
            end = Place(start.offset + sum(map(len, lines)), start.line + len(lines))
            yield Cut(b"".join(company_lines(batch.partner, ids)), len(lines), start, end)
            start = end


def _file_cuts(batch: Batch) -> Iterator[Cut]:
    how, path, start = batch.how, batch_storage.local_copy(batch.upload, batch.size), batch.place
    file = InputFile(Path(batch.shown_name), how.format, batch.size, batch.digest, how.encoding, 0, how.sound)
    source = source_of(batch)
    with path.open("rb") as opened, path.open("rb") as beside:
        for portion, end in portions(file, opened, source, start, settings.BATCH_CHUNK_ROWS):
            rows = rows_in(portion)
            if rows:
                yield Cut(how.kept(beside, portion, start, end), rows, start, end)
            start = end


def _keep(lease: Lease, batch: Batch, number: int, cut: Cut) -> None:
    rows = batch.rows + cut.rows
    if rows > settings.BATCH_MAX_ROWS:
        most = settings.BATCH_MAX_ROWS
        raise BatchFault(
            Text(
                f"{batch.shown_name}: more than {most:,} rows; send them as several batches.",
                f"{batch.shown_name}：超过 {most:,} 行，请分成多个批次提交。",
            )
        )
    name = batch_storage.keep(f"{batch.folder}/rows/{number:05}", cut.content)
    with transaction.atomic():
        kept = lease.held.update(
            offset=cut.end.offset,
            line=cut.end.line,
            rows=rows,
            lease_until=Now() + lease_length(),
        )
        if not kept:
            raise LeaseLost
        BatchChunk.objects.create(
            batch=batch,
            number=number,
            line=cut.start.line,
            rows=cut.rows,
            content=name,
            max_attempts=settings.JOB_MAX_ATTEMPTS,
        )
    batch.rows = rows


def _refuse(lease: Lease, batch: Batch, fault: BatchFault) -> None:
    """End the batch because of its file: what was matched of it so far stays as it is, the rest is not begun."""
    with transaction.atomic():
        give_back(lease, reason=Reason.FILE_UNREADABLE, detail="", retry=False)
        Batch.objects.filter(pk=batch.pk).update(fault={"en": fault.message.en, "zh": fault.message.zh})
        batch.chunks.live().update(state=State.CANCELLED, lease_token=None, lease_until=None, finished_at=Now())
        announce_batch(batch)
