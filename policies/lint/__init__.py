"""Faults of a catalogue that reading alone does not show. Pure functions over files that were read."""

from policies.lint.catalogue import lint_catalogue, lint_snapshot
from policies.lint.drafts import lint_draft
from policies.lint.kinds import GROUPS, SEVERITIES, FindingKind, kind_of
from policies.lint.work import WorkItem, work_items

__all__ = [
    "GROUPS",
    "SEVERITIES",
    "FindingKind",
    "WorkItem",
    "kind_of",
    "lint_catalogue",
    "lint_draft",
    "lint_snapshot",
    "work_items",
]
