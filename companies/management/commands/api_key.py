"""`manage.py api_key`: a key for a partner's programs, shown once."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from companies import actions
from companies.models.partners import ApiKey, Partner, Scope

LONGEST_DAYS = 730


class Command(BaseCommand):
    """Makes a key, or revokes one by the part of it that is no secret."""

    help = "Make a key for a partner's programs (it is shown once), or revoke one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Either --revoke PREFIX, or the name of the partner and what the key may do."""
        parser.add_argument("partner", nargs="?", help="name of the partner; made if there is none of this name")
        parser.add_argument("--contact", help="whom to write to; needed for a new partner")
        parser.add_argument("--label", default="key", help="what the key is for")
        parser.add_argument("--scope", action="append", choices=Scope.values, help="may be given several times")
        parser.add_argument("--days", type=int, default=365, help="the key ends after so many days")
        parser.add_argument("--revoke", metavar="PREFIX", help="the twelve signs after cck_")

    def handle(self, *args: Any, **options: Any) -> None:
        """Says what was done; raises CommandError that says what to do instead."""
        if options["revoke"]:
            key = ApiKey.objects.select_related("partner").filter(prefix=options["revoke"]).first()
            if key is None:
                raise CommandError(f"There is no key {options['revoke']}. / 没有该密钥。")
            done = actions.revoke_key(key=key, by=None)
            self.stdout.write("Revoked. / 已撤销。" if done else "It was revoked before. / 此前已撤销。")
            return
        if not options["partner"]:
            raise CommandError("Say for which partner, or --revoke PREFIX. / 请给出合作方名称，或使用 --revoke。")
        if not 1 <= options["days"] <= LONGEST_DAYS:
            raise CommandError(f"--days is from 1 to {LONGEST_DAYS}. / --days 须为 1 至 {LONGEST_DAYS}。")
        partner = Partner.objects.filter(name=options["partner"]).first() or self._new_partner(options)
        ends = timezone.now() + timedelta(days=options["days"])
        scopes = options["scope"] or [Scope.CATALOGUE, Scope.EVALUATE]
        try:
            key, secret = actions.make_key(
                partner=partner, label=options["label"], scopes=scopes, by=None, expires_at=ends
            )
        except ValidationError as fault:
            raise CommandError("; ".join(fault.messages)) from fault
        self.stdout.write(secret)
        self.stderr.write(
            f"Shown once; good until {ends:%Y-%m-%d} for {', '.join(key.scopes)}. Send it as “Authorization: Bearer …”.\n"
            f"仅显示一次；有效期至 {ends:%Y-%m-%d}，权限：{'、'.join(key.scopes)}。调用时放在 Authorization: Bearer 请求头中。"
        )

    def _new_partner(self, options: dict[str, Any]) -> Partner:
        if not options["contact"]:
            raise CommandError("A new partner needs --contact ADDRESS. / 新合作方须提供 --contact。")
        partner = Partner(name=options["partner"], contact=options["contact"])
        try:
            partner.full_clean()
        except ValidationError as fault:
            raise CommandError("; ".join(fault.messages)) from fault
        partner.save()
        return partner
