"""`manage.py format_catalogue [DIR]`: rewrite the catalogue's files in canonical form."""

from pathlib import Path

from django.core.management.base import BaseCommand

from policies.catalogue_files import CATALOGUE_DIR, format_catalogue_folder


class Command(BaseCommand):
    help = "Rewrite the files of a catalogue folder in canonical form (block style, fixed key order, no comments)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", default=CATALOGUE_DIR, type=Path)

    def handle(self, *args, folder: Path, **options):
        changed, faults = format_catalogue_folder(folder)
        for file in changed:
            self.stdout.write(f"{folder / file}: rewritten")
        for fault in faults:
            self.stderr.write(f"{folder / fault.file}:{fault.line}:{fault.column}: {fault.code}: {fault.message.en}")
        self.stdout.write(f"{len(changed)} rewritten, {len({fault.file for fault in faults})} left alone")
        if faults:
            raise SystemExit(1)
