"""A profile as a file (YAML or JSON), read with its places kept, so that a fault names file and line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companies.facts import Profile, Text, Vocabulary, read_profile
from policies.catalogue_files import Sheet, read_sheet

MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """What is wrong, and where in the file."""

    file: str
    line: int
    column: int
    message: Text

    def said(self, language: str) -> str:
        """One line that editors understand: file:line:column: message."""
        return f"{self.file}:{self.line}:{self.column}: {self.message.said(language)}"


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """What a profile file says: the company's name, and its facts as they stand there."""

    name: str
    facts: Any
    sheet: Sheet
    at: tuple[str, ...]

    def profile(self, vocabulary: Vocabulary) -> tuple[Profile, list[PlacedFault]]:
        """The answers that can be read, and a fault with its place for each that cannot."""
        profile, faults = read_profile(vocabulary, {} if self.facts is None else self.facts)
        placed = []
        for fault in faults:
            mark = self.sheet.where((*self.at, fault.name, *fault.path))
            placed.append(PlacedFault(self.sheet.file, mark.line, mark.column, fault.message))
        return profile, placed


def read_profile_file(path: Path) -> tuple[ProfileFile | None, list[PlacedFault]]:
    """The file's content, or the faults that keep it from being read; raises OSError when it cannot be opened.

    Either a list of `fact: value`, or that list under `facts:`; with either, `name:` says the company's name.
    """
    with path.open("rb") as opened:
        sheet = read_sheet(str(path), opened.read(MAX_BYTES + 1))
    faults = [PlacedFault(fault.file, fault.line, fault.column, fault.message) for fault in sheet.faults]
    if faults:
        return None, faults
    if sheet.plain is not None and not isinstance(sheet.plain, dict):
        said = Text("A profile is a list of facts with their values.", "资料应为“事实项: 值”的列表。")
        return None, [PlacedFault(str(path), 1, 1, said)]
    content = sheet.plain or {}
    name = str(content.get("name") or path.stem)[:200]
    if "facts" not in content:
        return ProfileFile(name, {key: value for key, value in content.items() if key != "name"}, sheet, ()), []
    for key in content.keys() - {"name", "facts"}:
        mark = sheet.where_key((key,))
        said = Text(
            f"Beside `facts` only `name` may stand here, not “{key}”.", f"与 facts 并列的只能是 name，不能是“{key}”。"
        )
        faults.append(PlacedFault(str(path), mark.line, mark.column, said))
    return ProfileFile(name, content["facts"], sheet, ("facts",)), faults
