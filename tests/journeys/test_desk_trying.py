"""A draft is tried, what came out right is kept, and its example cases are written at, in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.journeys.test_desk import sign_in
from tests.stack import Stack

POLICY = "cn-tech-sme"


def begin(visitor: Visitor, policy: str) -> str:
    """Opens the policy, begins a draft or goes on with the one that is there, and gives its address."""
    page = visitor.go(f"/desk/policies/{policy}/")
    button = page.get_by_role("button", name="Begin a draft from what is in force")
    if button.count():
        visitor.follow(button)
    else:
        visitor.follow(page.get_by_role("link", name=re.compile("version 2$")))
    return re.sub(r"^https?://[^/]+", "", page.url)


def test_a_draft_is_tried_and_what_came_out_right_is_kept(
    english_visitor: Visitor, chinese_visitor: Visitor, stack: Stack
) -> None:
    chen, phone = english_visitor, chinese_visitor
    sign_in(chen, stack, "chen@example.com")
    draft = begin(chen, POLICY)
    page = chen.page
    chen.follow(page.get_by_role("link", name="Try this version"))
    chen.scan()
    page.get_by_label("On whom").select_option("example:software-startup")
    chen.press("Try")
    chen.scan()
    before = page.url
    page.locator("#fact-employees").fill("9")
    chen.press("Try with these answers")
    chen.scan()
    expect(page.locator("#compared")).to_contain_text("offers that come out otherwise: 0")
    assert "employees" not in page.url
    assert page.url.split("?")[0] == before.split("?")[0]
    page.locator("#fact-employees").press("Enter")
    page.wait_for_load_state("load")
    expect(page.locator(".errorlist")).to_have_count(0)
    page.get_by_label("Name: what the case shows").fill("a start-up of nine")
    chen.press("Keep it: this is right")
    expect(page.locator(".alert-success")).to_contain_text("It is an example case of the draft now.")
    chen.scan()
    row = page.locator("section", has=page.get_by_role("heading", name=re.compile("a start-up of nine")))
    chen.follow(row.get_by_role("link", name=re.compile("^Change")))
    chen.scan()
    page.get_by_label("Verdict").first.select_option("ineligible")
    chen.press("See what comes out")
    chen.scan()
    chen.press("Save")
    chen.scan()

    sign_in(phone, stack, "gao@example.com")
    phone.go(f"{draft}write/cases/")
    phone.scan()
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    phone.follow(phone.page.get_by_role("link", name=re.compile("^查看原因.*nine")))
    phone.scan()
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390

    row = page.locator("section", has=page.get_by_role("heading", name=re.compile("a start-up of nine")))
    row.get_by_role("button", name=re.compile("^Take out")).click()
    expect(page.locator(".alert-success")).to_contain_text("Taken out.")


def test_trying_and_keeping_need_no_scripts(scriptless_visitor: Visitor, stack: Stack) -> None:
    chen = scriptless_visitor
    sign_in(chen, stack, "chen@example.com")
    draft = begin(chen, POLICY)
    page = chen.go(f"{draft}try/")
    page.get_by_label("On whom").select_option("example:robot-maker")
    chen.press("Try")
    page.get_by_label("Name: what the case shows").fill("a maker of robots")
    chen.press("Keep it: this is right")
    expect(page.locator(".alert-success")).to_contain_text("It is an example case of the draft now.")
    row = page.locator("section", has=page.get_by_role("heading", name=re.compile("a maker of robots")))
    row.get_by_role("button", name=re.compile("^Take out")).click()
    expect(page.locator(".alert-success")).to_contain_text("Taken out.")
