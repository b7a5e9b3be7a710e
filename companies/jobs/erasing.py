"""Erasing what was asked to be erased, once the time to think better of it is over."""

from __future__ import annotations

import structlog
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from companies.letters import erasing as letters
from companies.models import Company, Frozen, Letter, Membership, User

log = structlog.get_logger(__name__)
# The journal of the administration: who did what there stays, under a number.
_STAYS = frozenset({"admin.LogEntry"})


def erase_due() -> int:
    """Erase the companies and accounts whose time is over; how many. Safe at any time and twice."""
    now = timezone.now()
    companies = list(Company.objects.filter(erase_at__lte=now).values_list("pk", flat=True))
    people = list(User.objects.filter(erase_at__lte=now).values_list("pk", flat=True))
    return sum([*map(_erase_company, companies), *map(_erase_account, people)])


def _erase_company(pk: int) -> bool:
    with transaction.atomic():
        # Asked again under the lock: somebody may just have kept it.
        company = Company.objects.select_for_update().filter(pk=pk, erase_at__lte=timezone.now()).first()
        if company is None:
            return False
        told, name, public_id = letters.owners_of(company), company.name, company.public_id
        _delete(company)
        letters.tell_company_is_gone(name, told)
    log.info("company_erased", company=str(public_id))
    return True


def _delete(company: Company) -> None:
    # An invitation to what is gone need not leave.
    Letter.objects.filter(pk__in=list(company.invitations.values_list("letter", flat=True))).call_off()
    company.delete()


def _erase_account(pk: int) -> bool:
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=pk, erase_at__lte=timezone.now()).first()
        if user is None:
            return False
        email = user.email
        own = Membership.objects.filter(user=user).values("company")
        others = Membership.objects.filter(company=models.OuterRef("pk")).exclude(user=user)
        for company in Company.objects.filter(~models.Exists(others), pk__in=own):
            _delete(company)
        try:
            with transaction.atomic():
                user.delete()
        except (ProtectedError, IntegrityError, Frozen):
            _make_nameless(user)
        letters.tell_account_is_gone(email)
    log.info("account_erased", who=pk)
    return True


def _make_nameless(user: User) -> None:
    """For who wrote, reviewed or published what is in force: the public history needs to tell two people apart, not who."""
    user.refresh_from_db()
    for relation in user._meta.related_objects:
        if relation.related_model._meta.label in _STAYS:
            continue
        rows = relation.related_model._base_manager.filter(**{relation.field.name: user})
        if relation.on_delete is models.CASCADE:
            rows.delete()
        elif relation.on_delete is models.SET_NULL:
            rows.update(**{relation.field.name: None})
    user.groups.clear()
    user.user_permissions.clear()
    user.email, user.first_name, user.last_name = f"erased-{user.pk}@erased.invalid", "", ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.erase_at, user.last_login = None, None
    user.set_unusable_password()
    user.save()
