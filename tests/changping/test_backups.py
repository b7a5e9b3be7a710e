"""Backup and restore of the embedded edition: taken while it serves, checked, and an installation again."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from changping.backups import embedded, folders
from tests.stack import ROOT, Stack, clean_environment

pytestmark = pytest.mark.slow


def manage(var_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=clean_environment(var_dir),
        capture_output=True,
        text=True,
        timeout=300,
    )


def installation(folder: Path) -> Path:
    """A database of one table, a key, and a kept file."""
    (folder / "batches" / "kept" / "b1").mkdir(parents=True)
    (folder / "batches" / "kept" / "b1" / "upload").write_bytes(b"id\n1\n")
    (folder / "secret-key").write_text("k" * 50)
    with closing(sqlite3.connect(folder / embedded.DATABASE)) as opened:
        opened.executescript(
            "PRAGMA journal_mode=WAL; CREATE TABLE line (number INTEGER); INSERT INTO line VALUES (0);"
        )
    return folder


def taken(source: Path, folder: Path) -> Path:
    embedded.take(
        folder, database=source / embedded.DATABASE, key=source / "secret-key", batches=source / "batches" / "kept"
    )
    return folder


def lines(database: Path) -> list[int]:
    with closing(sqlite3.connect(database)) as opened:
        return [number for (number,) in opened.execute("SELECT number FROM line ORDER BY number")]


def test_a_restored_backup_is_the_same_installation(tmp_path: Path):
    source = installation(tmp_path / "source")
    folder, again = taken(source, tmp_path / "backup"), tmp_path / "again"

    embedded.restore(folder, var_dir=again)

    assert lines(again / embedded.DATABASE) == [0]
    assert (again / "secret-key").read_text() == "k" * 50
    assert (again / "batches" / "kept" / "b1" / "upload").read_bytes() == b"id\n1\n"


def test_what_is_written_meanwhile_is_wholly_in_it_or_wholly_not(tmp_path: Path):
    source = installation(tmp_path / "source")
    stopped, begun = threading.Event(), threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(source / embedded.DATABASE, timeout=60)) as opened:
            number = 0
            while not stopped.is_set():
                with opened:  # two rows that belong together
                    opened.executemany("INSERT INTO line VALUES (?)", [(number := number + 1,), (-number,)])
                begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(60)
    try:
        folders = [taken(source, tmp_path / f"backup{at}") for at in range(5)]
    finally:
        stopped.set()
        writer.join()

    found = [lines(folder / embedded.DATABASE) for folder in folders]
    assert all(sum(numbers) == 0 and numbers == list(range(numbers[0], numbers[-1] + 1)) for numbers in found)
    assert len({len(numbers) for numbers in found}) > 1, "nothing was written meanwhile"


def broken(folder: Path, how: str) -> None:
    match how:
        case "no manifest":
            (folder / folders.MANIFEST).unlink()
        case "another byte":
            (folder / "batches" / "b1" / "upload").write_bytes(b"id\n2\n")
        case "a file gone":
            (folder / "secret-key").unlink()
        case "half a database":
            path = folder / embedded.DATABASE
            path.write_bytes(path.read_bytes()[:-4096])
            manifest = json.loads((folder / folders.MANIFEST).read_text())
            manifest["files"][embedded.DATABASE] = folders.digest_of(path)
            (folder / folders.MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize("how", ["no manifest", "another byte", "a file gone", "half a database"])
def test_a_backup_that_is_not_whole_is_refused_and_nothing_is_made_of_it(tmp_path: Path, how: str):
    folder = taken(installation(tmp_path / "source"), tmp_path / "backup")
    broken(folder, how)

    with pytest.raises(folders.BackupFault):
        embedded.restore(folder, var_dir=tmp_path / "again")

    assert not (tmp_path / "again").exists()


def test_an_installation_and_an_old_backup_are_never_overwritten(tmp_path: Path):
    source = installation(tmp_path / "source")
    folder = taken(source, tmp_path / "backup")

    with pytest.raises(folders.BackupFault, match="already holds a database"):
        embedded.restore(folder, var_dir=source)
    with pytest.raises(folders.BackupFault, match="name a new folder"):
        taken(source, folder)


def test_only_its_owner_can_read_a_backup(tmp_path: Path):
    folder = taken(installation(tmp_path / "source"), tmp_path / "backup")

    # Nobody else comes into the folder, and no file in it would let them either.
    paths = [folder, *(path for path in folder.rglob("*") if path.is_file())]
    assert {path.stat().st_mode & 0o077 for path in paths} == {0}


@pytest.mark.stack
@pytest.mark.xdist_group("stack")
def test_a_backup_of_a_serving_installation_restores_with_every_report_recomputed(stack: Stack, tmp_path: Path):
    made = stack.manage("backup", str(tmp_path / "backup"))
    assert "files" in made.stdout

    restored = manage(tmp_path / "again", "restore", str(tmp_path / "backup"))
    assert restored.returncode == 0, restored.stderr
    verified = manage(tmp_path / "again", "verify_reports")

    assert verified.returncode == 0, verified.stdout[-2000:] + verified.stderr
    assert "not: 0" in verified.stdout
    assert manage(tmp_path / "again", "verify_history").returncode == 0


@pytest.mark.stack
@pytest.mark.xdist_group("stack")
def test_nothing_is_restored_into_a_serving_installation(stack: Stack, tmp_path: Path):
    stack.manage("backup", str(tmp_path / "backup"))

    refused = manage(stack.var_dir, "restore", str(tmp_path / "backup"))

    assert refused.returncode == 1
    assert "stop it first" in refused.stderr
