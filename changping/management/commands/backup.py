"""`manage.py backup FOLDER`: a copy of an embedded installation, also while it serves."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from changping import backups


class Command(BaseCommand):
    help = (
        "Copy database, key and files of batches into a new folder, while the service runs or not (embedded edition)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder", type=Path, metavar="FOLDER", help="a new folder; its files are readable by you only"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError(
                "the database is PostgreSQL: use pg_dump, as docs/operations.md says under Backup", returncode=2
            )
        key = settings.VAR_DIR / backups.KEY
        try:
            made = backups.take(
                options["folder"],
                database=Path(settings.DATABASES["default"]["NAME"]),
                key=key if key.exists() else None,
                batches=settings.BATCH_DIR / "kept",
            )
        except (backups.BackupFault, OSError) as fault:
            raise CommandError(f"no backup was made: {fault}") from None
        self.stdout.write(f"{made.folder}: {made.files} files, {made.size:,} bytes, as of {made.taken_at}")
        if not key.exists():
            self.stdout.write(
                "The key (SECRET_KEY) comes from the environment: keep it as well, the secrets of webhooks are sealed with it."
            )
