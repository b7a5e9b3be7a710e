"""What a second factor is made of, kept sealed: a copy of the database makes nobody's codes."""

from __future__ import annotations

import structlog
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.db import transaction

from companies.sealing import Seal, SealBroken

log = structlog.get_logger(__name__)

_SEAL = Seal("changce second factors")
_MARK = "sealed:"
_SEALED = ("secret", "seed")
"""What of a factor's row is sealed: of an app, and of recovery codes."""


class Adapter(DefaultMFAAdapter):
    """The library's, with the seal that it leaves to us."""

    def encrypt(self, text: str) -> str:
        """As it is stored."""
        return _MARK + _SEAL.sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again; where it cannot be read, one that nobody has, so that no code fits. Rows from before the seal are read as they are."""
        if not encrypted_text.startswith(_MARK):
            return encrypted_text
        try:
            return _SEAL.unsealed(encrypted_text.removeprefix(_MARK))
        except SealBroken:
            log.error("second_factor_unreadable", why="sealed under another SECRET_KEY")
            return str(generate_totp_secret())


def not_of_key_in_force() -> list[int]:
    """The rows that an earlier SECRET_KEY sealed, or none: they are lost, or in clear, when only the key in force is left."""
    rows = Authenticator.objects.order_by("pk").values_list("pk", "data")
    return [pk for pk, data in rows if any(not _is_of_key_in_force(data[name]) for name in _SEALED if data.get(name))]


def reseal() -> tuple[int, int]:
    """Seal them with the key in force; how many were, and how many could not be read. Safe at any time and twice."""
    done = lost = 0
    for pk in not_of_key_in_force():
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            try:
                for name in _SEALED:
                    if stored := row.data.get(name):
                        sealed = stored.startswith(_MARK)
                        plain = _SEAL.unsealed(stored.removeprefix(_MARK)) if sealed else stored
                        row.data[name] = _MARK + _SEAL.sealed(plain)
            except SealBroken:
                lost += 1
                continue
            row.save(update_fields=["data"])
            done += 1
    return done, lost


def _is_of_key_in_force(stored: str) -> bool:
    return stored.startswith(_MARK) and _SEAL.is_of_key_in_force(stored.removeprefix(_MARK))
