"""A copy of an embedded installation, taken while it serves, and an installation made of such a copy.

A backup is a folder: the database, the key that its secrets are sealed with, the kept files of batches, and `manifest.json`
with the SHA-256 of each, written last. The database is copied first: whatever its rows say was on the disk before they said it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
DATABASE, KEY, FILES = "changce.sqlite3", "secret-key", "batches"
_PAGES_AT_ONCE = 2_000


class BackupFault(Exception):
    """A backup that cannot be taken, or is not whole; says what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: the day, how many files, how many bytes."""

    folder: Path
    taken_at: str
    files: int
    size: int


def take(folder: Path, *, database: Path, key: Path | None, batches: Path) -> Backup:
    """Copy an installation, which may be serving meanwhile, into a new folder; raises BackupFault.

    `batches` is the folder of kept files; one that is pruned while this copies is left out, as its row says by then. A backup that
    broke off has no manifest, and cannot be restored.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupFault(f"{folder} is there already and not empty: name a new folder")
    if not database.exists():
        raise BackupFault(f"there is no database at {database}")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _copy_database(database, folder / DATABASE)
    if key is not None:
        _copy(key, folder / KEY)
    for path in _files(batches):
        with suppress(FileNotFoundError):
            _copy(path, folder / FILES / path.relative_to(batches))
    found = {str(path.relative_to(folder)): _digest(path) for path in _files(folder)}
    taken_at = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = json.dumps({"taken_at": taken_at, "files": found}, indent=1, sort_keys=True)
    _write(folder / MANIFEST, manifest.encode())
    return _said(folder, taken_at, found)


def check(folder: Path) -> Backup:
    """The backup, once every file of it has its digest and the database is whole; raises BackupFault that says what is not."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        files: dict[str, str] = manifest["files"]
    except (OSError, ValueError, KeyError) as fault:
        raise BackupFault(f"{folder} is no whole backup: it has no {MANIFEST} that can be read ({fault})") from None
    for name, digest in files.items():
        path = folder / name
        if not path.is_file():
            raise BackupFault(f"{path} is missing: take another backup")
        if _digest(path) != digest:
            raise BackupFault(f"{path} is not what was backed up: take another backup")
    if DATABASE not in files:
        raise BackupFault(f"{folder} holds no database")
    with closing(sqlite3.connect(f"{(folder / DATABASE).resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as opened:
        try:
            (said,) = opened.execute("PRAGMA integrity_check").fetchone()
        except sqlite3.DatabaseError as fault:
            said = str(fault)
    if said != "ok":
        raise BackupFault(f"the database in {folder} is damaged: {said}")
    return _said(folder, manifest["taken_at"], files)


def restore(folder: Path, *, var_dir: Path) -> Backup:
    """Make an installation of a checked backup in a folder that has none; raises BackupFault. Nothing is overwritten."""
    found = check(folder)
    if (var_dir / DATABASE).exists():
        raise BackupFault(f"{var_dir} already holds a database: set VAR_DIR to a new folder, or move the old one away")
    var_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in _files(folder):
        name = path.relative_to(folder)
        if name.parts[0] == FILES:
            _put(path, var_dir / FILES / "kept" / name.relative_to(FILES))
        elif str(name) == KEY:
            # Any start makes a key; without a database there is nothing yet that it seals.
            _put(path, var_dir / KEY)
    # Last: until then there is no installation, and the same command can be given again.
    _put(folder / DATABASE, var_dir / DATABASE)
    return found


def _copy_database(database: Path, copy: Path) -> None:
    """SQLite's own backup: a moment of the database, whoever writes to it meanwhile."""
    os.close(os.open(copy, os.O_CREAT | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(database, timeout=60)) as source, closing(sqlite3.connect(copy)) as target:
        # One reading transaction over all of it: without, each write of others would make the copying begin anew.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(target, pages=_PAGES_AT_ONCE)
        # The copy is one file: no log beside it.
        target.execute("PRAGMA journal_mode=DELETE")
    with copy.open("rb") as written:
        os.fsync(written.fileno())


def _put(path: Path, place: Path) -> None:
    """A copy that is there whole or not at all."""
    half = place.with_name(f"{place.name}.half")
    half.unlink(missing_ok=True)
    _copy(path, half)
    half.replace(place)


def _copy(path: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (
        path.open("rb") as opened,
        os.fdopen(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as written,
    ):
        shutil.copyfileobj(opened, written, 1 << 20)
        written.flush()
        os.fsync(written.fileno())


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MANIFEST)


def _digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _said(folder: Path, taken_at: str, files: dict[str, str]) -> Backup:
    return Backup(folder, taken_at, len(files), sum((folder / name).stat().st_size for name in files))
