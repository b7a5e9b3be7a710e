"""Webhooks as they arrive: verified after Standard Webhooks, with the standard library only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

TOLERANCE = 300.0
"""How old, or how far ahead, a webhook may be, in seconds."""


class NotGenuine(Exception):
    """The signature does not fit, or the webhook is too old: answer 400 and do nothing."""


def read_event(
    headers: Mapping[str, str], body: bytes, secret: str | Iterable[str], *, now: float | None = None
) -> dict[str, Any]:
    """The event, with its `id` (the same at every attempt: remember it for four days); raises NotGenuine.

    `body` are the bytes as they came. Several secrets may be given while one is rotated.
    """
    found = {name.lower(): value for name, value in headers.items()}
    identity, moment = found.get("webhook-id", ""), found.get("webhook-timestamp", "")
    if not identity or not (moment.isascii() and moment.isdigit() and len(moment) < 16):
        raise NotGenuine("the headers of a webhook are missing")
    if abs((time.time() if now is None else now) - int(moment)) > TOLERANCE:
        raise NotGenuine("the webhook is too old or too new")
    signed = f"{identity}.{moment}.".encode() + body
    sent = [one.removeprefix("v1,") for one in found.get("webhook-signature", "").split() if one.startswith("v1,")]
    ours = [_signature(one, signed) for one in ([secret] if isinstance(secret, str) else secret)]
    # Each with each, so that the time it takes tells nothing.
    fits = [hmac.compare_digest(a.encode(), b.encode()) for a in ours for b in sent]
    if not any(fits):
        raise NotGenuine("no signature fits")
    event: dict[str, Any] = json.loads(body)
    return {"id": identity, **event}


def _signature(secret: str, signed: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as fault:
        raise ValueError("a secret looks like whsec_… with base64 behind it") from fault
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
