"""Links to reports that are over do not stay for ever."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from matching.models import SharedLink

KEPT = timedelta(days=90)
"""How long a link that is over stays in the list with its openings."""


def forget() -> int:
    """Erase links that have been over for long, with what was written down of them; how many. Safe at any time and twice."""
    before = timezone.now() - KEPT
    over = SharedLink.objects.filter(Q(expires_at__lt=before) | Q(revoked_at__lt=before))
    return over.delete()[1].get(SharedLink._meta.label, 0)
