"""Who takes part in a company: inviting, accepting, changing a part, ending it. A company never loses its last owner."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from companies import security
from companies.letters import taking_part as letters
from companies.models import Company, Invitation, Letter, Membership, Role, User
from companies.models.invitations import LIFE, InvitationQuerySet
from companies.models.tokens import digest_of_token, new_token

INVITATIONS_A_DAY = 30
"""Of one person: our letters are no means to write to strangers."""


class LastOwner(Exception):
    """The company would have nobody left who may do everything; make somebody else an owner first."""


class TooManyInvitations(Exception):
    """The person has written as many invitations today as they may."""


class TakesPartAlready(Exception):
    """The address is one of a member."""


class SomebodyElse(Exception):
    """The invitation was sent to another address than the person's own."""


@transaction.atomic
def invite(*, company: Company, email: str, role: str, by: User) -> tuple[Invitation, str]:
    """An invitation, whose letter goes out, and the text of its link, which is kept nowhere; one to the same address before ends.

    Whether the address has an account is not looked at: who invites learns nothing of it. Raises TakesPartAlready, which
    an owner can see in the list anyway, and TooManyInvitations.
    """
    email = email.strip().lower()
    if company.memberships.filter(user__email=email).exists():
        raise TakesPartAlready
    since = timezone.now() - timedelta(days=1)
    if Invitation.objects.filter(invited_by=by, created_at__gt=since).count() >= INVITATIONS_A_DAY:
        raise TooManyInvitations
    _end(company.invitations.filter(email=email, used_at=None, revoked_at=None))
    token = new_token()
    invitation = Invitation.objects.create(
        company=company,
        email=email,
        role=Role(role),
        digest=digest_of_token(token),
        invited_by=by,
        expires_at=timezone.now() + LIFE,
    )
    invitation.letter = letters.invite(invitation, token)
    invitation.save(update_fields=["letter"])
    security.note(
        "member_invited", company=str(company.public_id), invitation=str(invitation.public_id), role=role, by=by.pk
    )
    return invitation, token


def invite_again(*, invitation: Invitation, by: User) -> tuple[Invitation, str]:
    """The same once more, with a letter and a link of its own; the one before ends. Raises as `invite` does."""
    return invite(company=invitation.company, email=invitation.email, role=invitation.role, by=by)


@transaction.atomic
def take_back(*, invitation: Invitation, by: User) -> bool:
    """End an invitation that was not used; False when it was over before."""
    ended = _end(Invitation.objects.open().filter(pk=invitation.pk))
    if ended:
        security.note("invitation_taken_back", invitation=str(invitation.public_id), by=by.pk)
    return bool(ended)


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether the address that the invitation was sent to is this person's: that of the account, or another they confirmed."""
    if user.email.lower() == invitation.email:
        return True
    return EmailAddress.objects.filter(user=user, email__iexact=invitation.email, verified=True).exists()


@transaction.atomic
def accept(*, invitation: Invitation, by: User) -> bool:
    """Take part; False when the invitation was used or ended meanwhile. Raises SomebodyElse.

    Who takes part already keeps what they may, unless the invitation gives more.
    """
    if not is_for(invitation, by):
        raise SomebodyElse
    Company.objects.select_for_update().get(pk=invitation.company_id)
    if not Invitation.objects.open().filter(pk=invitation.pk).update(used_at=timezone.now()):
        return False
    own, fresh = Membership.objects.get_or_create(
        company=invitation.company, user=by, defaults={"role": invitation.role}
    )
    if not fresh and Role.values.index(invitation.role) < Role.values.index(own.role):
        own.role = invitation.role
        own.save(update_fields=["role"])
    if fresh:
        letters.tell_of_joining(own)
    security.note("invitation_accepted", company=str(invitation.company.public_id), role=own.role, by=by.pk)
    return True


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: User) -> None:
    """Let a member do more or less. Raises LastOwner."""
    _keep_an_owner(membership, stays_owner=role == Role.OWNER)
    if membership.role == role:
        return
    membership.role = Role(role)
    membership.save(update_fields=["role"])
    letters.tell_of_role(membership, by)
    security.note("member_role_changed", membership=membership.pk, role=role, by=by.pk)


@transaction.atomic
def end_membership(*, membership: Membership, by: User) -> None:
    """Somebody takes part no more, by an owner's word or their own. Raises LastOwner."""
    _keep_an_owner(membership, stays_owner=False)
    security.note("member_removed", membership=membership.pk, company=str(membership.company.public_id), by=by.pk)
    if membership.user_id == by.pk:
        letters.tell_of_leaving(membership)
    else:
        letters.tell_of_removal(membership, by)
    membership.delete()


def _end(invitations: InvitationQuerySet) -> int:
    """None of these opens anything any more, and a letter that waits does not leave; how many."""
    letters_of = list(invitations.values_list("letter", flat=True))
    Letter.objects.filter(pk__in=letters_of).call_off()
    return invitations.update(revoked_at=timezone.now())


def _keep_an_owner(membership: Membership, *, stays_owner: bool) -> None:
    """One at a time, so that two owners do not make each other no owners."""
    Company.objects.select_for_update().get(pk=membership.company_id)
    # Who asked to be erased will soon be gone.
    owners = Membership.objects.filter(company=membership.company_id, role=Role.OWNER, user__erase_at=None)
    others = owners.exclude(pk=membership.pk)
    if not stays_owner and not others.exists():
        raise LastOwner
