"""The verbs of being told: watch and stop watching, mute and hear again, have read, letters, the calendar."""

import structlog
from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Greatest, Now

from companies.models import Company, Membership, User
from matching.models import Addressee, MutedPolicy, Run, Watch
from matching.news.calendars import digest_of, new_secret

log = structlog.get_logger(__name__)


@transaction.atomic
def watch(*, company: Company, by: User) -> None:
    """Tell this member of what changes for the company from now on; what was found before stays untold."""
    membership = Membership.objects.get(company=company, user=by)
    made, created = Watch.objects.get_or_create(membership=membership, defaults={"since": _last_told()})
    if not created:
        Watch.objects.filter(pk=made.pk, is_on=False).update(is_on=True, since=_last_told())
    log.info("watch_begun", company=str(company.public_id), by=by.pk)


@transaction.atomic
def stop_watching(*, company: Company, by: User) -> None:
    """Tell this member of nothing more for the company; a later report does not switch it on again."""
    membership = Membership.objects.get(company=company, user=by)
    Watch.objects.update_or_create(membership=membership, defaults={"is_on": False})
    log.info("watch_ended", company=str(company.public_id), by=by.pk)


def watch_if_undecided(*, company: Company, by: User) -> None:
    """Whoever asks for a report wants to hear when it is not true any more, unless they said otherwise."""
    membership = Membership.objects.filter(company=company, user=by, watch=None).first()
    if membership is not None:
        Watch.objects.get_or_create(membership=membership, defaults={"since": _last_told()})


def mute(*, policy: str, by: User) -> None:
    """Tell this person of nothing more about the policy."""
    MutedPolicy.objects.get_or_create(user=by, policy=policy)


def unmute(*, policy: str, by: User) -> None:
    """Tell this person about the policy again; also of what is kept from the meantime."""
    MutedPolicy.objects.filter(user=by, policy=policy).delete()


@transaction.atomic
def note_read(*, up_to: int, by: User) -> None:
    """The person has seen the news of the runs up to this one; never goes back."""
    up_to = min(up_to, _last_told())
    Addressee.objects.get_or_create(user=by)
    Addressee.objects.filter(user=by).update(read_up_to=Greatest(F("read_up_to"), up_to))


@transaction.atomic
def write_to(*, by: User, language: str) -> None:
    """Write to this person of news from now on, in this language; what was found before is not written."""
    Addressee.objects.get_or_create(user=by)
    Addressee.objects.filter(user=by, by_mail=False).update(by_mail=True, mailed_up_to=_last_told())
    Addressee.objects.filter(user=by).update(language=language)
    log.info("letters_begun", by=by.pk)


def stop_writing(*, to: User) -> None:
    """Write to this person no more."""
    Addressee.objects.filter(user=to).update(by_mail=False)
    log.info("letters_ended", to=to.pk)


@transaction.atomic
def open_calendar(*, by: User, language: str) -> str:
    """The secret of a new address for this person's calendar, which cannot be shown again; an earlier one ends."""
    secret = new_secret()
    Addressee.objects.update_or_create(
        user=by, defaults={"calendar_digest": digest_of(secret), "calendar_since": Now(), "language": language}
    )
    log.info("calendar_opened", by=by.pk)
    return secret


def close_calendar(*, by: User) -> None:
    """Nothing is found at the calendar's address any more."""
    Addressee.objects.filter(user=by).update(calendar_digest=None, calendar_since=None)
    log.info("calendar_closed", by=by.pk)


def _last_told() -> int:
    return Run.objects.aggregate(last=Max("sequence"))["last"] or 0
