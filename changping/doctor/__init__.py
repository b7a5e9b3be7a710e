"""What an installation needs to do its work, part by part: each is tried for real, and what is wrong comes with what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from changping.doctor import machine, stores, work
from changping.doctor.findings import ADVICE, Finding

PARTS: dict[str, Callable[[str], Finding]] = {
    "settings": machine.settings_,
    "disk": machine.disk,
    "database": stores.database,
    "migrations": stores.migrations,
    "clock": stores.clock,
    "broker": stores.broker,
    "cache": stores.shared_cache,
    "release": work.release,
    "worker": work.worker,
    "matches": work.waiting,
    "webhooks": work.webhooks,
    "secrets": work.secrets,
    "mail": machine.mail,
    "certificate": machine.certificate,
    "documents": work.documents,
}


def examine(only: str = "") -> Iterator[Finding]:
    """Each part in turn, or only one; what another needs comes first, and nothing is raised."""
    for part, look in PARTS.items():
        if only not in ("", part):
            continue
        try:
            yield look(part)
        except Exception as fault:
            # The kind only: messages of drivers hold addresses and passwords.
            yield Finding(part, False, f"could not be asked: {type(fault).__name__}", ADVICE[part])
