"""Faults of a catalogue that reading alone does not show. Pure functions over files that were read."""

from policies.lint.catalogue import lint_catalogue
from policies.lint.drafts import lint_draft

__all__ = ["lint_catalogue", "lint_draft"]
