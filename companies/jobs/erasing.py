"""Erasing what was asked to be erased, once the time to think better of it is over."""

from __future__ import annotations

import structlog
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.letters import send_letter
from companies.models import Company, Frozen, Membership, Role, User

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
        owners = company.memberships.filter(role=Role.OWNER, user__is_active=True)
        told = list(owners.values_list("user__email", flat=True))
        name, public_id = company.name, company.public_id
        company.delete()
    log.info("company_erased", company=str(public_id))
    for email in told:
        send_letter(
            to=email,
            subject=lambda: _("A company was erased"),
            body=lambda: (
                _("As asked for two weeks ago, everything about this company was erased: %(name)s") % {"name": name}
            ),
            kind="company_erased",
        )
    return True


def _erase_account(pk: int) -> bool:
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=pk, erase_at__lte=timezone.now()).first()
        if user is None:
            return False
        email = user.email
        own = Membership.objects.filter(user=user).values("company")
        others = Membership.objects.filter(company=models.OuterRef("pk")).exclude(user=user)
        for company in Company.objects.filter(~models.Exists(others), pk__in=own):
            company.delete()
        try:
            with transaction.atomic():
                user.delete()
        except (ProtectedError, IntegrityError, Frozen):
            _make_nameless(user)
    log.info("account_erased", who=pk)
    send_letter(
        to=email,
        subject=lambda: _("Your account was erased"),
        body=lambda: _("As you asked two weeks ago, your account was erased. This is the last letter to this address."),
        kind="account_erased",
    )
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
