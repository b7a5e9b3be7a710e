"""Looking a file over before work begins: what it is, its encoding, its digest. Never more than a block in memory."""

import codecs
import errno
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from companies.facts import Text
from matching.batches.faults import BatchFault

BLOCK = 4 << 20
"""Bytes read at a time."""
LONGEST_LINE = 1_000_000
"""Bytes that one row may have: far beyond a row with every fact answered, far below what hurts."""
FORMATS = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}
ENCODINGS = ("utf-8", "gb18030", "utf-16")

_MAGIC = (
    (b"\x1f\x8b", Text("a gzip archive; unpack it first", "gzip 压缩文件，请先解压")),
    (b"PK\x03\x04", Text("a zip archive or an Excel workbook; save it as “CSV UTF-8” first",
                         "压缩包或 Excel 工作簿，请先另存为“CSV UTF-8”")),
    (b"\xd0\xcf\x11\xe0", Text("an old Excel workbook; save it as “CSV UTF-8” first",
                               "旧版 Excel 工作簿，请先另存为“CSV UTF-8”")),
    (b"%PDF", Text("a PDF", "PDF 文件")),
    (b"BZh", Text("a bzip2 archive; unpack it first", "bzip2 压缩文件，请先解压")),
    (b"\xfd7zXZ", Text("an xz archive; unpack it first", "xz 压缩文件，请先解压")),
    (b"\x28\xb5\x2f\xfd", Text("a zstd archive; unpack it first", "zstd 压缩文件，请先解压")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that was looked over: its format, size and digest; for text its encoding and where the text begins."""

    path: Path
    """What messages call it."""
    format: str
    size: int
    digest: str
    encoding: str = ""
    start: int = 0
    sound: bool = False
    """Every byte is known to fit the encoding."""


def format_of(path: Path) -> str:
    """The format that the name's ending stands for."""
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise BatchFault(
            Text(
                f"{path}: the name must end in .csv, .ndjson or .parquet, so that the format is known.",
                f"{path}：文件名须以 .csv、.ndjson 或 .parquet 结尾，以便识别格式。",
            )
        )
    return found


def unreadable(path: Path, fault: OSError) -> BatchFault:
    """The fault of a file that the system does not let us read or write."""
    why = say_why(fault)
    return BatchFault(Text(f"{path}: {why.en}", f"{path}：{why.zh}"), resumable=True)


def say_why(fault: OSError) -> Text:
    """The system's reason, in Chinese too where it is one of the usual ones."""
    said = fault.strerror or str(fault)
    return Text(said, _REASONS.get(fault.errno or 0, said))


_REASONS = {
    errno.ENOENT: "文件或文件夹不存在",
    errno.ENOSPC: "磁盘空间已满",
    errno.EDQUOT: "磁盘配额已满",
    errno.EACCES: "没有访问权限",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.EROFS: "该磁盘只能读取",
}


def look_over(path: Path, encoding: str | None = None, *, shown: Path | None = None) -> InputFile:
    """The file's format, digest and encoding; refuses what is empty, not text, or cannot be read.

    `shown` is what messages call it, where it is kept under another name; its ending says the format.
    Text is read once from end to end: only then is it certain that an encoding fits, and that no line is endless.
    """
    shown = shown or path
    kind = format_of(shown)
    if path.is_dir():
        raise BatchFault(Text(f"{shown} is a folder, not a file.", f"{shown} 是文件夹，不是文件。"))
    try:
        with path.open("rb") as opened:
            head = opened.read(BLOCK)
            if not head:
                raise BatchFault(Text(f"{shown} is empty.", f"{shown} 是空文件。"))
            _refuse_other_formats(shown, head, kind)
            if kind == "parquet":
                digest, size, _ = _scan(shown, opened, head, None)
                return InputFile(shown, kind, size, digest)
            mark = _byte_order_mark(head)
            first = "utf-16" if mark.startswith("utf-16") or encoding == "utf-16" else "utf-8"
            digest, size, broken = _scan(shown, opened, head, first)
    except OSError as fault:
        raise unreadable(shown, fault) from fault
    chosen = _named(encoding, head) or mark or ("gb18030" if broken else "utf-8")
    if encoding is None and not mark and broken:
        _refuse_unless_gb18030(path, shown, broken)
    sound = chosen == "utf-8" and first == "utf-8" and not broken
    return InputFile(shown, kind, size, digest, *_start(chosen, head), sound=sound)


def _refuse_other_formats(path: Path, head: bytes, kind: str) -> None:
    if kind == "parquet":
        if not head.startswith(b"PAR1"):
            raise BatchFault(Text(f"{path} is not a Parquet file.", f"{path} 不是 Parquet 文件。"))
        return
    if head.startswith(b"PAR1"):
        raise BatchFault(
            Text(f"{path} is a Parquet file; its name must end in .parquet.",
                 f"{path} 是 Parquet 文件，文件名须以 .parquet 结尾。")
        )  # fmt: skip
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise BatchFault(Text(f"{path} is {what.en}.", f"{path} 是{what.zh}。"))


def _byte_order_mark(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    # Without a mark: in UTF-16, the signs of a header or of JSON are half zeros, always on the same side.
    sample = head[:2000]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if len(sample) >= 4 and max(even, odd) > len(sample) // 8 and min(even, odd) * 8 < max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    return ""


def _named(encoding: str | None, head: bytes) -> str:
    if encoding == "utf-16":
        mark = _byte_order_mark(head)
        return mark if mark.startswith("utf-16") else "utf-16-le"
    return encoding or ""


def _start(encoding: str, head: bytes) -> tuple[str, int]:
    """The encoding, and the bytes of its mark at the beginning, which are no text."""
    if encoding == "utf-8" and head.startswith(codecs.BOM_UTF8):
        return encoding, 3
    if encoding.startswith("utf-16") and head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return encoding, 2
    return encoding, 0


def _scan(path: Path, opened: BinaryIO, head: bytes, encoding: str | None) -> tuple[str, int, int]:
    """Digest and size of the whole file, and the first line that is not UTF-8 (0: all is)."""
    digest, size = hashlib.sha256(), 0
    decoder = codecs.getincrementaldecoder("utf-8")() if encoding == "utf-8" else None
    line, since_end, broken, tail = 1, 0, 0, b""
    block = head
    while block:
        digest.update(block)
        size += len(block)
        if encoding is not None:
            since_end = _since_end(path, block, since_end, line)
        if decoder is not None and not broken:
            try:
                decoder.decode(block)
            except UnicodeDecodeError as fault:
                broken = line + (tail + block)[: fault.start].count(b"\n")
            tail = decoder.getstate()[0]
        line += block.count(b"\n") if encoding is not None else 0
        block = opened.read(BLOCK)
    if tail and not broken:
        broken = line
    return digest.hexdigest(), size, broken


def _since_end(path: Path, block: bytes, since_end: int, line: int) -> int:
    """How long the line is by the end of the block; refuses one beyond the limit, with few looks at the block."""
    at, left = 0, LONGEST_LINE - since_end
    while len(block) - at > left:
        end = block.rfind(b"\n", at, at + left + 1)
        if end < 0:
            raise line_too_long(path, line + block.count(b"\n", 0, at))
        at, left = end + 1, LONGEST_LINE
    last = block.rfind(b"\n")
    return since_end + len(block) if last < 0 else len(block) - last - 1


def line_too_long(path: Path, line: int) -> BatchFault:
    """The fault of a row beyond the limit."""
    return BatchFault(
        Text(
            f"{path}:{line}: this line is longer than {LONGEST_LINE:,} bytes; "
            "is a quotation mark not closed, or is this another format?",
            f"{path}:{line}：此行超过 {LONGEST_LINE:,} 字节；是否有引号未闭合，或文件格式有误？",
        )
    )


def _refuse_unless_gb18030(path: Path, shown: Path, broken: int) -> None:
    """GB18030 (and GBK, a part of it) is the usual other encoding; anything else has to be named."""
    decoder = codecs.getincrementaldecoder("gb18030")()
    try:
        with path.open("rb") as opened:
            while block := opened.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise BatchFault(
            Text(
                f"{shown}:{broken}: neither UTF-8 nor GB18030 (GBK). Save the file as UTF-8, or name its encoding "
                "(option encoding); rows that do not fit it are then rejected.",
                f"{shown}:{broken}：既不是 UTF-8 也不是 GB18030（GBK）。请另存为 UTF-8，或用选项 encoding 指定编码，"
                "不符合该编码的行将被拒收。",
            )
        ) from None
