"""Letters with what changed: made from the recorded changes, at most one a day to a person, sent once.

Which news a letter tells is fixed when its row is made, in the commit that moves the person's mark behind them: a worker
that dies before that leaves the mark where it was, one that dies later leaves a row that the next one takes.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from companies.models.letters import MAX_ATTEMPTS
from matching.jobs import letters
from matching.models import ENDED, Addressee, Digest, Run, VerdictChange
from matching.news.letters import letter_of

AT_MOST_EVERY = timedelta(days=1)
# People looked at in one turn.
AT_ONCE = 500


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
    Digest.objects.create(user=addressee.user, after=after, up_to=newest, max_attempts=MAX_ATTEMPTS)
    return True


def send_due() -> int:
    """Send the letters that wait, for as long as a turn lasts; how many were looked at."""
    return letters.send(Digest.objects.runnable(), letter_of)
