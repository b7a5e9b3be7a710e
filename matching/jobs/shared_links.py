"""Links to reports that are over do not stay for ever."""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from matching.models import SharedLink

KEPT = timedelta(days=90)
"""How long a link that is over stays in the list with its openings."""


def long_over() -> QuerySet[SharedLink]:
    """The links that have been over for long."""
    before = timezone.now() - KEPT
    return SharedLink.objects.filter(Q(expires_at__lt=before) | Q(revoked_at__lt=before))


def forget() -> int:
    """Erase links that have been over for long, with what was written down of them; how many. Safe at any time and twice."""
    return long_over().delete()[1].get(SharedLink._meta.label, 0)
