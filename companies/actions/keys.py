"""What partners' people do with keys beside making and revoking them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from companies import security
from companies.actions import make_key
from companies.models import ApiKey, User

OVERLAP = timedelta(days=7)


class KeyOver(Exception):
    """A key that was revoked or has ended cannot be rotated; make another."""


@transaction.atomic
def rotate_key(*, key: ApiKey, by: User, overlap: timedelta = OVERLAP) -> tuple[ApiKey, str]:
    """A new key for the same as this one, and its text, which is shown now and never again; this one ends after the overlap.

    The new one lives as long as the old one was meant to. Raises KeyOver.
    """
    old = ApiKey.objects.usable().select_for_update().filter(pk=key.pk).first()
    if old is None:
        raise KeyOver
    now = timezone.now()
    fresh, secret = make_key(
        partner=key.partner, label=old.label, scopes=old.scopes, by=by, expires_at=_end_of_another(old, now)
    )
    old.expires_at = now + overlap if old.expires_at is None else min(old.expires_at, now + overlap)
    old.save(update_fields=["expires_at"])
    security.note("api_key_rotated", partner=str(key.partner.public_id), key=old.prefix, into=fresh.prefix, by=by.pk)
    return fresh, secret


def _end_of_another(old: ApiKey, now: datetime) -> datetime | None:
    return None if old.expires_at is None else now + (old.expires_at - old.created_at)
