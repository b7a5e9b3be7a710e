"""The catalogue while it is being checked: files, vocabulary, lists, policies, and the faults found so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from companies.facts import Text, Vocabulary, nearest, read_vocabulary
from policies.catalogue_files import REFERENCE_LISTS, CatalogueFolder, FileFault, Sheet

Path = tuple[str | int, ...]


class Reading:
    """One pass over a catalogue; every check adds its faults here."""

    def __init__(
        self, folder: CatalogueFolder, day: date, *, only: str | None = None, vocabulary: Vocabulary | None = None
    ) -> None:
        """`only` names the one file whose words, rules and cases are checked; the others are there to be referred to.

        `vocabulary` is that of the folder, where it was read without a fault before.
        """
        self.folder, self.day, self.only = folder, day, only
        self.faults: list[FileFault] = list(folder.faults)
        self.sheets = {file: sheet for file, sheet in folder.sheets.items() if sheet.plain is not None}
        self.lists: dict[str, list[Mapping[str, Any]]] = {}
        for name in REFERENCE_LISTS:
            sheet = self.sheets.get(f"reference/{name}.yaml")
            entries = sheet.plain if sheet and isinstance(sheet.plain, list) else []
            self.lists[name] = [entry for entry in entries if isinstance(entry, dict) and "key" in entry]
        sheets = {
            stem: sheet.plain
            for stem, sheet in folder.of_kind("vocabulary")
            if isinstance(sheet.plain, dict) and not sheet.faults
        }
        self.vocabulary, self.vocabulary_faults = (
            read_vocabulary(sheets, self.lists) if vocabulary is None else (vocabulary, [])
        )

    @property
    def checked(self) -> list[Sheet]:
        """The sheets to be checked."""
        return [sheet for file, sheet in self.sheets.items() if self.only in (None, file)]

    @property
    def checked_policies(self) -> list[Sheet]:
        """The policy files to be checked."""
        return [sheet for sheet in self.policies.values() if self.only in (None, sheet.file)]

    @cached_property
    def policies(self) -> dict[str, Sheet]:
        """The policy files that hold a mapping, by the key they give."""
        found: dict[str, Sheet] = {}
        for stem, sheet in self.folder.of_kind("policies"):
            if isinstance(sheet.plain, dict):
                key = sheet.plain.get("policy")
                found.setdefault(key if isinstance(key, str) else stem, sheet)
        return found

    @cached_property
    def offers(self) -> dict[str, tuple[Sheet, Path, Mapping[str, Any]]]:
        """Every offer by "policy/offer", with its sheet and path."""
        found: dict[str, tuple[Sheet, Path, Mapping[str, Any]]] = {}
        for key, sheet in self.policies.items():
            for path, offer in entries(sheet.plain, "offers"):
                found.setdefault(f"{key}/{offer.get('offer')}", (sheet, path, offer))
        return found

    def keys(self, name: str) -> set[str]:
        """The keys of a reference list."""
        return {str(entry["key"]) for entry in self.lists[name]}

    def add(
        self,
        sheet: Sheet,
        path: Sequence[str | int],
        code: str,
        en: str,
        zh: str,
        suggestion: str | None = None,
        *,
        info: bool = False,
        on_key: bool = False,
    ) -> None:
        """Note a fault at a path of a file."""
        severity = "info" if info else "fault"
        self.faults.append(sheet.fault(path, code, Text(en, zh), suggestion, severity, on_key=on_key))

    def need_key(self, sheet: Sheet, path: Path, raw: Any, known: set[str], what: Text, code: str) -> bool:
        """Note a fault unless the value is one of the known keys; suggests the nearest."""
        if isinstance(raw, str) and raw in known:
            return True
        close = nearest(str(raw), sorted(known), count=1)
        self.add(
            sheet, path, code, f"unknown {what.en} “{raw}”", f"未知的{what.zh}“{raw}”", close[0] if close else None
        )
        return False


def entries(plain: Any, *names: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The mappings in the list under these keys, with their paths."""
    here = plain
    for name in names:
        here = here.get(name) if isinstance(here, dict) else None
    for at, item in enumerate(here if isinstance(here, list) else []):
        if isinstance(item, dict):
            yield (*names, at), item


def walk(plain: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value below (and with) this one, with its path."""
    yield path, plain
    if isinstance(plain, dict):
        for key, item in plain.items():
            yield from walk(item, (*path, key))
    elif isinstance(plain, list):
        for at, item in enumerate(plain):
            yield from walk(item, (*path, at))


def requirement_nodes(plain: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every node of a requirement tree, from the top."""
    if not isinstance(plain, dict):
        return
    yield path, plain
    for name in ("all", "any", "of"):
        if isinstance(plain.get(name), list):
            for at, child in enumerate(plain[name]):
                yield from requirement_nodes(child, (*path, name, at))
    if isinstance(plain.get("not"), dict):
        yield from requirement_nodes(plain["not"], (*path, "not"))


def trees(plain: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The requirement trees of a policy: its own and those of its offers."""
    if isinstance(plain.get("requires"), dict):
        yield ("requires",), plain["requires"]
    for path, offer in entries(plain, "offers"):
        if isinstance(offer.get("requires"), dict):
            yield (*path, "requires"), offer["requires"]
