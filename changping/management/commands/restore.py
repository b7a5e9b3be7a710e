"""`manage.py restore FOLDER`: an installation made of a backup."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from changping.backups import embedded, served
from changping.backups.folders import Backup, BackupFault
from changping.serve.lock import AlreadyRunning, ServeLock


class Command(BaseCommand):
    help = "Check a backup and make an installation of it, in an empty VAR_DIR or an empty PostgreSQL database; `--check` only checks it."
    # Questions to a database would make an empty one.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER", help="what `manage.py backup` made")
        parser.add_argument("--check", action="store_true", help="only say whether it is whole")

    def handle(self, *args: Any, **options: Any) -> None:
        is_embedded = connection.vendor == "sqlite"
        try:
            if options["check"]:
                found = (embedded if is_embedded else served).check(options["folder"])
                self.stdout.write(f"whole: {found.files} files, {found.size:,} bytes, as of {found.taken_at}")
                return
            found = _into_var_dir(options["folder"]) if is_embedded else _into_postgres(options["folder"])
        except AlreadyRunning as running:
            raise CommandError(f"the service is running ({running.address}): stop it first") from None
        except (BackupFault, OSError) as fault:
            raise CommandError(f"nothing was restored: {fault}") from None
        # A backup of an earlier version is brought to this one.
        call_command("migrate", interactive=False, verbosity=0)
        where = settings.VAR_DIR if is_embedded else f"database {connection.settings_dict['NAME']}"
        counted = f", {sum(found.rows.values()):,} rows, as many as were dumped" if found.rows else ""
        self.stdout.write(
            f"{where}: {found.files} files as of {found.taken_at}{counted}. Now: manage.py verify_reports, manage.py verify_history."
        )


def _into_var_dir(folder: Path) -> Backup:
    lock = ServeLock(settings.VAR_DIR)
    try:
        return embedded.restore(folder, var_dir=settings.VAR_DIR)
    finally:
        lock.release()


def _into_postgres(folder: Path) -> Backup:
    return served.restore(folder, batches=None if settings.BATCH_STORAGE else settings.BATCH_DIR / "kept")
