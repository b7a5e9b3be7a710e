"""`manage.py load_catalogue [DIR]`: take a catalogue folder over and release it, or begin drafts of what changed."""

from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from companies.models import User
from policies import actions
from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.lint import lint_catalogue
from policies.models import LoadedFile
from policies.rules.book import UnreadableSnapshot, canonical_snapshot
from policies.snapshots import part_digests


class Command(BaseCommand):
    help = "Load a catalogue folder and release it. Files as they were at the last load are left alone."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", default=CATALOGUE_DIR, type=Path)
        parser.add_argument("--overwrite", action="store_true", help="also unchanged files, undoing work at the desk")
        parser.add_argument(
            "--unchecked", action="store_true", help="do not refuse a catalogue that fails check_catalogue"
        )

        parser.add_argument(
            "--as-drafts", action="store_true", help="begin drafts of changed policies for the desk; publish nothing"
        )
        parser.add_argument("--by", metavar="EMAIL", help="with --as-drafts: the curator whose drafts they are")

    def handle(self, *args, folder: Path, overwrite: bool, unchecked: bool, **options):
        read = read_catalogue_folder(folder)
        if read.faults:
            raise CommandError(self._said(folder, read.faults))
        if options["as_drafts"]:
            self._load_drafts(folder, read, options["by"])
            return
        try:
            snapshot = canonical_snapshot(read.to_snapshot())
            is_known = part_digests(snapshot) == dict(LoadedFile.objects.values_list("name", "digest"))
            if not unchecked and (overwrite or not is_known):
                found = lint_catalogue(read, timezone.localdate())
                faults = [fault for fault in found if fault.severity == "fault"]
                if faults:
                    raise CommandError(self._said(folder, faults))
            loaded = actions.load_catalogue(snapshot=snapshot, by=None, overwrite=overwrite)
        except UnreadableSnapshot as fault:
            raise CommandError(f"{folder}: {fault} (check_catalogue shows the lines)") from None
        what = f"{len(loaded.changed)} parts taken over, {len(loaded.withdrawn)} withdrawn"
        state = "new" if loaded.is_new_release else "unchanged"
        self.stdout.write(f"{what}; release {loaded.release.number} ({state}, {loaded.release.digest[:12]})")

    def _load_drafts(self, folder, read, email):
        by = User.objects.filter(email=(email or "").strip().lower()).first()
        if email and by is None:
            raise CommandError(f"nobody has the address {email}")
        try:
            loaded = actions.load_drafts(snapshot=canonical_snapshot(read.to_snapshot()), by=by)
        except (UnreadableSnapshot, actions.UnfitContent) as fault:
            raise CommandError(f"{folder}: {fault} (check_catalogue shows the lines)") from None
        except PermissionDenied:
            raise CommandError(f"{email} may not write drafts: see the group curator") from None
        for name in loaded.in_the_way:
            self.stdout.write(f"{name}: being worked on at the desk, left alone")
        for name in loaded.left_alone:
            self.stdout.write(f"{name}: differs, but only a load without --as-drafts takes it over or away")
        self.stdout.write(f"{len(loaded.begun)} drafts begun; nothing was published")

    def _said(self, folder, faults):
        lines = [f"{folder / f.file}:{f.line}:{f.column}: {f.code}: {f.message.en}" for f in faults[:20]]
        return "\n".join([*lines, f"{len(faults)} faults; nothing was loaded. check_catalogue shows them all."])
