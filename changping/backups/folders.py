"""What a backup is on the disk: a folder of files that only its owner reads, and a manifest with the digest of each, written last."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
FILES = "batches"


class BackupFault(Exception):
    """A backup that cannot be taken, or is not whole; says what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: the day, how many files, how many bytes, and how many rows each table had, where that was counted."""

    folder: Path
    taken_at: str
    files: int
    size: int
    rows: dict[str, int] = field(default_factory=dict)


def begin(folder: Path) -> None:
    """Make the new folder; raises BackupFault where something is there already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupFault(f"{folder} is there already and not empty: name a new folder")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def copy_batches(batches: Path, folder: Path) -> None:
    """Copy the kept files; one that is pruned while this copies is left out, as its row says by then."""
    for path in files_in(batches):
        with suppress(FileNotFoundError):
            copy(path, folder / FILES / path.relative_to(batches))


def finish(folder: Path, rows: dict[str, int] | None = None) -> Backup:
    """Write the manifest: from now on it is a backup."""
    found = {str(path.relative_to(folder)): digest_of(path) for path in files_in(folder)}
    taken_at = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = {"taken_at": taken_at, "files": found, **({"rows": rows} if rows is not None else {})}
    _write(folder / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True).encode())
    return _said(folder, manifest)


def whole(folder: Path, database: str) -> Backup:
    """The backup, once every file of it has its digest; raises BackupFault that says which has not."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        files: dict[str, str] = manifest["files"]
    except (OSError, ValueError, KeyError) as fault:
        raise BackupFault(f"{folder} is no whole backup: it has no {MANIFEST} that can be read ({fault})") from None
    for name, digest in files.items():
        path = folder / name
        if not path.is_file():
            raise BackupFault(f"{path} is missing: take another backup")
        if digest_of(path) != digest:
            raise BackupFault(f"{path} is not what was backed up: take another backup")
    if database not in files:
        raise BackupFault(f"{folder} holds no {database}: it is of the other edition")
    return _said(folder, manifest)


def put(path: Path, place: Path) -> None:
    """A copy that is there whole or not at all."""
    half = place.with_name(f"{place.name}.half")
    half.unlink(missing_ok=True)
    copy(path, half)
    half.replace(place)


def copy(path: Path, place: Path) -> None:
    """A copy on the disk that only its owner reads."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (
        path.open("rb") as opened,
        os.fdopen(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as written,
    ):
        shutil.copyfileobj(opened, written, 1 << 20)
        written.flush()
        os.fsync(written.fileno())


def files_in(folder: Path) -> Iterator[Path]:
    """The files below, in order, without the manifest."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MANIFEST)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())


def _said(folder: Path, manifest: dict[str, Any]) -> Backup:
    files = manifest["files"]
    size = sum((folder / name).stat().st_size for name in files)
    return Backup(folder, manifest["taken_at"], len(files), size, manifest.get("rows", {}))
