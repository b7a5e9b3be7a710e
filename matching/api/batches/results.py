"""What came of a batch: a page at a time, or all of it as NDJSON or Parquet, chunk by chunk as it was matched."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.http import HttpResponse, StreamingHttpResponse
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from companies.api.asking import Asked
from companies.api.pages import PAGE, next_address, page_asked, read_cursor, write_cursor
from companies.api.problems import Problem
from companies.api.promises import documented, page_of
from companies.facts import Text
from matching import batch_storage
from matching.api.batches.references import still_seen
from matching.api.batches.resources import BATCH, BatchView
from matching.batches.parquet_footers import MAGIC, joined_footer, take_apart
from matching.batches.writing import ndjson_bytes, parquet_bytes
from matching.models import Batch, BatchChunk, BatchRejection, Format
from policies.rules import Verdict

USUAL, MOST = 1_000, 10_000
# Chunks looked into for one page: where few pairs are wanted, a page may be short, and `next` leads on.
_MOST_CHUNKS = 10


class NdjsonRenderer(JSONRenderer):
    """Lines of JSON; problems come as they always do."""

    media_type = "application/x-ndjson"
    format = "ndjson"


class ParquetRenderer(JSONRenderer):
    """A Parquet file; problems come as they always do."""

    media_type = "application/vnd.apache.parquet"
    format = "parquet"


class PairSerializer(serializers.Serializer[Any]):
    """One company and one offer. A file that has a `uscc` beside an `id` gets it back as well."""

    id = serializers.CharField(help_text="As you sent it; the number of the line where you sent none.")
    uscc = serializers.CharField(required=False)
    name = serializers.CharField()
    offer = serializers.CharField()
    standing = serializers.CharField(help_text="Of the edition on the day.")
    verdict = serializers.ChoiceField(choices=[one.value for one in Verdict])
    amount_status = serializers.CharField(allow_null=True)
    amount_low = serializers.CharField(allow_null=True, help_text="Exact digits in CNY; null where it is not known.")
    amount_high = serializers.CharField(allow_null=True)
    missing = serializers.ListField(child=serializers.CharField(), help_text="Facts that can still change the verdict.")


class FaultSerializer(serializers.Serializer[Any]):
    """One thing that is wrong in a row."""

    field = serializers.CharField(help_text="The column as the file calls it; empty where it is the whole row.")
    value = serializers.CharField(help_text="What stood there, shortened.")
    code = serializers.CharField()
    detail = serializers.DictField(child=serializers.CharField(), help_text="What is wrong: `en` and `zh`.")


class RejectionSerializer(serializers.Serializer[Any]):
    """One row, and everything that is wrong with it."""

    line = serializers.IntegerField(help_text="In the file, unpacked, from 1; in Parquet the number of the row.")
    rejected = serializers.BooleanField(help_text="Whether the whole row was left out.")
    errors = FaultSerializer(many=True)  # type: ignore[assignment]  # the word of problems, not of the library


_LIMIT = Asked(
    "limit",
    Text(f"How many pairs, {USUAL:,} unless said.", f"条数，默认 {USUAL:,}。"),
    kind="whole",
    least=1,
    most=MOST,
)
_VERDICTS = Asked(
    "verdict",
    Text("Only pairs with this verdict; may be said several times.", "仅此结论，可多次出现。"),
    one_of=tuple(one.value for one in Verdict),
    many=True,
)
_ANSWERS = {
    "application/json": page_of(PairSerializer),
    "application/x-ndjson": {"type": "string"},
    "application/vnd.apache.parquet": {"type": "string", "format": "binary"},
}


class BatchResults(BatchView):
    """The results of one batch."""

    renderer_classes = [JSONRenderer, NdjsonRenderer, ParquetRenderer]

    @documented(
        "read_batch_results",
        Text("What came of a batch", "批次的结果"),
        answers={200: _ANSWERS},
        asks=[BATCH, _VERDICTS, PAGE[0], _LIMIT],
        problems=["bad-cursor", "not-now", "gone"],
    )
    def get(self, request: Request, batch: str) -> HttpResponse | StreamingHttpResponse:
        """A row for each company and offer, company by company in the order in which they were sent, once the batch has ended.

        As `application/json` a page at a time; as `application/x-ndjson` or `application/vnd.apache.parquet` (header Accept) all of it in one
        answer, which comes as it is read. Of a batch that failed or was stopped, what was matched until then.
        """
        found = self.found(request, batch)
        _refuse_unless_there(found)
        wanted = [Verdict(one) for one in self.asked["verdict"]]
        match request.accepted_renderer:
            case NdjsonRenderer():
                return _streamed(_ndjson(found, wanted), "application/x-ndjson", f"{found.public_id}.ndjson")
            case ParquetRenderer():
                media_type = "application/vnd.apache.parquet"
                return _streamed(_parquet(found, wanted), media_type, f"{found.public_id}.parquet")
        return self._page(request, found, wanted)

    def _page(self, request: Request, batch: Batch, wanted: list[Verdict]) -> HttpResponse:
        name, limit = f"results {batch.public_id}", self.asked["limit"] or USUAL
        chunk, row = _place(name, self.asked["cursor"])
        lines, following = _some(batch, wanted, chunk, row, limit)
        address = "null"
        if following is not None:
            cursor = write_cursor(name, f"{following[0]}.{following[1]}")
            address = f'"{next_address(request, cursor)}"'
        body = b'{"results":[' + b",".join(lines) + b'],"next":' + address.encode() + b"}"
        return HttpResponse(body, content_type="application/json")


class BatchRejections(BatchView):
    """What of a batch was rejected."""

    @documented(
        "list_batch_rejections",
        Text("What of a batch was rejected", "批次中被拒收的行"),
        answers=page_of(RejectionSerializer),
        asks=[BATCH, *PAGE],
        problems=["bad-cursor", "gone"],
    )
    def get(self, request: Request, batch: str) -> Response:
        """Each row that was rejected, or of which answers were left out, in the order of the file; also while the batch is at work."""
        found = self.found(request, batch)
        if found.pruned_at is not None:
            raise Problem("gone")
        rows = BatchRejection.objects.filter(batch=found)
        return page_asked(request, self.asked, f"rejections {found.public_id}").answer(rows, "line", _rejection_said)


def _rejection_said(row: BatchRejection) -> dict[str, Any]:
    errors = [
        {**{key: one[key] for key in ("field", "value", "code")}, "detail": {"en": one["en"], "zh": one["zh"]}}
        for one in row.faults
    ]
    return {"line": row.line, "rejected": row.whole, "errors": errors}


def _refuse_unless_there(batch: Batch) -> None:
    if batch.pruned_at is not None:
        raise Problem("gone")
    if not batch.has_ended:
        said = Text(
            "The batch is still at work; its results come when it has ended.", "该批次仍在处理中，结束后方可读取结果。"
        )
        raise Problem("not-now", said, retry_after=timedelta(seconds=5))


def _place(name: str, cursor: str | None) -> tuple[int, int]:
    if cursor is None:
        return 0, 0
    chunk, _dot, row = str(read_cursor(name, cursor)).partition(".")
    return int(chunk), int(row)


def _some(
    batch: Batch, wanted: list[Verdict], number: int, row: int, limit: int
) -> tuple[list[bytes], tuple[int, int] | None]:
    """Lines from this row of this chunk on, and where the next page begins."""
    lines: list[bytes] = []
    chunks = _matched(batch, wanted).filter(number__gte=number)[: _MOST_CHUNKS + 1]
    for at, chunk in enumerate(chunks):
        if at == _MOST_CHUNKS or len(lines) == limit:
            return lines, (chunk.number, 0)
        table = _table(chunk, wanted)
        start = row if chunk.number == number else 0
        taken = table.slice(start, limit - len(lines))
        following = start + taken.num_rows
        # Left out after the place is counted, so that a page goes on where the one before ended whoever withdraws meanwhile.
        taken = still_seen(batch, taken)
        lines += ndjson_bytes(taken).splitlines() if taken.num_rows else []
        if following < table.num_rows:
            return lines, (chunk.number, following)
    return lines, None


def _matched(batch: Batch, wanted: list[Verdict]) -> Any:
    """The chunks in which there is something to read."""
    return batch.chunks.found().with_any(wanted)


def _table(chunk: BatchChunk, wanted: list[Verdict]) -> Any:
    table = pq.read_table(io.BytesIO(batch_storage.read(chunk.result)))
    if not wanted:
        return table
    words = pa.array([one.value for one in wanted])
    return table.filter(pc.is_in(table["verdict"].cast(pa.string()), words))


def _ndjson(batch: Batch, wanted: list[Verdict]) -> Iterator[bytes]:
    for chunk in _matched(batch, wanted):
        yield ndjson_bytes(still_seen(batch, _table(chunk, wanted)))


def _parquet(batch: Batch, wanted: list[Verdict]) -> Iterator[bytes]:
    """The row groups of all chunks one after another, and one footer for them: nothing is read twice or held."""
    yield MAGIC
    offset, footers = len(MAGIC), []
    for chunk in batch.chunks.found().exclude(result=""):
        if wanted or batch.format == Format.COMPANIES:
            whole = parquet_bytes(still_seen(batch, _table(chunk, wanted)))
        else:
            whole = batch_storage.read(chunk.result)
        parts = take_apart(whole)
        footers.append((offset, parts.footer))
        offset += len(parts.body)
        yield parts.body
    yield joined_footer(footers)


def _streamed(parts: Iterator[bytes], media_type: str, name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(parts, content_type=media_type, headers=headers)
