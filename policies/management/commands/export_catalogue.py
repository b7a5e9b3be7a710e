"""`manage.py export_catalogue DIR`: write what is published as a catalogue folder."""

from pathlib import Path

from django.core.management.base import BaseCommand

from policies.catalogue_files import write_catalogue_folder
from policies.snapshots import compose_snapshot


class Command(BaseCommand):
    help = (
        "Write lists, vocabulary and published policies as catalogue files, removing those of policies that are gone."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)

    def handle(self, *args, folder: Path, **options):
        files = write_catalogue_folder(folder, compose_snapshot())
        self.stdout.write(f"{len(files)} files written to {folder}")
