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


def signed_headers(identity: str, at: datetime, body: str, of: Iterable[str]) -> dict[str, str]:
    """The headers of Standard Webhooks: one signature for each secret, so that receivers may change over in their own time."""
    moment = at.astimezone(UTC)
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(identity, moment, body) for secret in of),
    }
