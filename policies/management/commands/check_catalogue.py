"""`manage.py check_catalogue [DIR]`: parse, lint, run the example cases."""

import json
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import timezone

from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.lint import SEVERITIES, lint_catalogue


class Command(BaseCommand):
    help = "Check a catalogue folder: every fault with file, line, column and a suggestion; exit 1 when there is one."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", default=CATALOGUE_DIR, type=Path)
        parser.add_argument("--lang", default="en", choices=["en", "zh-hans"])
        parser.add_argument("--format", default="text", choices=["text", "json"], dest="form")
        parser.add_argument("--on", type=date.fromisoformat, help="the day that stands for today")
        parser.add_argument("--all", action="store_true", help="also what is worth knowing but no fault")
        parser.add_argument(
            "--health", action="store_true", help="also what the whole catalogue and the day show, as the desk lists it"
        )

    def handle(self, *args, folder: Path, lang: str, form: str, **options):
        day = options["on"] or timezone.localdate()
        found = lint_catalogue(read_catalogue_folder(folder), day, health=options["health"])
        faults = [fault for fault in found if fault.severity == "fault"]
        shown = found if options["all"] or options["health"] else faults
        if form == "json":
            self.stdout.write(json.dumps([_plain(fault) for fault in shown], ensure_ascii=False, indent=1))
        else:
            for fault in shown:
                hint = f" ({fault.suggestion})" if fault.suggestion else ""
                place = f"{folder / fault.file}:{fault.line}:{fault.column}"
                mark = f"{SEVERITIES[fault.severity].said(lang)}: " if options["health"] else ""
                self.stdout.write(f"{place}: {mark}{fault.code}: {fault.message.said(lang)}{hint}")
            said = f"{len(faults)} faults, {len(found) - len(faults)} notes"
            self.stdout.write(said if lang == "en" else f"{len(faults)} 个问题，{len(found) - len(faults)} 条提示")
        if faults:
            raise SystemExit(1)


def _plain(fault):
    return {
        "file": fault.file,
        "line": fault.line,
        "column": fault.column,
        "code": fault.code,
        "severity": fault.severity,
        "message": fault.message.to_plain(),
        "suggestion": fault.suggestion,
        "due": fault.due.isoformat() if fault.due else None,
    }
