"""Catalogue files in a zip: written the same way each time, and read as if an enemy had packed it.

Nothing is written to a disk. What unpacks to more than a catalogue has, hides its names or cannot be read is a fault of
the whole archive; what merely is no catalogue file is passed over and named.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from companies.facts import Text
from policies.catalogue_files.reader import MAX_BYTES, FileFault

MAX_UPLOAD: Final = 10_000_000
"""Bytes of an archive, or of a single file that is sent."""
MAX_ENTRIES: Final = 2_000
MAX_UNPACKED: Final = 5_000_000
"""Bytes of all catalogue files in an archive together: some ten times what the catalogue has."""
MAX_RATIO: Final = 100
"""How many times longer than packed a file may be, once it is not tiny; text packs to a tenth."""
_TINY = 20_000

_MAGIC = b"PK"
_DIRECTORY_LINE = b"PK\x01\x02"
_LEFTOVERS = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
# What zipfile raises for archives that are broken, locked or beyond it.
_BROKEN = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, OSError, ValueError, OverflowError, struct.error,
)  # fmt: skip

_UNREADABLE = Text("the zip archive is damaged or cut off", "压缩包已损坏或不完整")
_LOCKED = Text("it is locked with a password; pack it without", "文件有密码，请重新打包且不设密码")
_OTHER_PACKING = Text(
    "it is packed in an unusual way; choose the ordinary zip method", "压缩方式不常见，请使用普通 zip 方式"
)
_UNSAFE = Text("a name must not lead out of the archive", "文件名不得指向压缩包之外")
_TWICE = Text("the archive holds this file twice; keep one", "压缩包中有两个同名文件，请只保留一个")
_LINK = Text("a link to another file; it is not followed", "指向其他文件的链接，不予读取")
_NOT_YAML = Text("not a YAML file", "不是 YAML 文件")


@dataclass(slots=True)
class Archive:
    """What is in an archive: the content of catalogue files by their path, what was passed over and why, and faults."""

    files: dict[str, bytes] = field(default_factory=dict)
    passed_over: list[tuple[str, Text]] = field(default_factory=list)
    faults: list[FileFault] = field(default_factory=list)

    def refuse(self, file: str, code: str, said: Text) -> None:
        """Note a fault of the archive or of one file in it."""
        self.faults.append(FileFault(shown_name(file), 1, 1, code, said))


def write_archive(files: Mapping[str, str], made_at: datetime) -> bytes:
    """A zip of these texts by their paths; the same files and time give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, made_at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, files[path].encode())
    return packed.getvalue()


def is_archive(content: bytes) -> bool:
    """Whether these bytes mean to be a zip."""
    return content.startswith(_MAGIC)


def read_archive(name: str, content: bytes) -> Archive:
    """What is in a zip; whatever is wrong becomes faults, never an exception."""
    found = Archive()
    # Counted before anything is made of the lines: a list of a million names is a bomb too.
    if content.count(_DIRECTORY_LINE) > MAX_ENTRIES:
        said = Text(f"the archive has more than {MAX_ENTRIES:,} entries", f"压缩包内文件超过 {MAX_ENTRIES:,} 个")
        found.refuse(name, "too-many-files", said)
        return found
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _read_entries(archive, found)
    except _BROKEN:
        found.refuse(name, "damaged-archive", _UNREADABLE)
    return found


def shown_name(name: str) -> str:
    """A name from outside as it may be shown: on one line, left to right, not without end."""
    shown = _UNSHOWN.sub("\ufffd", name)
    return shown if len(shown) <= 120 else shown[:119] + "…"


def _read_entries(archive: zipfile.ZipFile, found: Archive) -> None:
    left = MAX_UNPACKED
    for entry in archive.infolist():
        # `filename` ends at a NUL; what stands behind it is a name too.
        name = entry.orig_filename
        if _leads_out(name):
            found.refuse(name, "unsafe-name", _UNSAFE)
            continue
        if entry.is_dir() or _is_leftover(name):
            continue
        why = _why_not(entry)
        if why is not None:
            found.passed_over.append((shown_name(name), why))
            continue
        path = _path_in_catalogue(name)
        if path in found.files:
            found.refuse(name, "twice", _TWICE)
            continue
        content = _unpacked(archive, entry, left, found)
        if content is None:
            return
        found.files[path] = content
        left -= len(content)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, found: Archive) -> bytes | None:
    """The content of an entry; None, with the fault noted, where reading the archive must end."""
    name = entry.orig_filename
    if entry.flag_bits & 0x1:
        found.refuse(name, "locked", _LOCKED)
        return None
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        found.refuse(name, "packing", _OTHER_PACKING)
        return None
    if entry.file_size > _TINY and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        said = Text(
            f"it unpacks to more than {MAX_RATIO} times its size, which no text does",
            f"解压后超过原大小的 {MAX_RATIO} 倍，不可能是正常文本",
        )
        found.refuse(name, "bomb", said)
        return None
    try:
        # One more than the longest: the directory may say less than there is.
        with archive.open(entry) as opened:
            content = opened.read(MAX_BYTES + 1)
    except _BROKEN:
        found.refuse(name, "damaged-archive", _UNREADABLE)
        return None
    if len(content) > left:
        said = Text(
            f"the files together are longer than {MAX_UNPACKED:,} bytes; send them in parts",
            f"全部文件合计超过 {MAX_UNPACKED:,} 字节，请分几次上传",
        )
        found.refuse(name, "too-much", said)
        return None
    return content


def _leads_out(name: str) -> bool:
    parts = _parts(name)
    return parts[0] == "" or ".." in parts or ":" in parts[0] or any(ord(one) < 0x20 for one in name)


def _why_not(entry: zipfile.ZipInfo) -> Text | None:
    """Why an entry is no catalogue file; None where it is one."""
    if stat.S_ISLNK(entry.external_attr >> 16):
        return _LINK
    return None if entry.orig_filename.endswith((".yaml", ".yml")) else _NOT_YAML


def _is_leftover(name: str) -> bool:
    """What operating systems put into archives by themselves."""
    parts = _parts(name)
    return bool(_LEFTOVERS.intersection(parts)) or parts[-1].startswith(".")


def _path_in_catalogue(name: str) -> str:
    """The last folder and the name: archives are packed with and without a folder around everything."""
    return "/".join(_parts(name)[-2:])


def _parts(name: str) -> list[str]:
    return name.replace("\\", "/").split("/")
