"""`manage.py demo_code`: the second factor of the demo staff, for whoever sits at this machine."""

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from matching.management.commands.load_demo import STAFF


class Command(BaseCommand):
    """What an authenticator app would show. Refused in the served edition, which has no demo staff."""

    help = "Show the current sign-in codes of the demo staff (each can be used once, and for half a minute)."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.EDITION != "embedded" and not settings.DEBUG:
            raise CommandError("The served edition has no demo staff; people use their authenticator app.")
        found = Authenticator.objects.filter(user__email__in=STAFF, type=Authenticator.Type.TOTP)
        if not found:
            raise CommandError("There is no demo staff here: manage.py load_demo")
        period = int(time.time()) // 30
        for authenticator in found.select_related("user").order_by("user__email"):
            code = format_hotp_value(hotp_value(decrypt(authenticator.data["secret"]), period))
            self.stdout.write(f"{authenticator.user.email}  {code}")
