"""A page of somebody else cannot act in the name of who is signed in here."""

from __future__ import annotations

import json

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from companies.api.keys import KeyAuthentication
from companies.models import Company
from tests.guarding.addresses import every_address

pytestmark = pytest.mark.django_db
FOREIGN = {"origin": "https://evil.example", "referer": "https://evil.example/"}


@pytest.fixture
def browser(lin) -> Client:
    """Lin's, signed in, with what protects it as in production."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(lin)
    return client


def token_of(client: Client) -> str:
    client.get(reverse("account_login"))
    client.get(reverse("companies:new"))
    return client.cookies[settings.CSRF_COOKIE_NAME].value


def without_a_token(client: Client):
    return client.post(reverse("companies:new"), {"name": "forged", "founded": "yes"}, headers=FOREIGN)


def with_the_token_of_another(client: Client):
    return client.post(
        reverse("companies:new"),
        {"name": "forged", "founded": "yes", "csrfmiddlewaretoken": token_of(Client(enforce_csrf_checks=True))},
    )


def as_htmx(client: Client):
    return client.post(
        reverse("companies:new"), {"name": "forged", "founded": "yes"}, headers={**FOREIGN, "hx-request": "true"}
    )


def as_text_that_is_json(client: Client):
    return client.post(
        reverse("companies:new"), json.dumps({"name": "forged", "founded": "yes"}), "text/plain", headers=FOREIGN
    )


def from_elsewhere_with_the_right_token(client: Client):
    token = token_of(client)
    return client.post(
        reverse("companies:new"),
        {"name": "forged", "founded": "yes", "csrfmiddlewaretoken": token},
        headers=FOREIGN,
        secure=True,
    )


def with_another_method_in_a_field(client: Client):
    return client.post(
        reverse("companies:new") + "?_method=GET",
        {"name": "forged", "founded": "yes", "_method": "GET"},
        headers=FOREIGN,
    )


SHAPES = (
    without_a_token, with_the_token_of_another, as_htmx, as_text_that_is_json, from_elsewhere_with_the_right_token,
    with_another_method_in_a_field,
)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_forged_request_is_refused(browser, shape):
    answer = shape(browser)

    assert answer.status_code == 403
    assert not Company.objects.exists()


def test_what_the_page_itself_sends_is_taken(browser):
    token = token_of(browser)

    answer = browser.post(reverse("companies:new"), {"name": "Qinghe", "founded": "yes", "csrfmiddlewaretoken": token})

    assert answer.status_code == 302, "the checks above would pass on a page that takes nothing"
    assert Company.objects.count() == 1


def test_signing_in_and_out_cannot_be_forged_either(browser):
    stranger = Client(enforce_csrf_checks=True)

    assert stranger.post(reverse("account_login"), {"login": "a@b.example", "password": "x"}).status_code == 403
    assert browser.post(reverse("account_logout")).status_code == 403
    browser.get(reverse("account_logout"))
    assert browser.get(reverse("account:home")).status_code == 200


def test_a_session_opens_nothing_of_the_api(browser):
    for method, path in (("get", "companies"), ("post", "companies"), ("get", "matches"), ("post", "webhooks")):
        answer = getattr(browser, method)(f"/api/v1/{path}", content_type="application/json")
        assert answer.status_code == 401, path


def unguarded(urlconf=None) -> list[str]:
    """Addresses whose view is exempt from the check: those of the API, which takes no session, are meant to be."""
    return [
        one.written
        for one in every_address(urlconf)
        if getattr(one.view, "csrf_exempt", False)
        and not hasattr(getattr(one.view, "cls", None), "authentication_classes")
    ]


def test_no_page_is_exempt_from_the_check_but_two_with_a_reason():
    assert unguarded() == [
        # A mail program sends it for its reader, without ever having seen a page of ours; it holds a signed secret.
        "/news/no-letters/<str:mark>/",
        # Checked all the same, once it is clear that the body is short enough to be read.
        "/desk/files/look/",
    ]


def test_the_page_that_checks_by_itself_refuses_forged_requests(lin):
    lin.is_staff = lin.is_superuser = True
    lin.save()
    Authenticator.objects.create(user=lin, type=Authenticator.Type.TOTP, data={"secret": ""})
    client = Client(enforce_csrf_checks=True)
    client.force_login(lin)

    answer = client.post(reverse("desk:files_look"), {"file": SimpleUploadedFile("a.yaml", b"policy: x")})

    assert answer.status_code == 403


def test_the_search_for_exempt_pages_finds_one_that_was_planted():
    assert unguarded("tests.guarding.planted") == ["/planted/exempt/"]


def test_no_view_of_the_api_takes_a_session():
    for one in every_address():
        view = getattr(one.view, "cls", None)
        for door in getattr(view, "authentication_classes", ()):
            assert door is KeyAuthentication, one.written
