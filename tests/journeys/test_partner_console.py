"""Somebody of a partner makes a key, keeps a webhook and reads its log, in a real browser, also on a phone."""

from __future__ import annotations

import uuid

import pytest

from tests.journeys.conftest import Visitor
from tests.stack import Stack

PASSWORD = "changping-demo"
MAKE = """
from companies.models import Partner, PartnerMember, User
user = User.objects.create_user("{email}", "{password}")
PartnerMember.objects.create(user=user, partner=Partner.objects.create(name="{name}", contact="it@a.example"))
"""


@pytest.fixture
def somebody(stack: Stack):
    """The address of a person of a new partner."""

    def make(name: str) -> str:
        email = f"{uuid.uuid4().hex[:8]}@a.example"
        made = stack.manage("shell", "-c", MAKE.format(email=email, password=PASSWORD, name=name))
        assert made.returncode == 0, made.stderr
        return email

    return make


def walk(visitor: Visitor, email: str) -> None:
    page = visitor.go("/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    visitor.follow(page.locator("main form button[type=submit]").first)
    assert "/partner/" in page.url
    looked_at(visitor)

    visitor.follow(page.locator("a[href$='/keys/new/']"))
    looked_at(visitor)
    page.fill("[name=label]", "our portal")
    page.check("[name=scopes][value=webhooks]")
    visitor.follow(page.locator("main form button[type=submit]").first)
    if "reauthenticate" in page.url:
        looked_at(visitor)
        page.fill("[name=password]", PASSWORD)
        visitor.follow(page.locator("main form button[type=submit]").first)
    assert page.locator("#secret").input_value().startswith("cck_")
    looked_at(visitor)

    visitor.follow(page.locator("main .card a.btn"))
    assert page.locator("table code").first.inner_text().startswith("cck_")
    looked_at(visitor)
    visitor.follow(page.locator("a[href$='/webhooks/']").first)
    looked_at(visitor)
    page.fill("[name=url]", "https://example.com/a-long-path-of-a-receiver-that-does-not-end-soon/changce?with=words")
    page.check("[name=kinds][value='match.done']")
    visitor.follow(page.locator("main form button[type=submit]").first)
    assert page.locator("#secret").input_value().startswith("whsec_")
    looked_at(visitor)

    visitor.follow(page.locator("main .card a.btn"))
    visitor.follow(page.locator("form[action$='/switch/'] button"))
    looked_at(visitor)
    visitor.follow(page.locator("form[action$='/switch/'] button"))
    visitor.follow(page.locator("form[action$='/test/'] button"))
    assert page.locator("table tbody tr").count() == 1
    looked_at(visitor)


def looked_at(visitor: Visitor) -> None:
    """Nothing that the scanner finds, and nothing wider than the screen."""
    visitor.scan()
    wide = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{visitor.page.url} is {wide} px wider than the screen"


def test_at_a_desk_in_english(english_visitor: Visitor, somebody):
    walk(english_visitor, somebody("Life Science Park"))


def test_on_a_phone_in_chinese(chinese_visitor: Visitor, somebody):
    walk(chinese_visitor, somebody("昌平生命科学园"))


def test_without_scripts(scriptless_visitor: Visitor, somebody):
    visitor = scriptless_visitor
    page = visitor.go("/accounts/login/")
    page.fill("[name=login]", somebody("Bank"))
    page.fill("[name=password]", PASSWORD)
    visitor.follow(page.locator("main form button[type=submit]").first)

    visitor.follow(page.locator("a[href$='/webhooks/']").first)

    assert page.locator("[name=url]").count() == 1
