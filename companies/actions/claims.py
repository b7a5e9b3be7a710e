"""Handing a company over: from the partner that sent it to a person, who decides what the partner may see from then on."""

from __future__ import annotations

import structlog
from django.db import transaction
from django.utils import timezone

from companies import security
from companies.actions import partners
from companies.letters import taking_part as letters
from companies.models import Claim, Company, Membership, PartnerCompany, Role, User
from companies.models.claims import LIFE
from companies.models.partners import Basis
from companies.models.tokens import digest_of_token, new_token

log = structlog.get_logger(__name__)


class HasPeople(Exception):
    """The company was not sent by this partner, or has people of its own: nobody hands it over for them."""


@transaction.atomic
def make_claim(*, link: PartnerCompany) -> tuple[Claim, str]:
    """A claim and the text of its link, which is told once and kept nowhere; one made before ends. Raises HasPeople."""
    Company.objects.select_for_update().get(pk=link.company_id)
    if link.basis != Basis.SENT or link.company.memberships.exists():
        raise HasPeople
    take_back_claims(link=link)
    token = new_token()
    claim = Claim.objects.create(link=link, digest=digest_of_token(token), expires_at=timezone.now() + LIFE)
    log.info("claim_made", company=str(link.company.public_id), partner=str(link.partner.public_id))
    return claim, token


def take_back_claims(*, link: PartnerCompany) -> int:
    """End what was made and not used; how many."""
    return link.claims.filter(used_at=None, revoked_at=None).update(revoked_at=timezone.now())


@transaction.atomic
def take_over(*, claim: Claim, keep_partner: bool, by: User) -> bool:
    """Become the owner; False when the claim was used or ended meanwhile.

    With `keep_partner` the partner may go on seeing and changing the record, by the owner's word; without, it sees
    nothing from now on.
    """
    link = claim.link
    Company.objects.select_for_update().get(pk=link.company_id)
    if not Claim.objects.open().filter(pk=claim.pk).exists():
        return False
    Claim.objects.filter(pk=claim.pk).update(used_at=timezone.now(), used_by=by)
    Membership.objects.create(company=link.company, user=by, role=Role.OWNER)
    security.note("company_taken_over", company=str(link.company.public_id), keep_partner=keep_partner, by=by.pk)
    if keep_partner:
        partners.agree(company=link.company, partner=link.partner, by=by)
    else:
        partners.withdraw(link=link, by=by)
    letters.tell_of_taking_over(link, keep_partner=keep_partner)
    return True
