"""Letters about a company or an account that is to be erased, and when it was."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.letters import address, write_letter
from companies.models import Company, Role, User


def owners_of(company: Company) -> list[str]:
    """The addresses of those whom a company's end concerns."""
    owners = company.memberships.filter(role=Role.OWNER, user__is_active=True).order_by("pk")
    return list(owners.values_list("user__email", flat=True))


def tell_of_companys_end(company: Company, by: User) -> None:
    """To all owners: when it is erased, who asked, and where it can be kept after all."""

    def body() -> str:
        said = _(
            "%(who)s asked for this company to be erased at Changce: %(name)s\n\n"
            "It will be erased on %(day)s. Until then an owner can keep it after all, here:\n%(address)s"
        )
        words = {"who": by.email, "name": company.name, "day": _day(company.erase_at)}
        return said % {**words, "address": address(company.get_absolute_url())}

    for to in owners_of(company):
        write_letter(to=to, subject=lambda: _("A company will be erased"), body=body, kind="company_erasure_asked")


def tell_company_is_kept(company: Company, by: User) -> None:
    """To the other owners, who read that it would be erased."""

    def body() -> str:
        said = _("%(who)s decided to keep this company after all, and nothing was erased: %(name)s")
        return said % {"who": by.email, "name": company.name} + "\n\n" + address(company.get_absolute_url())

    for to in owners_of(company):
        if to != by.email:
            write_letter(to=to, subject=lambda: _("A company is kept after all"), body=body, kind="company_kept")


def tell_company_is_gone(name: str, owners: list[str]) -> None:
    """To those who owned it, once it is erased."""
    for to in owners:
        write_letter(
            to=to,
            subject=lambda: _("A company was erased"),
            body=lambda: (
                _("As asked for two weeks ago, everything about this company was erased: %(name)s") % {"name": name}
            ),
            kind="company_erased",
        )


def tell_of_accounts_end(user: User) -> None:
    """To whose account it is: when it is erased, and how it can be kept after all."""

    def body() -> str:
        said = _(
            "You asked for your account at Changce to be erased. It will be erased on %(day)s.\n\n"
            "Until then you can sign in and keep it after all:\n%(address)s\n\n"
            "If it was not you who asked, do that now and change your password."
        )
        return said % {"day": _day(user.erase_at), "address": address(reverse("account:home"))}

    write_letter(
        to=user.email, subject=lambda: _("Your account will be erased"), body=body, kind="account_erasure_asked"
    )


def tell_account_is_gone(email: str) -> None:
    """The last letter to an address."""
    write_letter(
        to=email,
        subject=lambda: _("Your account was erased"),
        body=lambda: _("As you asked two weeks ago, your account was erased. This is the last letter to this address."),
        kind="account_erased",
    )


def _day(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d")
