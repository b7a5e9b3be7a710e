"""The whole check, in the order in which one fault may cause another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from companies.facts import Text
from policies.catalogue_files import CatalogueFolder, FileFault, canonical_file, snapshot_folder, write_yaml
from policies.lint.cases import check_cases
from policies.lint.health import check_health
from policies.lint.policies import check_policies
from policies.lint.reading import Reading
from policies.lint.references import check_references, check_use, check_vocabulary
from policies.lint.rules import check_rules
from policies.lint.words import check_words
from policies.lint.work import WorkItem, work_items


def lint_catalogue(folder: CatalogueFolder, day: date, *, health: bool = False) -> list[FileFault]:
    """Every fault of the catalogue by place, each once; "soon" and "info" entries do not make it fail.

    `day` stands for today; `health` looks also at what time and neighbours do to rules that are each right by themselves.
    """
    reading = Reading(folder, day)
    check_references(reading)
    check_vocabulary(reading)
    check_words(reading)
    check_policies(reading)
    used = check_rules(reading)
    check_cases(reading)
    check_use(reading, used)
    if health:
        check_health(reading)
    _check_form(reading)
    once = {(fault.file, fault.line, fault.code, fault.message): fault for fault in reversed(reading.faults)}
    return sorted(once.values(), key=lambda fault: (fault.file, fault.line, fault.column, fault.code))


def lint_snapshot(snapshot: Mapping[str, Any], day: date) -> list[WorkItem]:
    """The health of a catalogue that was not read from files, as a list of work, most urgent first."""
    folder = snapshot_folder(snapshot)
    faults = lint_catalogue(folder, day, health=True)
    return work_items(faults, {file: sheet.plain for file, sheet in folder.sheets.items()})


def _check_form(reading: Reading) -> None:
    for sheet in reading.sheets.values():
        # A sheet that was not read from a file has no form.
        if sheet.faults or not sheet.text:
            continue
        canonical = write_yaml(canonical_file(sheet.file, sheet.plain))
        if sheet.text == canonical:
            continue
        pairs = zip(sheet.text.splitlines(), canonical.splitlines(), strict=False)
        line = next((at for at, (is_now, wanted) in enumerate(pairs, start=1) if is_now != wanted), 1)
        said = Text("not in canonical form from here on", "自此行起不是规范格式")
        reading.faults.append(
            FileFault(sheet.file, line, 1, "not-canonical", said, "manage.py format_catalogue", "info")
        )
