"""A dump of a served installation's database, taken while it serves, and a database made of such a dump.

It holds what `pg_dump` writes and the kept files of batches, where those lie on a disk. Its manifest says how many rows each table had
at the moment of the dump, so that a restored database can be counted against it. Secrets are not in it: they are in the environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient

from changping.backups.folders import (
    FILES,
    Backup,
    BackupFault,
    begin,
    copy_batches,
    digest_of,
    files_in,
    finish,
    put,
    whole,
)

DATABASE = "changce.dump"


def take(folder: Path, *, batches: Path | None) -> Backup:
    """Dump the database, which may be serving meanwhile, into a new folder; raises BackupFault.

    `batches` is the folder of kept files, None where they are in a store of their own. A backup that broke off has no manifest.
    """
    begin(folder)
    dump = folder / DATABASE
    os.close(os.open(dump, os.O_CREAT | os.O_WRONLY, 0o600))
    # The same moment for the dump and for the counts, whoever writes meanwhile.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (moment,) = cursor.fetchone()
        _run("pg_dump", "--format=custom", f"--snapshot={moment}", f"--file={dump}")
        rows = _count()
    with dump.open("rb") as written:
        os.fsync(written.fileno())
    if batches is not None:
        copy_batches(batches, folder)
    return finish(folder, rows)


def check(folder: Path) -> Backup:
    """The backup, once every file of it has its digest and the dump can be read; raises BackupFault that says what is not."""
    found = whole(folder, DATABASE)
    _run("pg_restore", "--list", str(folder / DATABASE), of_database=False)
    return found


def restore(folder: Path, *, batches: Path | None) -> Backup:
    """Fill the empty database that is connected with a checked backup, and count it; raises BackupFault. Nothing is overwritten.

    The database gets all or nothing. A file of a batch that is there already must be the same one.
    """
    found = check(folder)
    if connection.introspection.table_names():
        raise BackupFault(
            "the database already holds tables: make a new one (createdb) and set DATABASE_URL to it, or empty this one"
        )
    kept = [path for path in files_in(folder) if path.relative_to(folder).parts[0] == FILES]
    places = {path: batches / path.relative_to(folder / FILES) for path in kept} if batches is not None else {}
    for path, place in places.items():
        if place.exists() and digest_of(place) != digest_of(path):
            raise BackupFault(f"{place} is there already and another file: set BATCH_DIR to a new folder")
    for path, place in places.items():
        if not place.exists():
            put(path, place)
    name = connection.settings_dict["NAME"]
    options = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
    _run("pg_restore", *options, f"--dbname={name}", str(folder / DATABASE))
    wrong = {table: (wanted, got) for table, wanted, got in _differences(found.rows, _count())}
    if wrong:
        raise BackupFault(f"the restored database has other rows than were dumped: {wrong}")
    return found


def _differences(wanted: Mapping[str, int], got: Mapping[str, int]) -> list[tuple[str, int, int]]:
    names = sorted(wanted.keys() | got.keys())
    return [(name, wanted.get(name, 0), got.get(name, 0)) for name in names if wanted.get(name) != got.get(name)]


def _count() -> dict[str, int]:
    counted: dict[str, int] = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            (counted[table],) = cursor.fetchone()
    return counted


def _run(program: str, *arguments: str, of_database: bool = True) -> None:
    """Run one of PostgreSQL's programs on our database; raises BackupFault with what it said last."""
    if shutil.which(program) is None:
        raise BackupFault(f"{program} is not installed: it comes with PostgreSQL's client programs (postgresql-client)")
    try:
        subprocess.run(
            [program, *arguments],
            env={**os.environ, **(_variables() if of_database else {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=True,
            text=True,
        )
    except subprocess.CalledProcessError as fault:
        said = (fault.stderr.strip().splitlines() or [f"it ended with {fault.returncode}"])[-1]
        raise BackupFault(f"{program}: {said}") from None


def _variables() -> dict[str, str]:
    """Where the database is, for PostgreSQL's programs: in variables, since everybody on a machine sees command lines."""
    given: dict[str, Any] = connection.settings_dict
    _command, variables = DatabaseClient.settings_to_cmd_args_env(given, [])
    named = {"PGHOST": given["HOST"], "PGPORT": given["PORT"], "PGUSER": given["USER"], "PGDATABASE": given["NAME"]}
    return {**(variables or {}), **{name: str(value) for name, value in named.items() if value}}
