"""A report that is shown to somebody without an account, and then no more."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.journeys.test_main_trip import _ask_and_wait, _open_company, _sign_up

NAME = "Shared Report Ltd"


def test_a_report_is_shared_read_in_a_clean_browser_and_ended(
    english_visitor: Visitor, chinese_visitor: Visitor
) -> None:
    page = english_visitor.page
    _sign_up(english_visitor, "Sign Up")
    company = _open_company(english_visitor, NAME, "Go on")
    _ask_and_wait(english_visitor, company, "Ask for a report")
    english_visitor.follow(page.get_by_role("link", name="Share this report"))
    english_visitor.scan()
    page.get_by_label("the verdicts and the amounts").check()
    page.fill("[name=note]", "for the bank")
    english_visitor.press("Make the link")
    english_visitor.scan()
    address = page.locator("#address").input_value().removeprefix(english_visitor.url)

    chinese_visitor.go(address)
    expect(chinese_visitor.page.locator("h1")).to_contain_text("某企业")
    expect(chinese_visitor.page.locator("body")).not_to_contain_text(NAME)
    chinese_visitor.scan()
    assert chinese_visitor.page.evaluate("document.documentElement.scrollWidth") <= 390
    chinese_visitor.follow(chinese_visitor.page.get_by_role("link", name="English", exact=True))
    expect(chinese_visitor.page.locator("h1")).to_contain_text("a company")

    english_visitor.follow(page.get_by_role("link", name="I have copied it"))
    english_visitor.scan()
    expect(page.locator("main")).to_contain_text("Times opened: 2")
    with page.expect_navigation(wait_until="load"):
        page.get_by_role("button", name=re.compile("End this link")).click()
    expect(page.locator(".alert-success")).to_contain_text("ended")

    assert chinese_visitor.page.request.get(chinese_visitor.url + address).status == 404
