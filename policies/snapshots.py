"""The snapshot that the rows would make now, and how two snapshots differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from companies.facts import Vocabulary
from companies.models import FactRecord
from policies.models import LISTS, PolicyVersion
from policies.rules.book import snapshot_digest


def compose_snapshot(vocabulary: Vocabulary | None = None) -> dict[str, Any]:
    """Lists, vocabulary and published versions as they stand in the database, in the shape of a release's snapshot.

    `vocabulary` is that of now, where the caller has read it already.
    """
    published = PolicyVersion.objects.published().order_by("policy__key").values_list("content", flat=True)
    return {
        "lists": lists_now(),
        "vocabulary": (FactRecord.objects.vocabulary() if vocabulary is None else vocabulary).to_plain(),
        "policies": list(published),
    }


def lists_now() -> dict[str, list[dict[str, Any]]]:
    """The reference lists as they stand in the database."""
    return {name: [row.to_plain() for row in model._default_manager.all()] for name, model in LISTS.items()}


def snapshot_parts(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """The snapshot by file: {"reference/zones": [...], "vocabulary/10-basics": {...}, "policies/cp-x": {...}}."""
    return (
        {f"reference/{name}": entries for name, entries in snapshot["lists"].items() if entries}
        | {f"vocabulary/{stem}": sheet for stem, sheet in snapshot["vocabulary"].items()}
        | {f"policies/{policy['policy']}": policy for policy in snapshot["policies"]}
    )


def part_digests(snapshot: Mapping[str, Any]) -> dict[str, str]:
    """The digest of each part."""
    return {name: snapshot_digest(part) for name, part in snapshot_parts(snapshot).items()}


def compare_snapshots(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> dict[str, list[str]]:
    """The names of the parts added, changed and removed from the old to the new."""
    before = part_digests(old) if old else {}
    after = part_digests(new)
    return {
        "added": sorted(after.keys() - before.keys()),
        "changed": sorted(name for name in after.keys() & before.keys() if after[name] != before[name]),
        "removed": sorted(before.keys() - after.keys()),
    }
