"""A person's own account: the page that leads everywhere, and where they are signed in."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from companies.jobs import forgetting

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PASSWORD = "a long pass phrase"


def sign_in(person, agent=FIREFOX, address="203.0.113.77"):
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    answer = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def test_the_account_page_leads_to_all_of_it(company, lin):
    text = sign_in(lin).get(reverse("account:home")).content.decode()

    for name in ("account_email", "account_change_password", "mfa_index", "account:sessions"):
        assert f'href="{reverse(name)}"' in text
    assert f'href="{company.get_absolute_url()}"' in text


@pytest.mark.parametrize("name", ["home", "sessions"])
def test_nobody_else_gets_there(client, db, name):
    assert client.get(reverse(f"account:{name}")).url.startswith(reverse("account_login"))


def test_every_sign_in_is_listed_coarsely(lin):
    here, _phone = sign_in(lin), sign_in(lin, "Mozilla/5.0 (iPhone) Version/18 Safari/604.1", "2001:db8:1:2:3::4")

    text = here.get(reverse("account:sessions")).content.decode()

    assert "Firefox, Linux" in text
    assert "Safari, iPhone" in text
    assert "203.0.113.x" in text
    kept = str(list(UserSession.objects.values()))
    assert not re.search(r"113\.77|3::4|Gecko|140", kept)


def test_a_session_is_ended_from_elsewhere_at_once(lin):
    here, lost = sign_in(lin), sign_in(lin, "Mozilla/5.0 (Windows NT 10.0) Chrome/140")
    other = UserSession.objects.get(session_key=lost.session.session_key)

    here.post(reverse("account:end_session", args=[other.pk]))

    assert lost.get(reverse("account:home")).status_code == 302
    assert here.get(reverse("account:home")).status_code == 200


def test_all_others_are_ended_together(lin):
    here, others = sign_in(lin), [sign_in(lin), sign_in(lin)]

    here.post(reverse("account:end_other_sessions"))

    assert [one.get(reverse("account:home")).status_code for one in [here, *others]] == [200, 302, 302]


def test_a_session_of_somebody_else_is_not_there(lin, zhou):
    theirs = sign_in(zhou)
    session = UserSession.objects.get(user=zhou)

    assert sign_in(lin).post(reverse("account:end_session", args=[session.pk])).status_code == 404
    assert theirs.get(reverse("account:home")).status_code == 200


def test_what_is_kept_of_a_session_goes_with_it(lin):
    gone, kept = sign_in(lin), sign_in(lin)
    gone.post(reverse("account_logout"))

    forgetting.forget_sessions()

    assert [one.session_key for one in UserSession.objects.all()] == [kept.session.session_key]


def test_anybody_may_have_a_second_factor_with_codes_for_the_day_the_phone_is_lost(lin):
    client = sign_in(lin)
    asked = client.get(reverse("mfa_activate_totp")).url  # for the password, once more
    page = client.post(asked, {"password": PASSWORD}, follow=True).content.decode()
    secret = re.search(r'value="([A-Z2-7]{32})"', page)[1]
    now = list(yield_hotp_counters_from_time())
    code = format_hotp_value(hotp_value(secret, now[len(now) // 2]))

    answer = client.post(reverse("mfa_activate_totp"), {"code": code})

    assert answer.status_code == 302
    assert set(Authenticator.objects.filter(user=lin).values_list("type", flat=True)) == {"totp", "recovery_codes"}
    again = Client().post(reverse("account_login"), {"login": lin.email, "password": PASSWORD})
    assert again.url == reverse("mfa_authenticate")


def test_what_matters_for_safety_is_logged_without_an_address(lin, caplog):
    client = sign_in(lin)
    Client().post(reverse("account_login"), {"login": lin.email, "password": "wrong"})
    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "another long phrase 7", "password2": "another long phrase 7"},
    )

    told = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    events = {one["event"]: one for one in told}
    assert {"signed_in", "sign_in_failed", "password_changed"} <= set(events)
    assert events["password_changed"]["who"] == lin.pk
    assert not any(secret in str(told) for secret in (lin.email, "wrong", PASSWORD))
