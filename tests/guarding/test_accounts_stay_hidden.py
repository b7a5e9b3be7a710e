"""Nobody learns who has an account: the same words, status and work for an address that is known and one that is not."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from companies.actions import found_company
from companies.models import User
from tests.guarding.conftest import PASSWORD

KNOWN, UNKNOWN = "lin@example.com", "nobody@example.com"


@pytest.fixture(autouse=True)
def with_letters(settings):
    """As in the served edition: whoever signs up confirms the address by a letter."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def said(answer, email: str) -> tuple[int, str, str]:
    """What somebody outside can see of an answer, without what differs between any two answers."""
    text = answer.content.decode().replace(email, "…")
    text = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', "", text)
    return answer.status_code, answer.headers.get("Location", ""), text


def seen(send, email: str, hashes: list[str]) -> tuple[object, list[object], int]:
    """The answer, those that follow it, and how many hashes it took."""
    client = Client()
    hashes.clear()
    answer = send(client, email)
    cost, follow = len(hashes), []
    if answer.status_code == 302:
        follow.append(said(client.get(answer.url), email))
    return said(answer, email), follow, cost


def sign_in(client: Client, email: str):
    return client.post(reverse("account_login"), {"login": email, "password": "wrong"})


def sign_up(client: Client, email: str):
    return client.post(reverse("account_signup"), {"email": email, "password1": PASSWORD, "password2": PASSWORD})


def reset(client: Client, email: str):
    return client.post(reverse("account_reset_password"), {"email": email})


@pytest.mark.parametrize("send", [sign_in, sign_up, reset])
def test_a_known_and_an_unknown_address_are_answered_alike_and_cost_the_same(lin, hashes, send):
    known, unknown = seen(send, KNOWN, hashes), seen(send, UNKNOWN, hashes)

    assert known == unknown


@pytest.mark.parametrize("send", [sign_up, reset])
def test_the_letter_tells_the_owner_and_nobody_else(lin, hashes, send, mailbox):
    seen(send, KNOWN, hashes)
    seen(send, UNKNOWN, hashes)

    to_owner, to_other = mailbox()
    assert (to_owner.to, to_other.to) == ([KNOWN], [UNKNOWN])
    assert to_owner.body != to_other.body


def test_somebody_who_left_is_answered_like_somebody_who_never_was(lin, hashes):
    lin.is_active = False
    lin.save()

    assert seen(sign_in, KNOWN, hashes) == seen(sign_in, UNKNOWN, hashes)


def test_inviting_says_the_same_of_both(lin):
    company = found_company(name="Qinghe", by=lin)
    User.objects.create_user("wei@example.com", PASSWORD)
    address = reverse("companies:members", args=[company.public_id])

    answers = []
    for email in ("wei@example.com", UNKNOWN):
        client = Client()
        client.force_login(lin)
        client.post(address, {"email": email, "role": "reader"})
        text = client.get(address).content.decode().replace(email, "…")
        answers.append(re.sub(r"[0-9a-f-]{36}|csrfmiddlewaretoken.*?>|X-CSRFToken.*?}", "", text))
        company.invitations.all().delete()

    assert answers[0] == answers[1]
