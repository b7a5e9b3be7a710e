"""Two people and one company: an invitation by letter, and a company that a partner hands over."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.journeys.test_main_trip import PASSWORD, _open_company, _sign_up
from tests.stack import Stack

# What a partner's program does through the API, whose own tests are elsewhere.
HAND_OVER = """
from companies.actions.claims import make_claim
from companies.actions.partners import send_company
from companies.models import Partner
partner = Partner.objects.create(name="Handing Park", contact="it@park.example")
print("token", make_claim(link=send_company(partner=partner, name="Handed Over Ltd"))[1])
"""


def test_a_colleague_is_invited_signs_up_and_takes_part_until_removed(
    english_visitor: Visitor, chinese_visitor: Visitor
) -> None:
    page, guest = english_visitor.page, chinese_visitor.page
    _sign_up(english_visitor, "Sign Up")
    company = _open_company(english_visitor, "Two People Ltd", "Go on")
    english_visitor.go(f"{company}members/")
    page.fill("[name=email]", "colleague.of.two@example.com")
    page.select_option("[name=role]", "reader")
    english_visitor.press("Invite")
    link = page.locator("#address").input_value().removeprefix(english_visitor.url)

    chinese_visitor.go(link)
    chinese_visitor.scan()
    chinese_visitor.follow(guest.locator("main").get_by_role("link", name="注册"))
    guest.fill("[name=email]", "colleague.of.two@example.com")
    guest.fill("[name=password1]", PASSWORD)
    guest.fill("[name=password2]", PASSWORD)
    with guest.expect_navigation(wait_until="load"):
        guest.locator("main form button[type=submit]").first.click()
    expect(guest).to_have_url(re.compile("/invitations/"))
    chinese_visitor.scan()
    with guest.expect_navigation(wait_until="load"):
        guest.get_by_role("button", name="接受").click()
    expect(guest.locator("h1")).to_contain_text("Two People Ltd")
    assert guest.evaluate("document.documentElement.scrollWidth") <= 390

    english_visitor.go(f"{company}members/")
    expect(page.locator("main")).to_contain_text("colleague.of.two@example.com")
    english_visitor.scan()
    english_visitor.follow(page.locator("main").get_by_role("link", name=re.compile(r"^Remove")))
    english_visitor.scan()
    english_visitor.press("Remove this person")
    assert guest.request.get(chinese_visitor.url + company).status == 404


def test_a_company_that_a_partner_sent_is_taken_over_and_the_partner_shown_the_door(
    stack: Stack, chinese_visitor: Visitor
) -> None:
    made = stack.manage("shell", "-c", HAND_OVER)
    found = re.search(r"^token (\S+)$", made.stdout, re.MULTILINE)
    assert found, made.stderr
    page = chinese_visitor.go(f"/claims/{found[1]}/")
    chinese_visitor.scan()
    _sign_up(chinese_visitor, "注册")
    chinese_visitor.go(f"/claims/{found[1]}/")
    chinese_visitor.scan()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("input[name=keep][value=no]").check()
    with page.expect_navigation(wait_until="load"):
        page.get_by_role("button", name="接管").click()

    expect(page.locator("h1")).to_contain_text("Handed Over Ltd")
    assert page.request.get(f"{chinese_visitor.url}/claims/{found[1]}/").status == 404
    chinese_visitor.follow(page.get_by_role("link", name="可查看该企业的合作方"))
    expect(page.locator("main")).not_to_contain_text("Handing Park")
