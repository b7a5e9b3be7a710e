"""Receiving a file: the body goes to the disk as it comes, unpacked where it is packed, and is looked over there."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request

from companies.api.problems import FieldFault, Problem
from companies.facts import Text, Vocabulary
from matching.batches.faults import BatchFault
from matching.batches.portions import Opened, open_file
from matching.models import Format

MEDIA_TYPES = {
    "text/csv": Format.CSV,
    "application/x-ndjson": Format.NDJSON,
    "application/vnd.apache.parquet": Format.PARQUET,
}
BLOCK = 1 << 20
# A packed file may become so many times larger; at first more, since a small file of equal rows packs very well.
MOST_TIMES, FREE_BYTES = 100, 32 << 20


def format_sent(request: Request) -> Format | None:
    """The format of the file that is sent; None where the body is no file."""
    return MEDIA_TYPES.get(_media_type(request))


def receive(request: Request, path: Path) -> None:
    """Write the body to the file; raises Problem (too-large, invalid, unsupported-media-type)."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.BATCH_MAX_BYTES:
        raise _too_large()
    size = 0
    with path.open("wb") as written:
        for block in _unpacked(request, _blocks(request)):
            size += len(block)
            if size > settings.BATCH_MAX_BYTES:
                raise _too_large()
            written.write(block)


def look_at(
    path: Path, format: Format, vocabulary: Vocabulary, today: Vocabulary, *, encoding: str | None, skip_unknown: bool
) -> Opened:
    """The received file with its header read; raises Problem (invalid) that says what is wrong with it."""
    try:
        return open_file(
            path, Path(f"companies.{format}"), vocabulary, today=today, encoding=encoding, skip_unknown=skip_unknown
        )
    except BatchFault as fault:
        raise Problem("invalid", errors=[FieldFault("", "unreadable_file", fault.message)]) from None


def _media_type(request: Request) -> str:
    return request.content_type.partition(";")[0].strip().lower()


def _blocks(request: Request) -> Iterator[bytes]:
    # Django takes a body without a length for empty; a server that knows its end says so.
    chunked = request.META.get("wsgi.input_terminated") and not request.META.get("CONTENT_LENGTH")
    stream: Any = request.META["wsgi.input"] if chunked else request._request
    received = 0
    while block := stream.read(BLOCK):
        received += len(block)
        if received > settings.BATCH_MAX_BYTES:
            raise _too_large()
        yield block


def refuse_packed(request: Request) -> None:
    """A list of companies is JSON as it is: raises UnsupportedMediaType for a packing that nobody knows, Problem (invalid) for gzip."""
    if _packing(request) == "gzip":
        raise _refused(
            "packed_list", "Only files may be packed. Send the list as it is.", "只有文件可以压缩，列表请直接发送。"
        )


def _unpacked(request: Request, blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield from _gunzipped(blocks) if _packing(request) == "gzip" else blocks


def _packing(request: Request) -> str:
    packed = request.headers.get("Content-Encoding", "identity").strip().lower()
    if packed not in ("identity", "gzip"):
        raise UnsupportedMediaType(packed)
    return packed


def _gunzipped(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """What was packed, never much of it at once; a gzip file may consist of several, one after the other."""
    taken = given = 0
    unpacker: Any = None
    try:
        for packed in blocks:
            taken += len(packed)
            while packed:
                unpacker = unpacker or zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
                block = unpacker.decompress(packed, BLOCK)
                given += len(block)
                if given > FREE_BYTES and given > MOST_TIMES * taken:
                    raise _refused(
                        "packed_too_well",
                        f"The file becomes more than {MOST_TIMES} times larger when it is unpacked. Send it unpacked.",
                        f"文件解压后超过原大小的 {MOST_TIMES} 倍，请直接发送未压缩的文件。",
                    )
                yield block
                packed = unpacker.unconsumed_tail or unpacker.unused_data
                if unpacker.eof:
                    unpacker = None
    except zlib.error:
        raise _refused("bad_gzip", "This is not gzip, or it is damaged.", "文件不是 gzip 格式，或已损坏。") from None
    if unpacker is not None:
        raise _refused("bad_gzip", "The gzip file is cut off.", "gzip 文件不完整。")


def _too_large() -> Problem:
    most = settings.BATCH_MAX_BYTES
    return Problem("too-large", Text(f"At most {most:,} bytes, unpacked.", f"解压后最多 {most:,} 字节。"))


def _refused(code: str, en: str, zh: str) -> Problem:
    return Problem("invalid", errors=[FieldFault("", code, Text(en, zh))])
