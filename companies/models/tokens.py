"""Secrets in links: random text of which only the digest is kept."""

import hashlib
import re
import secrets

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """256 random bits, as text that fits into an address."""
    return secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    """Whether a text could be one at all."""
    return _TOKEN.fullmatch(text) is not None


def digest_of_token(token: str) -> str:
    """SHA-256: there is nothing to guess in 256 random bits, and nothing to stretch."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
