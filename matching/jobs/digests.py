"""Letters with what changed: made from the recorded changes, at most one a day to a person, sent once.

Which news a letter tells is fixed when its row is made, in the commit that moves the person's mark behind them: a worker
that dies before that leaves the mark where it was, one that dies later leaves a row that the next one takes.
"""

import time
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException

import structlog
from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from matching.jobs.leases import Lease, LeaseLost, claim_first, end_as_done, give_back, named_in_the_log
from matching.jobs.tallies import count
from matching.models import ENDED, Addressee, Digest, Reason, Run, VerdictChange
from matching.news.letters import letter_of

log = structlog.get_logger(__name__)

# How long to wait after attempt 1, 2, …: a mail server that is away is often back within the day.
PAUSES = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5))
AT_MOST_EVERY = timedelta(days=1)
# People looked at in one turn, and how long a turn may send: the worker has other work, too.
AT_ONCE = 500
TURN_SECONDS = 20.0
_PERMANENT = 500


def open_due() -> int:
    """Make letters for those who asked for them, have news, and had none today; how many."""
    if not settings.EMAIL_URL or timezone.localtime().hour < settings.DIGEST_HOUR:
        return 0
    newest = Run.objects.aggregate(last=Max("sequence"))["last"] or 0
    recent = Digest.objects.filter(user=OuterRef("user"), created_at__gt=Now() - AT_MOST_EVERY)
    under_way = Digest.objects.filter(user=OuterRef("user")).exclude(state__in=ENDED)
    due = Addressee.objects.filter(by_mail=True, mailed_up_to__lt=newest, user__is_active=True)
    due = due.filter(~Exists(recent), ~Exists(under_way)).select_related("user").order_by("mailed_up_to", "pk")
    return sum(_open(addressee, newest) for addressee in due[:AT_ONCE])


@transaction.atomic
def _open(addressee: Addressee, newest: int) -> bool:
    after = addressee.mailed_up_to
    # Whoever else looks at the same moment finds the mark moved, and makes no second letter.
    if not Addressee.objects.filter(pk=addressee.pk, mailed_up_to=after, by_mail=True).update(mailed_up_to=newest):
        return False
    if not VerdictChange.objects.news_for(addressee.user).of_runs(after, newest).exists():
        return False
    Digest.objects.create(user=addressee.user, after=after, up_to=newest, max_attempts=len(PAUSES) + 1)
    return True


def send_due() -> int:
    """Send the letters that wait, one after the other, for as long as a turn lasts; how many were looked at."""
    began, done = time.monotonic(), 0
    while time.monotonic() - began < TURN_SECONDS:
        lease = claim_first(Digest.objects.runnable())
        if lease is None:
            break
        done += 1
        try:
            _send(lease)
        except LeaseLost:
            count("attempts:digest:fenced")
    return done


def _send(lease: Lease) -> None:
    digest = Digest.objects.select_related("user__addressee").get(pk=lease.row)
    with named_in_the_log(digest):
        _send_digest(lease, digest)


def _send_digest(lease: Lease, digest: Digest) -> None:
    if digest.handed_at is not None:
        # A worker died with it in its hand. It may have left, and nothing is told twice.
        give_back(lease, reason=Reason.WORKER_LOST, detail="handed over, not known whether it left", retry=False)
        log.warning("digest_doubtful")
        return
    letter = letter_of(digest)
    if letter is None:  # since then muted, not a member any more, or not written to any more
        end_as_done(lease)
        return
    pause = PAUSES[min(digest.attempt, len(PAUSES)) - 1]
    connection = get_connection()
    try:
        connection.open()
    except OSError as fault:  # all that smtplib raises is one
        give_back(lease, reason=Reason.NOT_RECEIVED, detail=type(fault).__name__, pause=pause)
        log.warning("digest_not_sent", fault=type(fault).__name__)
        return
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
        log.warning("digest_refused", code=code)
    except OSError as fault:
        give_back(lease, reason=Reason.NOT_RECEIVED, detail=type(fault).__name__, retry=False)
        log.warning("digest_doubtful", fault=type(fault).__name__)
    else:
        end_as_done(lease)
        count("attempts:digest:done")
        log.info("digest_sent")
    finally:
        connection.close()


def _code_of(refusal: SMTPResponseException | SMTPRecipientsRefused) -> int:
    if isinstance(refusal, SMTPResponseException):
        return int(refusal.smtp_code)
    return max(code for code, _words in refusal.recipients.values())
