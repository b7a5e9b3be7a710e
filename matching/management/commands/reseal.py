"""`manage.py reseal`: secrets of webhooks and second factors under the SECRET_KEY in force, so that an earlier key can go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from companies.account import second_factor
from matching.webhooks import resealing


class Command(BaseCommand):
    """Exit codes: 0 all are under the key in force; 1 some cannot be read."""

    help = "Seal the secrets of webhooks and second factors with SECRET_KEY, after it was changed; SECRET_KEY_FALLBACKS must still hold the earlier key."

    def handle(self, *args: Any, **options: Any) -> None:
        before = resealing.reseal()
        self.stdout.write(f"{before.earlier} sealed anew, {before.in_force} were under the key in force already")
        done, lost = second_factor.reseal()
        self.stdout.write(f"{done} second factors sealed anew")
        if lost:
            self.stderr.write(
                f"{lost} second factors cannot be read: put their key into SECRET_KEY_FALLBACKS, or let their people set up new ones"
            )
        if before.unreadable or lost:
            raise CommandError(
                f"{before.unreadable} cannot be read: put the key they were sealed with into SECRET_KEY_FALLBACKS and run this "
                "again, or give their endpoints new secrets",
                returncode=1,
            )
