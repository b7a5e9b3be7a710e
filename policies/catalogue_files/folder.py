"""A catalogue folder: reference/, vocabulary/ and policies/, read whole and written whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companies.facts import Text
from policies.catalogue_files.ordering import canonical_file
from policies.catalogue_files.reader import MAX_BYTES, FileFault, Sheet, read_sheet
from policies.catalogue_files.writer import write_yaml

CATALOGUE_DIR = Path(__file__).resolve().parent.parent / "catalogue"
REFERENCE_LISTS = (
    "zones", "goals", "pillars", "levels", "sectors", "structures", "places", "certificates", "papers", "benefit_kinds",
)  # fmt: skip
_KINDS = ("reference", "vocabulary", "policies")
_VOCABULARY_NAME = re.compile(r"[0-9]{2}-[a-z0-9_-]+\Z")


@dataclass(frozen=True, slots=True)
class CatalogueFolder:
    """Every file of a catalogue, by its path inside the folder; `faults` are those of reading, before any lint."""

    root: Path
    sheets: Mapping[str, Sheet]
    faults: tuple[FileFault, ...] = ()

    def of_kind(self, kind: str) -> Iterator[tuple[str, Sheet]]:
        """The (stem, sheet) pairs of "reference", "vocabulary" or "policies", in order of name."""
        for file in sorted(self.sheets):
            folder, _, name = file.partition("/")
            if folder == kind:
                yield name.removesuffix(".yaml"), self.sheets[file]

    def to_snapshot(self) -> dict[str, Any]:
        """The folder as one plain value: `lists` by name, `vocabulary` by file stem, `policies` in order of key."""
        lists = {name: sheet.plain or [] for name, sheet in self.of_kind("reference")}
        return {
            "lists": {name: lists.get(name, []) for name in REFERENCE_LISTS},
            "vocabulary": {stem: sheet.plain for stem, sheet in self.of_kind("vocabulary")},
            "policies": [sheet.plain for _, sheet in self.of_kind("policies")],
        }


def read_catalogue_folder(root: Path | str) -> CatalogueFolder:
    """Read every YAML file of a catalogue folder; faults are collected, nothing is raised."""
    base = Path(root)
    sheets: dict[str, Sheet] = {}
    faults: list[FileFault] = []
    for file, path in _catalogue_paths(base):
        sheet = _read(file, path)
        sheets[file] = sheet
        faults.extend(sheet.faults)
        faults.extend(misplaced(file, sheet))
    if not sheets:
        faults.append(
            FileFault(
                ".",
                1,
                1,
                "no-catalogue",
                Text(f"no catalogue files under {base}", f"{base} 下没有政策目录文件"),
                "reference/ vocabulary/ policies/",
            )
        )
    return CatalogueFolder(
        base, sheets, tuple(sorted(faults, key=lambda fault: (fault.file, fault.line, fault.column)))
    )


def _catalogue_paths(base: Path) -> Iterator[tuple[str, Path]]:
    for kind in _KINDS:
        for path in sorted((base / kind).glob("*")):
            if path.suffix in (".yaml", ".yml"):
                yield f"{kind}/{path.name}", path


def _read(file: str, path: Path) -> Sheet:
    try:
        with path.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        said = Text(f"cannot be read: {error.strerror}", f"无法读取：{error.strerror}")
        return Sheet(file, None, faults=(FileFault(file, 1, 1, "unreadable", said),))
    return read_sheet(file, content)


def misplaced(file: str, sheet: Sheet) -> Iterator[FileFault]:
    """Faults of a file's name and outermost shape, so that later steps may rely on both."""
    kind, _, name = file.partition("/")
    stem = name.removesuffix(".yaml")
    if not name.endswith(".yaml"):
        yield sheet.fault(
            (), "file-name", Text("the name must end in .yaml", "文件名必须以 .yaml 结尾"), Path(name).stem + ".yaml"
        )
    elif kind == "reference" and stem not in REFERENCE_LISTS:
        said = Text(f"there is no reference list “{stem}”", f"没有名为“{stem}”的参考列表")
        yield sheet.fault((), "file-name", said, ", ".join(REFERENCE_LISTS))
    elif kind == "vocabulary" and not _VOCABULARY_NAME.match(stem):
        said = Text("a vocabulary file is named NN-name.yaml", "词表文件应命名为 NN-名称.yaml")
        yield sheet.fault((), "file-name", said, "10-basics.yaml")
    wanted: type = list if kind == "reference" else dict
    if not sheet.faults and not isinstance(sheet.plain, wanted):
        said = (
            Text("the file must be a list of entries", "文件应为条目列表")
            if wanted is list
            else Text("the file must be a mapping of keys and values", "文件应为键值映射")
        )
        yield sheet.fault((), "wrong-shape", said)


def format_catalogue_folder(root: Path | str) -> tuple[list[str], list[FileFault]]:
    """Rewrite each readable file canonically; gives the files that changed and the faults of those left alone."""
    base = Path(root)
    changed: list[str] = []
    faults: list[FileFault] = []
    for file, path in _catalogue_paths(base):
        sheet = _read(file, path)
        if sheet.faults or sheet.plain is None:
            faults.extend(sheet.faults)
            continue
        canonical = write_yaml(canonical_file(file, sheet.plain)).encode()
        if path.read_bytes() != canonical:
            path.write_bytes(canonical)
            changed.append(file)
    return changed, faults


def snapshot_folder(snapshot: Mapping[str, Any]) -> CatalogueFolder:
    """A snapshot as the folder that it would be written to: plain values without the text of any file."""
    plain = (
        {f"reference/{name}.yaml": rows for name, rows in snapshot["lists"].items()}
        | {f"vocabulary/{stem}.yaml": sheet for stem, sheet in snapshot["vocabulary"].items()}
        | {f"policies/{policy['policy']}.yaml": policy for policy in snapshot["policies"]}
    )
    return CatalogueFolder(Path(), {file: Sheet(file, value) for file, value in plain.items()})


def policy_files(snapshot: Mapping[str, Any]) -> dict[str, str]:
    """The canonical files of a snapshot: {path inside the folder: text}."""
    files = {f"reference/{name}.yaml": rows for name, rows in snapshot["lists"].items() if rows}
    files.update((f"vocabulary/{stem}.yaml", sheet) for stem, sheet in snapshot["vocabulary"].items())
    for policy in snapshot["policies"]:
        files[f"policies/{policy['policy']}.yaml"] = policy
    return {file: write_yaml(canonical_file(file, plain)) for file, plain in files.items()}


def write_catalogue_folder(root: Path | str, snapshot: Mapping[str, Any]) -> list[str]:
    """Write a snapshot as a catalogue folder; YAML files there that the snapshot does not have are removed."""
    base = Path(root)
    files = policy_files(snapshot)
    for kind in _KINDS:
        (base / kind).mkdir(parents=True, exist_ok=True)
    for file, path in list(_catalogue_paths(base)):
        if file not in files:
            path.unlink()
    for file, text in files.items():
        (base / file).write_bytes(text.encode())
    return sorted(files)
