"""A copy of an embedded installation, taken while it serves, and an installation made of such a copy.

It holds the database, the key that its secrets are sealed with, and the kept files of batches. The database is copied first: whatever
its rows say was on the disk before they said it.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from changping.backups.folders import (
    FILES,
    Backup,
    BackupFault,
    begin,
    copy,
    copy_batches,
    files_in,
    finish,
    put,
    whole,
)

DATABASE, KEY = "changce.sqlite3", "secret-key"
_PAGES_AT_ONCE = 2_000


def take(folder: Path, *, database: Path, key: Path | None, batches: Path) -> Backup:
    """Copy an installation, which may be serving meanwhile, into a new folder; raises BackupFault.

    `batches` is the folder of kept files. A backup that broke off has no manifest, and cannot be restored.
    """
    if not database.exists():
        raise BackupFault(f"there is no database at {database}")
    begin(folder)
    _copy_database(database, folder / DATABASE)
    if key is not None:
        copy(key, folder / KEY)
    copy_batches(batches, folder)
    return finish(folder)


def check(folder: Path) -> Backup:
    """The backup, once every file of it has its digest and the database is whole; raises BackupFault that says what is not."""
    found = whole(folder, DATABASE)
    with closing(sqlite3.connect(f"{(folder / DATABASE).resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as opened:
        try:
            (said,) = opened.execute("PRAGMA integrity_check").fetchone()
        except sqlite3.DatabaseError as fault:
            said = str(fault)
    if said != "ok":
        raise BackupFault(f"the database in {folder} is damaged: {said}")
    return found


def restore(folder: Path, *, var_dir: Path) -> Backup:
    """Make an installation of a checked backup in a folder that has none; raises BackupFault. Nothing is overwritten."""
    found = check(folder)
    if (var_dir / DATABASE).exists():
        raise BackupFault(f"{var_dir} already holds a database: set VAR_DIR to a new folder, or move the old one away")
    var_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in files_in(folder):
        name = path.relative_to(folder)
        if name.parts[0] == FILES:
            put(path, var_dir / FILES / "kept" / name.relative_to(FILES))
        elif str(name) == KEY:
            # Any start makes a key; without a database there is nothing yet that it seals.
            put(path, var_dir / KEY)
    # Last: until then there is no installation, and the same command can be given again.
    put(folder / DATABASE, var_dir / DATABASE)
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
