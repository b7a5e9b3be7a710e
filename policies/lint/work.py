"""Faults as a list of work: each with the words of its kind, the place in the words of the desk, and a lasting name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from companies.facts import Text
from policies.catalogue_files import FileFault
from policies.lint.kinds import GROUPS, SEVERITIES, FindingKind, kind_of
from policies.rules.book import snapshot_digest

_NO_TITLE = Text("", "")
_MOST_URGENT_FIRST = tuple(SEVERITIES)
_IN_ORDER = tuple(GROUPS)


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One finding for the list of work.

    `key` stays the same while the finding does, wherever it moves to, and is another one as soon as it says something
    else; `policy`, `offer` and `fact` are empty where it is about none.
    """

    key: str
    code: str
    severity: str
    message: Text
    suggestion: str = ""
    policy: str = ""
    offer: str = ""
    fact: str = ""
    title: Text = _NO_TITLE
    due: date | None = None

    @property
    def kind(self) -> FindingKind:
        """What findings of this code have in common."""
        return kind_of(self.code)

    @property
    def urgency(self) -> tuple[Any, ...]:
        """Sorts the most urgent first."""
        due = self.due or date.max
        group = _IN_ORDER.index(self.kind.group)
        return _MOST_URGENT_FIRST.index(self.severity), due, group, self.code, self.policy, self.offer, self.fact

    def to_plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in _WORDS if getattr(self, name)}
        plain |= {"message": self.message.to_plain(), "title": self.title.to_plain()}
        return plain | ({"due": self.due.isoformat()} if self.due is not None else {})

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> WorkItem:
        """The item that `to_plain` wrote down."""
        words = {name: str(plain.get(name, "")) for name in _WORDS}
        message, title = (Text(plain[name]["en"], plain[name]["zh"]) for name in ("message", "title"))
        due = date.fromisoformat(plain["due"]) if plain.get("due") else None
        return cls(**words, message=message, title=title, due=due)


_WORDS = ("key", "code", "severity", "suggestion", "policy", "offer", "fact")


def work_items(faults: Iterable[FileFault], sheets: Mapping[str, Any]) -> list[WorkItem]:
    """The faults as a list of work, most urgent first; `sheets` has the plain value of each file by its path."""
    seen: Counter[str] = Counter()
    found = []
    for fault in faults:
        plain = sheets.get(fault.file)
        key = _key(fault, plain)
        seen[key] += 1
        # The same twice in one place: two pieces of work, each with its own name.
        key = key if seen[key] == 1 else snapshot_digest({"again": seen[key], "key": key})
        found.append(_item(fault, plain, key))
    return sorted(found, key=lambda item: item.urgency)


def _item(fault: FileFault, plain: Any, key: str) -> WorkItem:
    folder, _, name = fault.file.partition("/")
    stem = name.removesuffix(".yaml")
    inner = _entry(plain, fault.path)
    where = {"policy": stem} if folder == "policies" else {}
    title = _text(plain.get("title")) if folder == "policies" and isinstance(plain, Mapping) else Text(stem, stem)
    if folder == "policies" and isinstance(inner.get("offer"), str):
        where["offer"] = inner["offer"]
        title = _text(inner.get("title"))
    elif folder == "vocabulary" and isinstance(inner.get("fact"), str):
        where["fact"] = inner["fact"]
        title = _text(inner.get("label"))
    return WorkItem(
        key, fault.code, fault.severity, fault.message, fault.suggestion or "", title=title, due=fault.due, **where
    )


def _entry(plain: Any, path: tuple[str | int, ...]) -> Mapping[str, Any]:
    """The offer, fact or entry of a list that the path leads into."""
    here = plain
    for step in path[:2] if path and isinstance(path[0], str) else path[:1]:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return {}
    return here if isinstance(here, Mapping) else {}


def _text(raw: Any) -> Text:
    plain = raw if isinstance(raw, Mapping) else {}
    return Text(str(plain.get("en") or ""), str(plain.get("zh") or ""))


def _key(fault: FileFault, plain: Any) -> str:
    """Made of what is said and about what, never of places in a list: rows that move keep their names."""
    inner = _entry(plain, fault.path)
    about = str(inner.get("offer") or inner.get("fact") or inner.get("key") or inner.get("case") or "")
    names = [step for step in fault.path if isinstance(step, str)]
    return snapshot_digest([fault.code, fault.file, about, names, fault.message.en])
