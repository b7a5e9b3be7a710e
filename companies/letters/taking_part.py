"""Letters about who takes part in a company: invited, joined, left, removed, given another part; and a company that was taken over."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from companies.letters import address, write_letter
from companies.models import Company, Invitation, Letter, Membership, PartnerCompany, Role, User
from companies.models.invitations import LIFE


def invite(invitation: Invitation, token: str) -> Letter:
    """To whom is invited, with the link."""
    by = invitation.invited_by.email if invitation.invited_by else ""
    link = address(reverse("invitation", args=[token]))

    def body() -> str:
        said = _(
            "%(by)s invites you to take part in the record of this company at Changce: %(company)s\n\n"
            "Your part: %(role)s\n\n"
            "Open this link and sign in with the address that this letter was sent to, or make an account with it:\n"
            "%(address)s\n\n"
            "The link can be used once, within %(days)d days. If you do not know who writes to you, leave it alone."
        )
        words = {"by": by, "company": invitation.company.name, "role": invitation.get_role_display()}
        return said % {**words, "address": link, "days": LIFE.days}

    return write_letter(to=invitation.email, subject=lambda: _("You are invited"), body=body, kind="invitation")


def tell_of_joining(membership: Membership) -> None:
    """To the other owners, when an invitation was accepted."""

    def body() -> str:
        said = _(
            "%(who)s accepted the invitation and takes part in this company now: %(company)s\n\nThe part: %(role)s"
        )
        return said % {
            "who": membership.user.email,
            "company": membership.company.name,
            "role": membership.get_role_display(),
        } + _members(membership.company)

    for owner in _owners(membership.company, but=[membership.user]):
        write_letter(
            to=owner.email, subject=lambda: _("Somebody takes part in your company"), body=body, kind="member_joined"
        )


def tell_of_leaving(membership: Membership) -> None:
    """To the owners who stay, when somebody ended their own part."""

    def body() -> str:
        said = _("%(who)s has left this company and sees nothing of it any more: %(company)s")
        return said % {"who": membership.user.email, "company": membership.company.name} + _members(membership.company)

    for owner in _owners(membership.company, but=[membership.user]):
        write_letter(to=owner.email, subject=lambda: _("Somebody left your company"), body=body, kind="member_left")


def tell_of_removal(membership: Membership, by: User) -> None:
    """To the one who takes part no more."""

    def body() -> str:
        said = _(
            "%(by)s ended your part in this company at Changce: %(company)s\n\n"
            "You see nothing of it any more. If you think that this is a mistake, write to them."
        )
        return said % {"by": by.email, "company": membership.company.name}

    write_letter(
        to=membership.user.email,
        subject=lambda: _("You do not take part in a company any more"),
        body=body,
        kind="member_removed",
    )


def tell_of_role(membership: Membership, by: User) -> None:
    """To the one whose part is another now, unless they changed it themselves."""
    if membership.user_id == by.pk:
        return

    def body() -> str:
        said = _("%(by)s changed your part in this company at Changce: %(company)s\n\nYour part now: %(role)s")
        words = {"by": by.email, "company": membership.company.name, "role": membership.get_role_display()}
        return said % words + "\n\n" + address(membership.company.get_absolute_url())

    write_letter(
        to=membership.user.email,
        subject=lambda: _("Your part in a company has changed"),
        body=body,
        kind="member_role_changed",
    )


def tell_of_taking_over(link: PartnerCompany, *, keep_partner: bool) -> None:
    """To the partner that sent the company; whoever took it over stays unnamed, that is theirs to say."""

    def body() -> str:
        said = _("The company that you sent to Changce was taken over by its own people: %(company)s")
        stays = _("You may go on reading and changing its record, until they end it.")
        ends = _("They chose that you see nothing of it from now on.")
        words = said % {"company": _named(link)} + "\n\n" + (stays if keep_partner else ends)
        return words + "\n\n" + address(reverse("partner:overview", args=[link.partner.public_id]))

    write_letter(
        to=link.partner.contact, subject=lambda: _("A company was taken over"), body=body, kind="company_taken_over"
    )


def _named(link: PartnerCompany) -> str:
    return f"{link.company.name} ({link.reference})" if link.reference else link.company.name


def _owners(company: Company, *, but: list[User]) -> list[User]:
    owners = company.memberships.filter(role=Role.OWNER, user__is_active=True).exclude(user__in=but)
    return [one.user for one in owners.select_related("user").order_by("pk")]


def _members(company: Company) -> str:
    return "\n\n" + address(reverse("companies:members", args=[company.public_id]))
