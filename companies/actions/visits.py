"""What somebody does with a company before they have an account: describe it, keep it by a link, take it along, erase it."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.letters import address, put_down
from companies.models import Company, Letter, Membership, Role, User, Visit, VisitKey
from companies.models.tokens import digest_of_token, new_token
from companies.models.visitors import KEPT, VisitQuerySet

log = structlog.get_logger(__name__)

LINK_KEPT = timedelta(days=7)
"""How long a link sent by e-mail can be used."""


@transaction.atomic
def start_visit(*, name: str, founded: bool) -> tuple[Company, str]:
    """Open a record for a company without members, and the secret by which one browser holds it; it is shown only now."""
    company = Company(name=name, founded=founded)
    company.full_clean()
    company.save()
    visit = Visit.objects.create(company=company, expires_at=timezone.now() + KEPT)
    log.info("visit_started", company=str(company.public_id))
    return company, _new_key(visit, VisitKey.Kind.BROWSER)


@transaction.atomic
def claim(*, visits: VisitQuerySet, by: User) -> list[Company]:
    """Give the companies of these visits to the person, as their owner; from now on no key opens them. Gives these companies.

    Where two claim one company at once, it goes to the first.
    """
    taken = []
    for visit in visits.select_for_update(of=("self",)).select_related("company"):
        Membership.objects.create(company=visit.company, user=by, role=Role.OWNER)
        _call_off_letters(visit)
        visit.delete()
        taken.append(visit.company)
        log.info("visit_claimed", company=str(visit.company.public_id), by=by.pk)
    return taken


@transaction.atomic
def make_link(*, visit: Visit) -> str:
    """The secret of a new link by which somebody can go on on another device: once, within a week. It is shown only now."""
    return _new_key(visit, VisitKey.Kind.LINK)


@transaction.atomic
def send_link(*, visit: Visit, to: str) -> None:
    """Make a link as `make_link` does, and have it sent to this address, which is kept no longer than the letter waits."""
    secret = make_link(visit=visit)
    link = address(reverse("companies:resume", args=[secret]))
    # Without the company's name: nobody sends words of their own to other people's mailboxes through us.
    words = render_to_string("companies/keep_letter.txt", {"link": link})
    letter = put_down(to=to, subject=_("Go on with your answers"), body=words, kind="resume_link")
    visit.keys.filter(digest=digest_of_token(secret)).update(letter=letter)


@transaction.atomic
def withdraw_links(*, visit: Visit) -> int:
    """No link that was sent opens the company from now on; how many there were. Browsers that hold it keep it."""
    _call_off_letters(visit)
    withdrawn, _each = visit.keys.filter(kind=VisitKey.Kind.LINK).delete()
    log.info("visit_links_withdrawn", company=str(visit.company.public_id), links=withdrawn)
    return withdrawn


@transaction.atomic
def use_link(*, secret: str) -> tuple[Company, str] | None:
    """The company of this link, and a secret for the browser that goes on with it; None where the link opens nothing.

    The link is used up. Of two that come at once, one opens it.
    """
    opened = VisitKey.objects.opened_with(secret).select_for_update(of=("self",)).first()
    if opened is None:
        return None
    opened.delete()
    log.info("visit_resumed", company=str(opened.visit.company.public_id))
    return opened.visit.company, _new_key(opened.visit, VisitKey.Kind.BROWSER)


@transaction.atomic
def erase(*, visit: Visit) -> None:
    """Take away the company and everything that was said of it, with its reports."""
    log.info("visit_erased", company=str(visit.company.public_id))
    _call_off_letters(visit)
    visit.company.delete()


def _call_off_letters(visit: Visit) -> None:
    """Links that open nothing any more need not leave."""
    Letter.objects.filter(pk__in=list(visit.keys.values_list("letter", flat=True))).call_off()


def _new_key(visit: Visit, kind: VisitKey.Kind) -> str:
    secret = new_token()
    expires = timezone.now() + LINK_KEPT if kind == VisitKey.Kind.LINK else None
    VisitKey.objects.create(visit=visit, kind=kind, digest=digest_of_token(secret), expires_at=expires)
    return secret
