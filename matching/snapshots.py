"""The population's answers as columns on this machine's disk: read once from the database, then only what changed.

Never the truth: a file that is lost, cut off or of another edition is made anew, and a disk that is full
costs time, not results. Each machine keeps its own.
"""

import json
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import structlog
from django.conf import settings

from companies.facts import Vocabulary
from companies.models import ProfileVersion
from matching.engine.plan import Columns
from matching.engine.plan.joining import patched_columns
from matching.engine.report import ENGINE_VERSION
from matching.stored_answers import stored_columns
from policies.rules.book import snapshot_digest

log = structlog.get_logger(__name__)

Ids = npt.NDArray[np.int64]

# Versions read by one query: SQLite takes no more than some thousands of parameters.
READ_AT_ONCE = 1_000
EDITION = re.compile(r"[0-9a-f]{20}-\w+")


class VersionGone(Exception):
    """A company was deleted while its answers were being read; trying again sees the companies that are left."""


def columns_for(
    vocabulary: Vocabulary,
    number: int,
    companies: Ids,
    versions: Ids,
    *,
    on_read: Callable[[], None] = lambda: None,
) -> Columns:
    """The answers of these profile versions, in this order, from the kept part `number` as far as it holds them.

    Raises VersionGone.
    """
    folder = Path(settings.SNAPSHOT_DIR) / edition_of(vocabulary)
    kept = _load(folder, number, vocabulary)
    columns, stale = _arranged(kept, vocabulary, companies, versions)
    if len(stale):
        columns = patched_columns(columns, stale, _read(versions[stale], vocabulary, on_read))
    if kept is None or len(stale) or len(kept[0]) != len(companies):
        _save(folder, number, columns, companies, versions)
    return columns


def count_unread(vocabulary: Vocabulary, number: int, companies: Ids, versions: Ids) -> int:
    """How many of these profile versions `columns_for` would have to read from the database."""
    kept = _members(Path(settings.SNAPSHOT_DIR) / edition_of(vocabulary), number)
    return len(companies) if kept is None else len(_stale(kept[0], kept[1], companies, versions)[1])


def edition_of(vocabulary: Vocabulary) -> str:
    """The name of the folder for this vocabulary: another one where answers could be read differently."""
    return f"{snapshot_digest(vocabulary.to_plain())[:20]}-{ENGINE_VERSION}"


def forget_others(*vocabularies: Vocabulary) -> None:
    """Take away what is kept for other vocabularies than these: after a change of it, nobody asks for the old."""
    editions = set(map(edition_of, vocabularies))
    for folder in Path(settings.SNAPSHOT_DIR).glob("*"):
        # Only what looks like ours, should the setting ever name a folder that holds other things as well.
        if EDITION.fullmatch(folder.name) and folder.name not in editions:
            with suppress(OSError):
                for file in (*folder.glob("*.arrow"), *folder.glob("*.json")):
                    file.unlink()
                folder.rmdir()


def _arranged(
    kept: tuple[Ids, Ids, Columns] | None, vocabulary: Vocabulary, companies: Ids, versions: Ids
) -> tuple[Columns, Ids]:
    """The kept columns in the wanted order, and the places where they do not hold the wanted version."""
    every = np.arange(len(companies))
    if kept is None or not len(kept[0]):
        return Columns(vocabulary, len(companies), {}), every
    had, had_versions, columns = kept
    place, stale = _stale(had, had_versions, companies, versions)
    is_in_order = len(had) == len(companies) and bool((place == every).all())
    return columns if is_in_order else columns.take(place), stale


def _stale(had: Ids, had_versions: Ids, companies: Ids, versions: Ids) -> tuple[Ids, Ids]:
    """For each company its place among those kept, and the numbers of those that are not kept as wanted."""
    if not len(had):
        return np.zeros(len(companies), np.int64), np.arange(len(companies))
    place = np.minimum(np.searchsorted(had, companies), len(had) - 1)
    return place, np.flatnonzero((had[place] != companies) | (had_versions[place] != versions))


def _read(versions: Ids, vocabulary: Vocabulary, on_read: Callable[[], None]) -> Columns:
    """These versions from the database, a query for each thousand."""
    answers: list[Any] = []
    for start in range(0, len(versions), READ_AT_ONCE):
        wanted = versions[start : start + READ_AT_ONCE].tolist()
        found = dict(ProfileVersion.objects.filter(pk__in=wanted).values_list("pk", "answers"))
        if len(found) < len(wanted):
            raise VersionGone
        answers += [found[version] for version in wanted]
        on_read()
    return stored_columns(vocabulary, answers)


def _load(folder: Path, number: int, vocabulary: Vocabulary) -> tuple[Ids, Ids, Columns] | None:
    kept = _members(folder, number)
    if kept is None:
        return None
    companies, versions, name = kept
    try:
        columns = Columns.load(folder / name, vocabulary)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as fault:
        log.warning("snapshot_unreadable", part=number, fault=type(fault).__name__)
        return None
    return (companies, versions, columns) if columns.rows == len(companies) else None


def _members(folder: Path, number: int) -> tuple[Ids, Ids, str] | None:
    """The companies of a kept part, the version that was read of each, and the name of the file with their columns."""
    try:
        said = json.loads((folder / f"{number}.json").read_text())
        companies, versions = np.array(said["companies"], np.int64), np.array(said["versions"], np.int64)
        name = str(said["columns"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as fault:
        log.warning("snapshot_unreadable", part=number, fault=type(fault).__name__)
        return None
    return (companies, versions, name) if len(companies) == len(versions) else None


def _save(folder: Path, number: int, columns: Columns, companies: Ids, versions: Ids) -> None:
    """The columns under a fresh name first, then the list that names them: never a list beside foreign columns."""
    name = f"{number}-{secrets.token_hex(8)}.arrow"
    members = folder / f"{number}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        columns.save(folder / name)
        fresh = folder / f"{name}.json"
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps({"columns": name, "companies": companies.tolist(), "versions": versions.tolist()}))
        fresh.replace(members)
        for other in folder.glob(f"{number}-*.arrow"):
            if other.name != name:
                with suppress(FileNotFoundError):
                    other.unlink()
    except OSError as fault:
        log.warning("snapshot_not_kept", part=number, fault=type(fault).__name__)
        for unfinished in (folder / name, folder / f"{name}.json"):
            with suppress(OSError):
                unfinished.unlink()
