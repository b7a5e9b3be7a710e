"""Counts how often a password is hashed: what costs time, without a clock."""

from __future__ import annotations

from django.contrib.auth.hashers import MD5PasswordHasher


class CountingHasher(MD5PasswordHasher):
    """As quick as the other tests' hasher; `made` has one entry for each hash."""

    algorithm = "counted"
    made: list[str] = []

    def encode(self, password: str, salt: str) -> str:
        self.made.append("encode")
        return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        known = len(self.made)
        right = super().verify(password, encoded)
        # Checking makes the hash anew, and is one.
        del self.made[known + 1 :]
        return right
