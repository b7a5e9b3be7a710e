"""Letters by e-mail: plain text, stored with what they tell of and sent by a worker (`matching/jobs/letters.py`)."""

from collections.abc import Callable

import structlog
from django.conf import settings
from django.utils import translation

from companies.models.letters import MAX_ATTEMPTS, Letter

log = structlog.get_logger(__name__)


def write_letter(*, to: str, subject: Callable[[], str], body: Callable[[], str], kind: str) -> Letter:
    """Store a letter to be sent, in both languages, because nobody knows which one whoever reads the mailbox prefers.

    To be called in the transaction of what it tells of: both are stored, or neither. `subject` and `body` are asked once
    in each language.
    """
    subjects, bodies = [], []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            subjects.append(subject())
            bodies.append(body())
    return put_down(to=to, subject=" / ".join(subjects), body="\n\n——\n\n".join(bodies), kind=kind)


def put_down(*, to: str, subject: str, body: str, kind: str) -> Letter:
    """Store a letter that is written already, to be sent as it is."""
    letter = Letter(kind=kind, max_attempts=MAX_ATTEMPTS)
    # A name that somebody typed must not begin a new header.
    letter.put_in(to=to, subject=settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + " ".join(subject.split()), body=body)
    letter.save()
    log.info("letter_written", letter=str(letter.public_id), kind=kind)
    return letter


def address(path: str) -> str:
    """A path as a link for a letter: from the settings, because what a browser calls us is no business of other people's mailboxes."""
    return settings.SITE_URL + path
