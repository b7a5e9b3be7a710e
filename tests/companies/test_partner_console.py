"""The console of partners: their people keep keys and see what is used; nobody else gets in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from companies import actions, usage
from companies.actions.keys import KeyOver, rotate_key
from companies.models import ApiKey, Partner, PartnerMember, Scope, User

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password"


@pytest.fixture
def fang(db) -> User:
    return User.objects.create_user("fang@a.example", PASSWORD)


@pytest.fixture
def partner(fang) -> Partner:
    made = Partner.objects.create(name="Partner A", contact="it@a.example")
    PartnerMember.objects.create(partner=made, user=fang)
    return made


@pytest.fixture
def stranger(db) -> User:
    """Somebody of another partner."""
    made = User.objects.create_user("zhou@b.example", PASSWORD)
    PartnerMember.objects.create(partner=Partner.objects.create(name="B", contact="it@b.example"), user=made)
    return made


@pytest.fixture
def enter(client):
    """Signs somebody in, who then gives the password once more."""

    def sign_in(user: User):
        for door in ("login", "reauthenticate"):
            answer = client.post(f"/accounts/{door}/", {"login": user.email, "password": PASSWORD})
            assert answer.status_code == 302
        return client

    return sign_in


@pytest.fixture
def key(partner) -> ApiKey:
    return actions.make_key(partner=partner, label="our portal", scopes=["evaluate"], by=None)[0]


def address(partner: Partner, rest: str = "") -> str:
    return f"/partner/{partner.public_id}/{rest}"


def secret_on(page) -> str:
    return re.search(r'value="(cck_[^"]+)"', page.content.decode()).group(1)


def test_somebody_of_one_partner_comes_to_it_from_signing_in(enter, partner, fang):
    answer = enter(fang).get("/companies/", follow=True)

    assert answer.redirect_chain[-1] == (address(partner), 302)
    assert "Partner A" in answer.content.decode()


def test_somebody_of_no_partner_is_told_so(client, db):
    client.force_login(User.objects.create_user("a@example.com", PASSWORD))

    assert "You belong to no partner yet" in client.get("/partner/").content.decode()


def pages(partner: Partner, key: ApiKey) -> list[tuple[str, str]]:
    return [
        ("get", address(partner)),
        ("get", address(partner, "keys/new/")),
        ("post", address(partner, "keys/new/")),
        ("post", address(partner, f"keys/{key.prefix}/rotate/")),
        ("post", address(partner, f"keys/{key.prefix}/revoke/")),
    ]


def test_for_strangers_there_are_no_such_pages_and_nothing_changes(enter, partner, key, stranger):
    client = enter(stranger)

    for method, page in pages(partner, key):
        assert getattr(client, method)(page).status_code == 404, page
    assert ApiKey.objects.usable().get() == key


def test_who_is_not_signed_in_is_asked_to(client, partner, key):
    for method, page in pages(partner, key):
        answer = getattr(client, method)(page)
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/login/")


def test_another_partners_key_is_not_found_on_ones_own_page(enter, partner, fang, stranger):
    theirs = actions.make_key(partner=Partner.objects.get(name="B"), label="x", scopes=["evaluate"], by=None)[0]
    client = enter(fang)

    for step in ("rotate", "revoke"):
        assert client.post(address(partner, f"keys/{theirs.prefix}/{step}/")).status_code == 404
    assert ApiKey.objects.usable().count() == 1


def test_a_key_is_made_and_shown_once(enter, partner, fang):
    client = enter(fang)

    page = client.post(address(partner, "keys/new/"), {"label": "our portal", "scopes": ["evaluate", "companies"]})

    secret = secret_on(page)
    key = ApiKey.objects.held(secret)
    assert (key.label, key.scopes, key.created_by, key.partner) == (
        "our portal",
        ["companies", "evaluate"],
        fang,
        partner,
    )
    assert timedelta(days=364) < key.expires_at - timezone.now() < timedelta(days=367)
    assert "no-store" in page.headers["Cache-Control"]
    assert secret not in client.get(address(partner)).content.decode()
    assert key.preview in client.get(address(partner)).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": ""},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"until": "2020-01-01"},
        {"until": "2999-01-01"},
        {"label": "x" * 101},
    ],
)
def test_what_cannot_be_a_key_is_said_beside_the_field(enter, partner, fang, wrong):
    answer = enter(fang).post(address(partner, "keys/new/"), {"label": "x", "scopes": ["evaluate"], **wrong})

    assert answer.status_code == 422
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("step", ["new", "rotate"])
def test_before_a_key_is_made_the_password_is_asked_for_again(enter, partner, fang, key, step):
    client = enter(fang)
    rest = "keys/new/" if step == "new" else f"keys/{key.prefix}/rotate/"

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        answer = client.post(address(partner, rest), {"label": "x", "scopes": ["evaluate"]})

    assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/reauthenticate/")
    assert ApiKey.objects.get() == key


def test_a_rotated_key_goes_on_beside_the_new_one_for_a_week(enter, partner, fang, key):
    page = enter(fang).post(address(partner, f"keys/{key.prefix}/rotate/"))

    fresh = ApiKey.objects.held(secret_on(page))
    key.refresh_from_db()
    assert (fresh.label, fresh.scopes) == (key.label, key.scopes)
    assert timedelta(days=6) < key.expires_at - timezone.now() <= timedelta(days=7)
    assert ApiKey.objects.usable().count() == 2


def test_rotating_never_makes_an_old_key_live_longer(partner, fang):
    key = actions.make_key(
        partner=partner, label="x", scopes=["evaluate"], by=None, expires_at=timezone.now() + timedelta(days=1)
    )[0]

    rotate_key(key=key, by=fang)

    key.refresh_from_db()
    assert key.expires_at - timezone.now() <= timedelta(days=1)


def test_a_key_that_is_over_is_not_rotated(enter, partner, fang, key):
    actions.revoke_key(key=key, by=None)

    with pytest.raises(KeyOver):
        rotate_key(key=key, by=fang)
    answer = enter(fang).post(address(partner, f"keys/{key.prefix}/rotate/"), follow=True)
    assert "This key is over" in answer.content.decode()


def test_a_key_is_revoked_at_once_and_listed_as_over(enter, partner, fang, key):
    answer = enter(fang).post(address(partner, f"keys/{key.prefix}/revoke/"), follow=True)

    assert not ApiKey.objects.usable().exists()
    assert "Keys that are over" in answer.content.decode()


def test_requests_of_each_day_are_counted_with_those_that_failed(enter, partner, fang, client):
    _key, secret = actions.make_key(partner=partner, label="x", scopes=Scope.values, by=None)
    for path in ("companies", "companies", "companies?limit=0"):
        client.get(f"/api/v1/{path}", headers={"authorization": f"Bearer {secret}"})

    (today,) = usage.of(partner, until=timezone.localdate())

    assert (today.requests, today.problems, today.throttled) == (3, 1, 0)
    page = enter(fang).get(address(partner)).content.decode()
    assert f'<th scope="row" role="rowheader">{timezone.localdate():%Y-%m-%d}</th>' in page
    assert "600" in page


def test_a_cache_that_is_away_costs_a_count_and_no_answer(partner, monkeypatch):
    key = actions.make_key(partner=partner, label="x", scopes=["evaluate"], by=None)[0]
    monkeypatch.setattr(usage.cache, "add", lambda *_: 1 / 0)

    usage.count(key, 200)


def test_a_partner_that_is_switched_off_is_told_so(enter, partner, fang):
    Partner.objects.update(is_active=False)

    assert "switched off for this partner" in enter(fang).get(address(partner)).content.decode()


def test_the_page_takes_as_many_queries_for_many_keys_as_for_one(enter, partner, fang, key, django_assert_num_queries):
    client = enter(fang)
    client.get(address(partner))
    for _ in range(5):
        actions.make_key(partner=partner, label="x", scopes=["evaluate"], by=None)

    # Session, person, partner, keys in force, keys that are over.
    with django_assert_num_queries(5):
        client.get(address(partner))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_speak_both_languages(enter, partner, fang, key, language):
    client = enter(fang)

    page = client.get(address(partner), headers={"accept-language": language}).content.decode()

    assert ("密钥" in page, "Make a key" in page) == (language == "zh-hans", language == "en")


def test_people_are_added_to_a_partner_in_the_administration(admin_client, admin_user, partner, stranger):
    page = admin_client.get(f"/admin/companies/partner/{partner.pk}/change/")

    assert page.status_code == 200
    assert "members-0-user" in page.content.decode()


def test_the_navigation_leads_people_of_a_partner_to_its_console_and_nobody_else(client, partner, fang, lin):
    link = f'class="nav-link" href="{reverse("partner:home")}"'

    def seen() -> str:
        return client.get(reverse("policies:list")).content.decode()

    assert link not in seen()
    client.force_login(fang)
    assert link in seen()
    client.force_login(lin)
    assert link not in seen()
