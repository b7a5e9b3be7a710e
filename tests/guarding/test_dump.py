"""Of what opens something, a copy of the database has nothing that opens it: digests, or what is sealed with a key that is elsewhere."""

from __future__ import annotations

import io
import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.core.management import call_command

from companies.account import second_factor
from companies.sealing import Seal, SealBroken
from tests.guarding.conftest import PASSWORD
from tests.guarding.scene import Scene, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(monkeypatch) -> Scene:
    monkeypatch.setattr("matching.tasks.ring", lambda: True)
    return make_scene()


def dump() -> str:
    """Every row of every table, as it is stored."""
    told = io.StringIO()
    call_command("dumpdata", "--all", stdout=told)
    return told.getvalue()


@pytest.mark.slow
def test_no_secret_stands_in_a_dump_of_the_database(scene):
    secret = generate_totp_secret()
    TOTP.activate(scene.lin, secret)
    codes = RecoveryCodes.activate(scene.lin).get_unused_codes()

    told = dump()

    assert scene.lin.email in told, "the dump holds what it is searched for"
    hidden = {**scene.secrets, "second factor": secret, "password": PASSWORD, "recovery code": codes[0]}
    assert [what for what, said in hidden.items() if said in told] == []
    assert len(json.loads(told)) > 50


def test_a_secret_that_is_stored_in_clear_is_found(scene):
    Authenticator.objects.create(
        user=scene.lin, type=Authenticator.Type.TOTP, data={"secret": scene.secrets["API key"]}
    )

    assert scene.secrets["API key"] in dump()


def test_a_sealed_second_factor_still_signs_in(scene):
    secret = generate_totp_secret()
    factor = TOTP.activate(scene.lin, secret)

    code = next(f"{hotp_value(secret, at):06d}" for at in yield_hotp_counters_from_time())

    assert factor.validate_code(code)


def test_a_second_factor_sealed_under_another_key_fits_no_code_and_fails_nobody(scene, settings):
    secret = generate_totp_secret()
    factor = TOTP.activate(scene.lin, secret)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, []

    found = decrypt(factor.instance.data["secret"])

    assert found not in ("", secret)
    assert not factor.validate_code(next(f"{hotp_value(secret, at):06d}" for at in yield_hotp_counters_from_time()))


def test_a_key_that_was_changed_still_opens_what_it_sealed_as_long_as_it_is_a_fallback(settings):
    stored = Seal("x").sealed("word")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 10

    assert Seal("x").unsealed(stored) == "word"
    with pytest.raises(SealBroken):
        Seal("y").unsealed(stored)


def test_second_factors_outlive_an_earlier_key_once_they_are_sealed_anew(scene, settings):
    secret = generate_totp_secret()
    factor = TOTP.activate(scene.lin, secret)
    plain = Authenticator.objects.create(
        user=scene.lin, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "in clear"}
    )
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 10

    assert second_factor.reseal() == (2, 0)
    assert second_factor.reseal() == (0, 0)
    settings.SECRET_KEY_FALLBACKS = []

    for row, name, said in ((factor.instance, "secret", secret), (plain, "seed", "in clear")):
        row.refresh_from_db()
        assert decrypt(row.data[name]) == said
        assert said not in row.data[name]
