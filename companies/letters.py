"""Letters by e-mail: plain text, in both languages, because nobody knows which one whoever reads the mailbox prefers."""

from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation

log = structlog.get_logger(__name__)


def send_letter(*, to: str, subject: Callable[[], str], body: Callable[[], str], kind: str) -> bool:
    """Send one letter; False when it could not be handed over. `subject` and `body` are asked once in each language."""
    subjects, bodies = [], []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            # A name that somebody typed must not begin a new header.
            subjects.append(" ".join(subject().split()))
            bodies.append(body())
    try:
        send_mail(
            settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + " / ".join(subjects),
            "\n\n——\n\n".join(bodies),
            settings.DEFAULT_FROM_EMAIL,
            [to],
        )
    except OSError as fault:  # all that smtplib raises is one
        log.error("letter_failed", kind=kind, fault=type(fault).__name__)
        return False
    log.info("letter_sent", kind=kind)
    return True
