"""`manage.py reseal`: secrets of webhooks under the SECRET_KEY in force, so that an earlier key can go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.webhooks import resealing


class Command(BaseCommand):
    """Exit codes: 0 all are under the key in force; 1 some cannot be read."""

    help = "Seal the secrets of webhooks with SECRET_KEY, after it was changed; SECRET_KEY_FALLBACKS must still hold the earlier key."

    def handle(self, *args: Any, **options: Any) -> None:
        before = resealing.reseal()
        self.stdout.write(f"{before.earlier} sealed anew, {before.in_force} were under the key in force already")
        if before.unreadable:
            raise CommandError(
                f"{before.unreadable} cannot be read: put the key they were sealed with into SECRET_KEY_FALLBACKS and run this "
                "again, or give their endpoints new secrets",
                returncode=1,
            )
