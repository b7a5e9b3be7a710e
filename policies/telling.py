"""What a release changed against the one before it, in sentences in both languages. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from companies.facts import Text, read_text, read_vocabulary
from companies.facts.changes import say_changes
from policies.rules.differences import differences

Snapshot = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence on one thing: which (“policies/cp-x”, “zones/ftz”, “facts/employees”), what it is called, what happened to it."""

    about: str
    kind: str
    name: Text
    said: Text


def tell_changes(before: Snapshot | None, after: Snapshot) -> list[Told]:
    """Every change from one snapshot to the next: lists, then facts, then policies; of a thing that is new or gone only that it is."""
    told = [*_of_lists(before, after), *_of_facts(before, after)]
    vocabulary, _faults = read_vocabulary(after["vocabulary"], after["lists"])
    old, new = _policies(before), _policies(after)
    for key in sorted({*old, *new}):
        was, now = old.get(key), new.get(key)
        about = f"policies/{key}"
        name = _name(now or was, key)
        if was is None or now is None:
            told.append(_came_or_went(about, name, is_new=was is None))
        elif was != now:
            told += [
                Told(about, "changed", name, one.said) for one in differences(was, now, vocabulary, after["lists"])
            ]
    return told


def _of_lists(before: Snapshot | None, after: Snapshot) -> Iterator[Told]:
    old_lists = before["lists"] if before else {}
    for listed in sorted({*old_lists, *after["lists"]}):
        yield from _of_entries(
            listed, _by(old_lists.get(listed) or [], "key"), _by(after["lists"].get(listed) or [], "key")
        )


def _of_facts(before: Snapshot | None, after: Snapshot) -> Iterator[Told]:
    yield from _of_entries("facts", _facts(before), _facts(after))


def _of_entries(listed: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Told]:
    for key in [*old, *(key for key in new if key not in old)]:
        was, now = old.get(key), new.get(key)
        about, name = f"{listed}/{key}", _name(now or was, key)
        if was is None or now is None:
            yield _came_or_went(about, name, is_new=was is None)
        elif was != now:
            yield from (Told(about, "changed", name, said) for said in say_changes(was, now))


def _came_or_went(about: str, name: Text, *, is_new: bool) -> Told:
    if is_new:
        return Told(about, "added", name, Text(f"new: {name.en}", f"新增：{name.zh}"))
    return Told(about, "removed", name, Text(f"no longer: {name.en}", f"不再有：{name.zh}"))


def _name(plain: Mapping[str, Any] | None, key: str) -> Text:
    found = plain or {}
    return read_text(found.get("title") or found.get("label")) or Text(key, key)


def _policies(snapshot: Snapshot | None) -> dict[str, Mapping[str, Any]]:
    return _by(snapshot["policies"] if snapshot else [], "policy")


def _facts(snapshot: Snapshot | None) -> dict[str, Mapping[str, Any]]:
    sheets = snapshot["vocabulary"].values() if snapshot else ()
    return {str(fact["fact"]): fact for sheet in sheets for fact in sheet["facts"]}


def _by(rows: list[Mapping[str, Any]], name: str) -> dict[str, Mapping[str, Any]]:
    return {str(row[name]): row for row in rows}
