"""`manage.py backup FOLDER`: a copy of an installation, also while it serves."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from changping.backups import embedded, served
from changping.backups.folders import Backup, BackupFault


class Command(BaseCommand):
    help = (
        "Copy the database and the files of batches into a new folder, while the service runs or not: of the embedded edition with "
        "its key, of PostgreSQL by pg_dump."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder", type=Path, metavar="FOLDER", help="a new folder; its files are readable by you only"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        key = settings.VAR_DIR / embedded.KEY
        try:
            made = self._take(options["folder"], key)
        except (BackupFault, OSError) as fault:
            raise CommandError(f"no backup was made: {fault}") from None
        self.stdout.write(f"{made.folder}: {made.files} files, {made.size:,} bytes, as of {made.taken_at}")
        if connection.vendor != "sqlite" or not key.exists():
            self.stdout.write(
                "The key (SECRET_KEY) comes from the environment: keep it as well, the secrets of webhooks are sealed with it."
            )

    def _take(self, folder: Path, key: Path) -> Backup:
        if connection.vendor != "sqlite":
            return served.take(folder, batches=None if settings.BATCH_STORAGE else settings.BATCH_DIR / "kept")
        return embedded.take(
            folder,
            database=Path(settings.DATABASES["default"]["NAME"]),
            key=key if key.exists() else None,
            batches=settings.BATCH_DIR / "kept",
        )
