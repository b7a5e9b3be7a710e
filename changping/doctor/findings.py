"""What is said of one part, and what to do where it is not well."""

from __future__ import annotations

from dataclasses import dataclass

ADVICE = {
    "settings": "run: manage.py check --deploy",
    "disk": "free some space, or point VAR_DIR, BATCH_DIR or TMPDIR elsewhere",
    "database": "look at DATABASE_URL, and whether the server runs and lets this machine in",
    "migrations": "run: manage.py migrate; each migration is done wholly or not at all, so it goes on where it stopped",
    "clock": "let both machines keep their clocks by NTP: leases and windows go by them",
    "broker": "look at REDIS_URL, and whether Redis runs; matches wait meanwhile, none is lost",
    "cache": "look at REDIS_URL, and whether Redis has memory left; limits on requests are counted there",
    "release": "run: manage.py load_catalogue, or publish a version at the desk",
    "worker": "start one: celery -A changping.celery worker; or manage.py serve for all of it",
    "matches": "start more workers, and see in their log what they are doing",
    "webhooks": "start manage.py deliver_webhooks",
    "secrets": "put the key that they were sealed with into SECRET_KEY_FALLBACKS, then run: manage.py reseal",
    "mail": "look at EMAIL_URL, and whether the mail server runs and lets this machine in",
    "certificate": "renew the certificate of the proxy in front; people's browsers and partners refuse to come in without",
    "documents": "install the packages of locks/runtime.txt anew: typst or a font is missing, or this machine is too busy",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: whether it is well, what was found and, where it is not, what to do."""

    part: str
    well: bool
    said: str
    advice: str = ""


def well(part: str, said: str) -> Finding:
    """The part is as it should be."""
    return Finding(part, True, said)


def ill(part: str, said: str, advice: str = "") -> Finding:
    """The part is not; with the usual advice, unless another is given."""
    return Finding(part, False, said, advice or ADVICE[part])
