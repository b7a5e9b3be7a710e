"""Releases and the history, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from companies.models import add_lines, storable_reason
from policies.models import Deed, HistoryLine, LoadedFile, PolicyVersion, Release
from policies.rules.book import read_rulebook, snapshot_digest
from policies.snapshots import compare_snapshots, compose_snapshot

if TYPE_CHECKING:
    from companies.models import User


@transaction.atomic
def make_release(*, by: User | None) -> tuple[Release, bool]:
    """The release of what is published now: the latest one when nothing changed, else the next, and whether it is new.

    Raises UnreadableSnapshot when the rows do not make a rulebook.
    """
    wait_for_others()
    snapshot = compose_snapshot()
    digest = snapshot_digest(snapshot)
    latest = Release.objects.order_by("number").last()
    if latest is not None and latest.digest == digest:
        return latest, False
    number = latest.number + 1 if latest else 1
    read_rulebook(snapshot, number)
    changes = compare_snapshots(latest.snapshot if latest else None, snapshot)
    release = Release.objects.create(number=number, digest=digest, snapshot=snapshot, changes=changes, created_by=by)
    return release, True


def wait_for_others() -> None:
    """One publication at a time: both databases make the second wait here."""
    # SQLite takes its write lock at BEGIN IMMEDIATE; PostgreSQL needs a row that everyone locks.
    list(LoadedFile.objects.select_for_update().order_by("name")[:1])
    list(Release.objects.select_for_update().order_by("-number").values("number")[:1])


def write_history(
    version: PolicyVersion,
    deed: Deed,
    *,
    by: User | None,
    why: str = "",
    before: str = "",
    after: str = "",
    release: Release | None = None,
) -> HistoryLine:
    """Add a line; the digests of the content before and after stay empty where nothing was there or is left."""
    line = HistoryLine(
        policy_id=version.policy_id,
        number=version.number,
        deed=deed,
        by=by,
        why=storable_reason(why),
        before=before,
        after=after,
        release=release,
    )
    add_lines([line])
    return line
