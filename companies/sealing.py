"""Secrets that we must be able to read again: stored so that they are of no use to whoever has the database and not SECRET_KEY."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class SealBroken(Exception):
    """What was sealed cannot be read: it was sealed under another SECRET_KEY, or for another purpose."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals and opens texts for one purpose; what is sealed for one is not opened for another."""

    purpose: str

    def sealed(self, text: str) -> str:
        """The text as it is stored."""
        return self._fernet().encrypt(text.encode()).decode()

    def unsealed(self, stored: str) -> str:
        """The text again; raises SealBroken."""
        try:
            return self._fernet().decrypt(stored.encode()).decode()
        except InvalidToken as fault:
            raise SealBroken from fault

    def is_of_key_in_force(self, stored: str) -> bool:
        """Whether it is sealed under SECRET_KEY itself, and would outlive its fallbacks."""
        try:
            self._fernet_of(settings.SECRET_KEY).decrypt(stored.encode())
        except InvalidToken:
            return False
        return True

    def _fernet(self) -> MultiFernet:
        return MultiFernet(list(map(self._fernet_of, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))))

    def _fernet_of(self, key: str) -> Fernet:
        # A key of its own, derived: what is signed with SECRET_KEY elsewhere tells nothing of it.
        derived = HKDF(SHA256(), 32, salt=None, info=self.purpose.encode()).derive(key.encode())
        return Fernet(base64.urlsafe_b64encode(derived))
