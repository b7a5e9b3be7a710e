"""Pages that the apps above add to the desk, so that policies need not know who evaluates them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from policies.roles import Right, may


@dataclass(frozen=True, slots=True)
class Door:
    """A link at the desk: what it says (a lazy translation), the name of its address, and who may go there."""

    label: Any
    url_name: str
    rights: tuple[Right, ...]


version_doors: list[Door] = []
"""On the page of a version; their addresses take the policy's key and the version's number."""

case_doors: list[Door] = []
"""Beside each example case; their addresses take the same, and the case as `?try-on=case:<name>`."""

home_doors: list[Door] = []
"""On the first page of the desk; their addresses take nothing."""

release_doors: list[Door] = []
"""Beside each release; their addresses take its number."""


def open_to(user: Any, doors: Iterable[Door]) -> list[Door]:
    """The doors that open for this person."""
    return [door for door in doors if any(may(user, right) for right in door.rights)]
