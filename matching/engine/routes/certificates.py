"""The chain behind a certificate: which title has to be held first, as the reference list says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

Lists = Mapping[str, Sequence[Mapping[str, Any]]]


class Ladder:
    """The certificates of the reference list, and what each of them needs first.

    `needs` names titles of which one must be held first; `granted_until` is the last day on which a title was granted, or `past` where
    that day is not known.
    """

    def __init__(self, lists: Lists) -> None:
        self._entries = {str(entry["key"]): entry for entry in lists.get("certificates", ())}

    def is_granted(self, kind: str, day: date) -> bool:
        """Whether the title can still be got on the day."""
        last = self._entries.get(kind, {}).get("granted_until")
        return last is None or (last != "past" and day.isoformat() <= str(last))

    def granted_by(self, kind: str) -> tuple[str, ...]:
        """The offers ("policy/offer") under which the title is granted, where the list says so."""
        return tuple(self._entries.get(kind, {}).get("granted_by") or ())

    def needs(self, kind: str) -> tuple[str, ...]:
        """The titles of which one must be held first."""
        return tuple(self._entries.get(kind, {}).get("needs") or ())

    def chain(
        self, kind: str, held: frozenset[str], day: date, _above: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        """The titles to get one after another, the one asked for last; those held already are left out."""
        before = [need for need in self.needs(kind) if need not in _above | {kind}]
        if not before or not held.isdisjoint(before):
            return (kind,)
        open_to = [need for need in before if self.is_granted(need, day)] or before
        chains = [self.chain(need, held, day, _above | {kind}) for need in open_to]
        return (*min(chains, key=len), kind)

    def nearest(self, kinds: Iterable[str], held: frozenset[str], day: date) -> tuple[str, ...]:
        """Those of these titles that can still be got, the one with the shortest chain first."""
        granted = [kind for kind in kinds if self.is_granted(kind, day)]
        return tuple(sorted(granted, key=lambda kind: len(self.chain(kind, held, day))))
