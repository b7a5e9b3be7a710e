"""The parts of a draft while one types at them, and what becomes of it when the sign-in runs out meanwhile."""

from __future__ import annotations

import re
import subprocess
import sys

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.journeys.test_desk import PASSWORD, sign_in
from tests.stack import ROOT, Stack

CURATOR = "chen@example.com"


def begin(visitor: Visitor, key: str) -> str:
    """Begins a new policy with one offer, and opens the page of what it gives."""
    page = visitor.go("/desk/")
    page.get_by_label(re.compile("Key of the new policy|新政策的")).fill(key)
    visitor.follow(page.locator("form[action$='/policies/new/'] button"))
    visitor.go(f"/desk/policies/{key}/1/write/")
    page.locator("#title_en").fill("Reward for workshops")
    page.locator("#title_zh").fill("工坊奖励")
    page.locator("#offer-key").fill("workshop-reward")
    visitor.follow(page.locator("section[aria-labelledby=add-offer] button[type=submit]"))
    path = f"/desk/policies/{key}/1/write/offers/workshop-reward/benefit/"
    visitor.go(path)
    return path


def write_rate(visitor: Visitor) -> None:
    """Chooses the form, whose inputs come at once, and types into them."""
    page = visitor.page
    page.select_option("#p-form", "rate")
    page.locator("#p-rate").fill("30%")
    page.locator("#p-of").fill("rd_expense_y1")
    page.locator("#p-cap").fill("50万")


def test_the_sentence_and_the_examples_follow_what_is_typed(english_visitor: Visitor, stack: Stack) -> None:
    visitor, page = english_visitor, english_visitor.page
    sign_in(visitor, stack, CURATOR)
    path = begin(visitor, "cp-while-typing")
    visitor.scan()

    write_rate(visitor)
    said = page.locator("#said")
    expect(said).to_contain_text("30 % of R&D spending of last year, at most CNY 500,000")
    expect(said).to_contain_text("上年度研发费用的30%，最高50万元")
    expect(page.locator("#examples")).to_contain_text("the ceiling of CNY 500,000: reached")
    visitor.scan()

    page.locator("#p-cap").fill("much")
    fault = said.get_by_role("link", name="At most")
    expect(fault).to_be_visible()
    fault.click()
    expect(page.locator("#p-cap")).to_be_in_viewport()
    page.locator("#p-cap").fill("60万")
    expect(said).to_contain_text("at most CNY 600,000")
    visitor.scan()
    visitor.follow(page.locator("form#part .btn-primary"))
    expect(page.locator(".alert-success")).to_contain_text("Saved.")
    visitor.go(path)
    expect(page.locator("#p-cap")).to_have_value("60万")


def test_it_follows_on_a_phone_in_chinese(chinese_visitor: Visitor, stack: Stack) -> None:
    visitor, page = chinese_visitor, chinese_visitor.page
    sign_in(visitor, stack, CURATOR)
    begin(visitor, "cp-while-typing-phone")

    write_rate(visitor)
    expect(page.locator("#said")).to_contain_text("上年度研发费用的30%，最高50万元")
    expect(page.locator("#examples")).to_contain_text("50万元上限：刚达到")
    visitor.scan()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_is_typed_outlives_the_sign_in(english_visitor: Visitor, stack: Stack) -> None:
    visitor, page = english_visitor, english_visitor.page
    sign_in(visitor, stack, CURATOR)
    path = begin(visitor, "cp-signed-out")
    write_rate(visitor)
    expect(page.locator("#said")).to_contain_text("at most CNY 500,000")
    page.context.clear_cookies(name=re.compile("sessionid$"))

    page.locator("#p-cap").fill("70万")
    expect(page.locator("#lost")).to_be_visible()
    visitor.follow(page.locator("form#part .btn-primary"))
    sign_in_again(visitor, stack, path)

    expect(page.get_by_role("alert").first).to_contain_text("not saved yet")
    expect(page.locator("#p-cap")).to_have_value("70万")
    expect(page.locator("#said")).to_contain_text("at most CNY 700,000")
    visitor.scan()
    visitor.follow(page.locator("form#part .btn-primary"))
    expect(page.locator(".alert-success")).to_contain_text("Saved.")
    expect(page.locator("#p-cap")).to_have_value("70万")


def sign_in_again(visitor: Visitor, stack: Stack, path: str) -> None:
    """On the page to sign in. A code counts once, so a used one is refused until the next one comes."""
    page = visitor.page
    page.fill("[name=login]", CURATOR)
    page.fill("[name=password]", PASSWORD)
    visitor.follow(page.locator("main form button[type=submit]").first)
    while not page.url.endswith(path):
        assert "/accounts/2fa/authenticate/" in page.url, page.url
        command = [sys.executable, "manage.py", "demo_code"]
        said = subprocess.run(
            command, cwd=ROOT, env=stack.environment, capture_output=True, text=True, check=True
        ).stdout
        code = re.search(rf"{re.escape(CURATOR)}\s+(\d+)", said)
        assert code
        page.fill("[name=code]", code.group(1))
        visitor.follow(page.locator("main form button[type=submit]").first)
