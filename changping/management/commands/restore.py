"""`manage.py restore FOLDER`: an embedded installation made of a backup."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from changping import backups
from changping.serve.lock import AlreadyRunning, ServeLock


class Command(BaseCommand):
    help = "Check a backup and make an installation of it in an empty VAR_DIR (embedded edition); `--check` only checks it."
    # Questions to a database would make an empty one.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER", help="what `manage.py backup` made")
        parser.add_argument("--check", action="store_true", help="only say whether it is whole")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError(
                "the database is PostgreSQL: use pg_restore, as docs/operations.md says under Backup", returncode=2
            )
        try:
            if options["check"]:
                found = backups.check(options["folder"])
                self.stdout.write(f"whole: {found.files} files, {found.size:,} bytes, as of {found.taken_at}")
                return
            lock = ServeLock(settings.VAR_DIR)
            try:
                found = backups.restore(options["folder"], var_dir=settings.VAR_DIR)
            finally:
                lock.release()
        except AlreadyRunning as running:
            raise CommandError(f"the service is running ({running.address}): stop it first") from None
        except (backups.BackupFault, OSError) as fault:
            raise CommandError(f"nothing was restored: {fault}") from None
        # A backup of an earlier version is brought to this one.
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(
            f"{settings.VAR_DIR}: {found.files} files as of {found.taken_at}. Now: manage.py verify_reports, manage.py verify_history."
        )
