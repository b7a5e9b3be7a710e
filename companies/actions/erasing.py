"""Asking for a company or an account to be erased, and thinking better of it while there is time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from companies import security
from companies.letters import erasing as letters
from companies.models import Company, Membership, Role, User

COOLING_OFF = timedelta(days=14)


class StillNeeded(Exception):
    """The person is the last owner of companies in which others take part."""

    def __init__(self, companies: Sequence[Company]) -> None:
        super().__init__(len(companies))
        self.companies = companies


@transaction.atomic
def ask_to_erase_company(*, company: Company, by: User) -> None:
    """From now on partners and holders of links see nothing of it; after the cooling-off time it is erased."""
    asked = Company.objects.filter(pk=company.pk, erase_at=None).update(erase_at=timezone.now() + COOLING_OFF)
    company.refresh_from_db(fields=["erase_at"])
    if asked:
        letters.tell_of_companys_end(company, by)
        security.note("company_erasure_asked", company=str(company.public_id), by=by.pk)


@transaction.atomic
def keep_company(*, company: Company, by: User) -> bool:
    """Not to be erased after all; False when nobody had asked."""
    kept = Company.objects.filter(pk=company.pk).exclude(erase_at=None).update(erase_at=None)
    if kept:
        letters.tell_company_is_kept(company, by)
        security.note("company_kept", company=str(company.public_id), by=by.pk)
    return bool(kept)


def alone_in(user: User) -> Sequence[Company]:
    """The companies in which nobody else takes part: they go with the account."""
    others = Membership.objects.filter(company=OuterRef("pk")).exclude(user=user)
    return list(Company.objects.visible_to(user).filter(~Exists(others)))


def needed_in(user: User) -> Sequence[Company]:
    """The companies of others that would be left without an owner; one who is about to be erased is none."""
    others = Membership.objects.filter(company=OuterRef("pk")).exclude(user=user)
    owners = others.filter(role=Role.OWNER, user__erase_at=None)
    own = Membership.objects.filter(user=user, role=Role.OWNER)
    return list(Company.objects.filter(Exists(others), ~Exists(owners), pk__in=own.values("company")))


@transaction.atomic
def ask_to_erase_account(*, user: User) -> None:
    """After the cooling-off time the account is erased, and with it companies in which nobody else takes part.

    Raises StillNeeded: others are not left without an owner.
    """
    if needed := needed_in(user):
        raise StillNeeded(needed)
    at = timezone.now() + COOLING_OFF
    if User.objects.filter(pk=user.pk, erase_at=None).update(erase_at=at):
        Company.objects.filter(pk__in=[one.pk for one in alone_in(user)], erase_at=None).update(erase_at=at)
        user.refresh_from_db(fields=["erase_at"])
        letters.tell_of_accounts_end(user)
        security.note("account_erasure_asked", by=user.pk)


@transaction.atomic
def keep_account(*, user: User) -> bool:
    """Not to be erased after all, nor the companies that would have gone with it; False when nobody had asked."""
    at = User.objects.select_for_update().values_list("erase_at", flat=True).get(pk=user.pk)
    if at is None:
        return False
    User.objects.filter(pk=user.pk).update(erase_at=None)
    Company.objects.visible_to(user).filter(erase_at=at).update(erase_at=None)
    security.note("account_kept", by=user.pk)
    return True
