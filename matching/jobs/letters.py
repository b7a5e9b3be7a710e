"""Letters on their way to the mail server: each at most once, and none forgotten while the server is away.

That a letter is handed over is noted before it happens. A worker that dies before that leaves a row which the next one
takes; one that dies later leaves a letter that may have left, which is said and not tried again.
"""

import time
from collections.abc import Callable
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from companies.models import Letter
from companies.models.letters import PAUSES, Mailing
from companies.sealing import SealBroken
from matching.jobs.leases import Lease, LeaseLost, claim_first, end_as_done, give_back, named_in_the_log
from matching.jobs.tallies import count
from matching.models import Reason, State

log = structlog.get_logger(__name__)

# How long a turn may send: the worker has other work, too.
TURN_SECONDS = 20.0
_PERMANENT = 500


def send_due() -> int:
    """Send the letters that wait; how many were looked at. One turn at a time: a mail server that is silent holds one worker, not all."""
    if Letter.objects.filter(state=State.RUNNING).exists():
        return 0
    return send(Letter.objects.runnable(), message_of)


def is_waiting() -> bool:
    """Whether a letter could be sent now and nobody is sending."""
    return Letter.objects.runnable().exists() and not Letter.objects.filter(state=State.RUNNING).exists()


def message_of(letter: Letter) -> EmailMessage:
    """The letter as it was written; raises SealBroken."""
    inside = letter.taken_out()
    headers = {"Message-ID": message_id(letter), "Auto-Submitted": "auto-generated"}
    return EmailMessage(inside["subject"], inside["body"], settings.DEFAULT_FROM_EMAIL, [inside["to"]], headers=headers)


def message_id(row: Mailing) -> str:
    """The same at each attempt."""
    return f"<{row.public_id}@{urlsplit(settings.SITE_URL).hostname or 'changce'}>"


def send(waiting: QuerySet[Any], message: Callable[[Any], EmailMessage | None]) -> int:
    """Send these, one after the other, for as long as a turn lasts; how many were looked at.

    `message` makes the letter as things are now; None where there is nothing to say any more. A server that cannot be
    reached ends the turn: the others keep their attempts.
    """
    began, done = time.monotonic(), 0
    while time.monotonic() - began < TURN_SECONDS:
        lease = claim_first(waiting.all())
        if lease is None:
            break
        done += 1
        try:
            if not _send(lease, message):
                break
        except LeaseLost:
            count(f"attempts:{lease.kind.called}:fenced")
    return done


def _send(lease: Lease, message: Callable[[Any], EmailMessage | None]) -> bool:
    """False when the server could not be reached."""
    row: Mailing = lease.kind.objects.get(pk=lease.row)  # type: ignore[attr-defined]
    with named_in_the_log(row):
        return _hand_over(lease, row, message)


def _hand_over(lease: Lease, row: Mailing, message: Callable[[Any], EmailMessage | None]) -> bool:
    if row.handed_at is not None:
        # A worker died with it in its hand. It may have left, and nothing is told twice.
        give_back(lease, reason=Reason.WORKER_LOST, detail="handed over, not known whether it left", retry=False)
        log.warning("letter_doubtful")
        return True
    try:
        letter = message(row)
    except SealBroken:
        give_back(lease, reason=Reason.NOT_RECEIVED, detail="SealBroken", retry=False)
        log.error("letter_unreadable")
        return True
    if letter is None:  # since then muted, not a member any more, or not written to any more
        end_as_done(lease)
        return True
    pause = PAUSES[min(row.attempt, len(PAUSES)) - 1]
    connection = get_connection()
    try:
        connection.open()
    except OSError as fault:  # all that smtplib raises is one
        give_back(lease, reason=Reason.NOT_RECEIVED, detail=type(fault).__name__, pause=pause)
        log.warning("letter_not_sent", fault=type(fault).__name__)
        return False
    if not lease.held.update(handed_at=Now()):
        connection.close()
        raise LeaseLost
    try:
        connection.send_messages([letter])
    except (SMTPResponseException, SMTPRecipientsRefused) as refusal:
        # The server answered, so it did not take it.
        code = _code_of(refusal)
        give_back(
            lease, reason=Reason.NOT_RECEIVED, detail=str(code), retry=code < _PERMANENT, pause=pause, handed_at=None
        )
        log.warning("letter_refused", code=code)
    except OSError as fault:
        give_back(lease, reason=Reason.NOT_RECEIVED, detail=type(fault).__name__, retry=False)
        log.warning("letter_doubtful", fault=type(fault).__name__)
    else:
        end_as_done(lease)
        count(f"attempts:{lease.kind.called}:done")
        log.info("letter_sent")
    finally:
        connection.close()
    return True


def _code_of(refusal: SMTPResponseException | SMTPRecipientsRefused) -> int:
    if isinstance(refusal, SMTPResponseException):
        return int(refusal.smtp_code)
    return max(code for code, _words in refusal.recipients.values())
