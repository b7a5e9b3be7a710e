"""What all changes of the vocabulary and the reference lists have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from companies.facts import Text
from companies.models import SectionRecord
from policies.contents import unstorable
from policies.rules.faults import Fault


class UnfitEntry(Exception):
    """An entry that cannot be stored like this, or not taken out; each fault says where, why and what to do."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.message.en for fault in self.faults[:5]))


class EntryChanged(Exception):
    """Somebody else changed the entry, or the order, since it was opened; `seen` is its digest now."""

    def __init__(self, seen: str) -> None:
        self.seen = seen
        super().__init__("somebody else changed this meanwhile")


def check_storable(plain: Mapping[str, Any]) -> None:
    """Refuse what the database could not even compare with, before it is asked."""
    if faults := unstorable(plain):
        raise UnfitEntry(faults)


def locked_sections() -> dict[str, SectionRecord]:
    """All sections, locked: one change of vocabulary and lists at a time, so that no word comes to name two facts."""
    return {one.key: one for one in SectionRecord.objects.select_for_update().order_by("pk")}


def taken_out() -> UnfitEntry:
    """Somebody took the entry out while another person wrote."""
    said = Text(
        "somebody else took this out meanwhile; what you typed stands below, and can be added anew",
        "其他人刚刚删除了此条目；您填写的内容保留在下方，可重新添加",
    )
    return UnfitEntry([Fault((), said, "taken-out")])


def moved_by_one(order: Sequence[str], key: str, *, up: bool) -> list[str]:
    """The order with this one before its neighbour, or after it; as it is where there is none."""
    made = list(order)
    at = made.index(key)
    to = at - 1 if up else at + 1
    if 0 <= to < len(made):
        made[at], made[to] = made[to], made[at]
    return made
