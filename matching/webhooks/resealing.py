"""Secrets of webhooks under the key that is in force: needed before an earlier SECRET_KEY is taken away."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from companies.sealing import SealBroken
from matching.models import WebhookEndpoint
from matching.webhooks.secrets import SEAL

_COLUMNS = ("sealed_secret", "sealed_earlier_secret")


@dataclass(frozen=True, slots=True)
class Counted:
    """Secrets that stand under the key in force, under an earlier one, and under none that is known here."""

    in_force: int
    earlier: int
    unreadable: int


def counted() -> Counted:
    """How the stored secrets stand; changes nothing."""
    found = [0, 0, 0]
    for row in WebhookEndpoint.objects.values_list(*_COLUMNS):
        for stored in filter(None, row):
            found[_standing(stored)] += 1
    return Counted(*found)


def reseal() -> Counted:
    """Seal every readable secret with the key in force, each row by itself; what was found before. Safe at any time and twice."""
    before = counted()
    for pk in list(WebhookEndpoint.objects.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            # Locked: a rotation meanwhile would be written over with what was before it.
            row = WebhookEndpoint.objects.select_for_update().filter(pk=pk).values(*_COLUMNS).first() or {}
            fresh = {
                name: SEAL.sealed(SEAL.unsealed(stored))
                for name, stored in row.items()
                if stored and _standing(stored) == 1
            }
            if fresh:
                WebhookEndpoint.objects.filter(pk=pk).update(**fresh)
    return before


def _standing(stored: str) -> int:
    if SEAL.is_of_key_in_force(stored):
        return 0
    try:
        SEAL.unsealed(stored)
    except SealBroken:
        return 2
    return 1
