"""The shipped catalogue as a release, without its example cases, and checks of answers against the document."""

from __future__ import annotations

import copy
import json
from functools import lru_cache
from typing import Any

import jsonschema

from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.models import Release
from policies.rules.book import canonical_snapshot, snapshot_digest
from policies.snapshots import compare_snapshots


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    return canonical_snapshot(read_catalogue_folder(CATALOGUE_DIR).to_snapshot())


def shipped_snapshot() -> dict[str, Any]:
    """A copy that a test may change."""
    return copy.deepcopy(_shipped())


def release_of(snapshot: dict[str, Any], *, digest: str | None = None) -> Release:
    """The snapshot as the next release."""
    last = Release.objects.order_by("number").last()
    return Release.objects.create(
        number=last.number + 1 if last else 1,
        digest=digest or snapshot_digest(snapshot),
        snapshot=snapshot,
        changes=compare_snapshots(last.snapshot if last else None, snapshot),
    )


def policy_in(snapshot: dict[str, Any], key: str) -> dict[str, Any]:
    return next(one for one in snapshot["policies"] if one["policy"] == key)


def assert_promised(document: dict[str, Any], path: str, answer: Any) -> None:
    """The answer is what the document says of this address."""
    said = document["paths"][path]["get"]["responses"][str(answer.status_code)]
    schema = said["content"]["application/json"]["schema"]
    whole = json.loads(
        json.dumps({**schema, "$defs": document["components"]["schemas"]}).replace("#/components/schemas/", "#/$defs/")
    )
    checker = jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())
    faults = [f"{list(fault.absolute_path)}: {fault.message[:200]}" for fault in checker.iter_errors(answer.json())]
    assert not faults, faults[:5]
