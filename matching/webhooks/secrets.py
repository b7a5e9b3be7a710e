"""The secrets that webhooks are signed with: made here, kept sealed, and used to sign after Standard Webhooks."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from standardwebhooks.webhooks import Webhook

MARK = "whsec_"


class SecretUnreadable(Exception):
    """A sealed secret was sealed under another SECRET_KEY: its endpoint needs a new secret."""


def new_secret() -> str:
    """256 random bits, in the form that the libraries of receivers take."""
    return MARK + base64.b64encode(secrets.token_bytes(32)).decode()


def sealed(secret: str) -> str:
    """The secret as it is stored: of no use to whoever has the database and not SECRET_KEY."""
    return _seal().encrypt(secret.encode()).decode()


def unsealed(stored: str) -> str:
    """The secret again; raises SecretUnreadable."""
    try:
        return _seal().decrypt(stored.encode()).decode()
    except InvalidToken as fault:
        raise SecretUnreadable from fault


def signed_headers(identity: str, at: datetime, body: str, of: Iterable[str]) -> dict[str, str]:
    """The headers of Standard Webhooks: one signature for each secret, so that receivers may change over in their own time."""
    moment = at.astimezone(UTC)
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(identity, moment, body) for secret in of),
    }


def _seal() -> MultiFernet:
    # A key of its own, derived: what is signed with SECRET_KEY elsewhere tells nothing of it.
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key))) for key in keys])


def _derived(key: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"changce webhook secrets").derive(key.encode())
