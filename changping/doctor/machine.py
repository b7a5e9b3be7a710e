"""This machine and what is in front of it: settings, disk, the certificate that people see, the mail server."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.mail import get_connection

from changping.doctor.findings import Finding, ill, well

LEAST_FREE = 2 << 30
SOON_OVER = timedelta(days=14)
_PATIENCE_SECONDS = 5


def settings_(part: str) -> Finding:
    """Whether Django has anything to say against the settings."""
    said = [
        found for found in checks.run_checks(include_deployment_checks=settings.SERVED) if found.level >= checks.WARNING
    ]
    if said:
        return ill(part, f"{len(said)} warnings: {said[0].id} {said[0].msg}", "run: manage.py check --deploy")
    return well(part, "served edition" if settings.SERVED else "embedded edition, for one machine")


def disk(part: str) -> Finding:
    """Whether the folders that are written to have room."""
    for folder in dict.fromkeys(
        [settings.VAR_DIR, settings.BATCH_DIR, settings.SNAPSHOT_DIR, Path(tempfile.gettempdir())]
    ):
        there = next(path for path in (folder, *folder.parents) if path.exists())
        if not os.access(there, os.W_OK):
            return ill(part, f"{folder} cannot be written to")
        free = shutil.disk_usage(there).free
        if free < LEAST_FREE:
            return ill(part, f"{folder} has {free / 2**30:.1f} GB free, less than {LEAST_FREE >> 30}")
    return well(part, f"{shutil.disk_usage(settings.VAR_DIR.anchor).free / 2**30:.0f} GB free")


def mail(part: str) -> Finding:
    """Whether the mail server lets us in; nothing is sent."""
    if not settings.EMAIL_URL:
        if settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory":
            return ill(part, "there is no EMAIL_URL, and nobody can sign up without a letter", "set EMAIL_URL")
        return well(part, "none: letters are printed, and nobody is told of news")
    with get_connection(fail_silently=False):
        return well(part, "the mail server lets us in")


def certificate(part: str) -> Finding:
    """Until when the certificate is good that people see at SITE_URL, where that can be reached from here."""
    address = urlsplit(settings.SITE_URL)
    if address.scheme != "https" or not address.hostname:
        return well(part, "none: SITE_URL is not https")
    try:
        with socket.create_connection((address.hostname, address.port or 443), timeout=_PATIENCE_SECONDS) as opened:
            opened.settimeout(_PATIENCE_SECONDS)
            with ssl.create_default_context().wrap_socket(opened, server_hostname=address.hostname) as secured:
                shown = secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as fault:
        return ill(part, f"{address.hostname}: {fault.verify_message}")
    except OSError as fault:
        # Not everybody can reach themselves from inside: no reason to call the part ill.
        return well(part, f"{address.hostname} cannot be reached from here ({type(fault).__name__}); look from outside")
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    said = f"{address.hostname}: good until {until:%Y-%m-%d}"
    return ill(part, said) if until - datetime.now(UTC) < SOON_OVER else well(part, said)
