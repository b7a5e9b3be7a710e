"""What a company's people do with links to a report, and what is written down when one is opened."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from companies import security
from companies.models import User
from companies.models.tokens import digest_of_token, new_token
from matching.models import LinkOpening, MatchReport, SharedLink, Shows

DAYS = (1, 7, 30, 90)
"""How long a link may live."""
KEPT_OPENINGS = 200
"""Of each link, the newest; how often it was opened in all is counted."""


@transaction.atomic
def share_report(
    *, report: MatchReport, shows: Shows, named: bool, days: int, by: User, note: str = ""
) -> tuple[SharedLink, str]:
    """A link to the report and its text, which is shown now and never again; raises ValidationError."""
    if days not in DAYS:
        raise ValueError(f"a link lives {DAYS} days, not {days}")
    token = new_token()
    link = SharedLink(
        report=report,
        digest=digest_of_token(token),
        note=note,
        shows=shows,
        named=named,
        expires_at=timezone.now() + timedelta(days=days),
        created_by=by,
    )
    link.full_clean()
    link.save()
    security.note("report_shared", link=str(link.public_id), report=str(report.public_id), shows=shows, by=by.pk)
    return link, token


def revoke_link(*, link: SharedLink, by: User) -> bool:
    """End a link at once and for good; False when it was revoked before."""
    revoked = SharedLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())
    if revoked:
        security.note("link_revoked", link=str(link.public_id), by=by.pk)
    return bool(revoked)


@transaction.atomic
def write_down_opening(*, link: SharedLink, language: str, client: str) -> None:
    """Add an opening to the link's log, and forget the oldest beyond what is kept."""
    SharedLink.objects.filter(pk=link.pk).update(opened=F("opened") + 1)
    LinkOpening.objects.create(link=link, language=language, client=client)
    too_old = link.openings.order_by("-pk").values_list("pk", flat=True)[KEPT_OPENINGS : KEPT_OPENINGS + 1]
    for last in list(too_old):
        link.openings.filter(pk__lte=last).delete()
