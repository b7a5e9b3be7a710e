"""The secrets that webhooks are signed with: made here, kept sealed, and used to sign after Standard Webhooks."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from companies.sealing import Seal

MARK = "whsec_"
SEAL = Seal("changce webhook secrets")
"""A secret that it cannot open was sealed under another SECRET_KEY: its endpoint needs a new one."""


def new_secret() -> str:
    """256 random bits, in the form that the libraries of receivers take."""
    return MARK + base64.b64encode(secrets.token_bytes(32)).decode()


<<<<<<< HEAD
=======
def sealed(secret: str) -> str:
    """The secret as it is stored: of no use to whoever has the database and not SECRET_KEY."""
    return _seal().encrypt(secret.encode()).decode()


def unsealed(stored: str) -> str:
    """The secret again; raises SecretUnreadable."""
    try:
        return _seal().decrypt(stored.encode()).decode()
    except InvalidToken as fault:
        raise SecretUnreadable from fault


def is_of_the_first_key(stored: str) -> bool:
    """Whether the secret is sealed with SECRET_KEY itself, and would outlive its fallbacks."""
    try:
        _fernet(settings.SECRET_KEY).decrypt(stored.encode())
    except InvalidToken:
        return False
    return True


>>>>>>> 16f425b (Let doctor look at mail, certificate, secrets and half-applied migrations; reseal secrets after a change of key; answer a full disk with 503; write down upgrades and failures)
def signed_headers(identity: str, at: datetime, body: str, of: Iterable[str]) -> dict[str, str]:
    """The headers of Standard Webhooks: one signature for each secret, so that receivers may change over in their own time."""
    moment = at.astimezone(UTC)
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(identity, moment, body) for secret in of),
    }
<<<<<<< HEAD
=======


def _seal() -> MultiFernet:
    # A key of its own, derived: what is signed with SECRET_KEY elsewhere tells nothing of it.
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([_fernet(key) for key in keys])


def _fernet(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(key)))


def _derived(key: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"changce webhook secrets").derive(key.encode())
>>>>>>> 16f425b (Let doctor look at mail, certificate, secrets and half-applied migrations; reseal secrets after a change of key; answer a full disk with 503; write down upgrades and failures)
