"""The whole check, in the order in which one fault may cause another."""

from __future__ import annotations

from datetime import date

from companies.facts import Text
from policies.catalogue_files import CatalogueFolder, FileFault, canonical_file, write_yaml
from policies.lint.cases import check_cases
from policies.lint.policies import check_policies
from policies.lint.reading import Reading
from policies.lint.references import check_references, check_use, check_vocabulary
from policies.lint.rules import check_rules
from policies.lint.words import check_words


def lint_catalogue(folder: CatalogueFolder, day: date) -> list[FileFault]:
    """Every fault of the catalogue by place, each once; "info" entries do not make it fail. `day` stands for today."""
    reading = Reading(folder, day)
    check_references(reading)
    check_vocabulary(reading)
    check_words(reading)
    check_policies(reading)
    used = check_rules(reading)
    check_cases(reading)
    check_use(reading, used)
    _check_form(reading)
    once = {(fault.file, fault.line, fault.code, fault.message): fault for fault in reversed(reading.faults)}
    return sorted(once.values(), key=lambda fault: (fault.file, fault.line, fault.column, fault.code))


def _check_form(reading: Reading) -> None:
    for sheet in reading.sheets.values():
        if sheet.faults:
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
