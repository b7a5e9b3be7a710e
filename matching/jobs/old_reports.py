"""Reports that an installation does not want to keep for ever; unless a setting says so, it does."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from matching.models import MatchReport, MatchRequest, SharedLink, State

_AT_ONCE = 500


def old_requests() -> QuerySet[MatchRequest]:
    """The match requests that ended more than REPORT_KEEP_DAYS ago; none where that is 0.

    Never the newest report of a company, and none that a link still opens.
    """
    if not settings.REPORT_KEEP_DAYS:
        return MatchRequest.objects.none()
    before = Now() - timedelta(days=settings.REPORT_KEEP_DAYS)
    newer = MatchReport.objects.filter(request__company=OuterRef("company"), request__pk__gt=OuterRef("pk"))
    unsaid = MatchRequest.objects.exclude(state=State.DONE).values("pk")
    linked = SharedLink.objects.live().filter(report__request=OuterRef("pk"))
    old = MatchRequest.objects.ended().filter(finished_at__lt=before).filter(~Exists(linked))
    return old.filter(Exists(newer)) | old.filter(pk__in=unsaid)


def forget() -> int:
    """Take the old requests away with their reports, some at a time; how many. Safe at any time and twice."""
    gone = 0
    while some := list(old_requests().values_list("pk", flat=True)[:_AT_ONCE]):
        gone += MatchRequest.objects.filter(pk__in=some).delete()[1].get(MatchRequest._meta.label, 0)
    return gone
