"""SECRET_KEY can be changed: secrets of webhooks are sealed anew, and the earlier key can go."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from changping.doctor import work
from companies.sealing import SealBroken
from matching.models import WebhookEndpoint
from matching.webhooks import actions, resealing
from matching.webhooks.resealing import Counted
from matching.webhooks.secrets import SEAL

FRESH = "another key, as long and as random as the first one was before it"


@pytest.fixture
def changed(settings, added):
    """The key was changed, and the earlier one is still known; the secret that the partner has."""
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], FRESH
    return added[1]


def stored() -> str:
    return SEAL.unsealed(WebhookEndpoint.objects.get().sealed_secret)


def test_sealed_anew_a_secret_outlives_the_earlier_key(changed, settings, capsys):
    call_command("reseal")
    settings.SECRET_KEY_FALLBACKS = []

    assert stored() == changed
    assert "1 sealed anew" in capsys.readouterr().out


def test_without_it_the_earlier_key_is_still_needed(changed, settings):
    assert "manage.py reseal" in work.secrets("secrets").said
    settings.SECRET_KEY_FALLBACKS = []

    with pytest.raises(SealBroken):
        stored()


def test_both_secrets_of_a_rotation_are_sealed_anew(changed, settings):
    actions.rotate_secret(endpoint=WebhookEndpoint.objects.get())
    assert resealing.counted() == Counted(1, 1, 0)

    resealing.reseal()

    assert resealing.counted() == Counted(2, 0, 0)
    assert resealing.reseal() == Counted(2, 0, 0)


def test_a_secret_of_a_key_that_is_gone_is_said_and_left_alone(changed, settings):
    settings.SECRET_KEY_FALLBACKS = []
    before = WebhookEndpoint.objects.get().sealed_secret

    with pytest.raises(CommandError, match="SECRET_KEY_FALLBACKS"):
        call_command("reseal")

    assert WebhookEndpoint.objects.get().sealed_secret == before
    assert not work.secrets("secrets").well
