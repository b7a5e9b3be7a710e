"""What is taken away when it has been over for long enough: sessions, and letters by which somebody was to come in."""

from __future__ import annotations

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils import timezone

from companies.models import Claim, Invitation, Letter

KEPT = timedelta(days=90)
"""How long an invitation or a claim that is over stays in its list; the first holds an address of a person."""


def sessions_over() -> QuerySet[Session]:
    """The sessions that have ended by their time."""
    return Session.objects.filter(expire_date__lt=timezone.now())


def forget_sessions() -> int:
    """Take away sessions that are over, and what was kept of where somebody was signed in; how many. Safe at any time and twice."""
    gone, _each = sessions_over().delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return gone


def invitations_over() -> QuerySet[Invitation]:
    """The invitations that were used, taken back or over that long ago."""
    return Invitation.objects.filter(_over())


def claims_over() -> QuerySet[Claim]:
    """The claims that were used, taken back or over that long ago."""
    return Claim.objects.filter(_over())


def letters_over() -> QuerySet[Letter]:
    """The letters that were sent, called off or set aside that long ago; what they said was forgotten at once."""
    return Letter.objects.ended().filter(finished_at__lt=timezone.now() - KEPT)


def _over() -> Q:
    before = timezone.now() - KEPT
    return Q(expires_at__lt=before) | Q(used_at__lt=before) | Q(revoked_at__lt=before)
