"""Watching: a curator's publication, and what the people of a watched company hear of it, in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.journeys.test_desk import PASSWORD, sign_in, step
from tests.stack import Stack, wait_until

POLICY, OFFER = "cp-listing-support", "listing-reward"


def test_a_curators_publication_is_told_once_and_muted(
    english_visitor: Visitor, chinese_visitor: Visitor, english_phone: Visitor, stack: Stack
) -> None:
    chen, gao, lin = english_visitor, chinese_visitor, english_phone
    # What there is before: the demo's report, by which Lin watches, and a run to compare with.
    assert stack.manage("run_all", "--wait").returncode == 0
    page = lin.go("/accounts/login/")
    page.fill("[name=login]", "lin@example.com")
    page.fill("[name=password]", PASSWORD)
    lin.follow(page.locator("main form button[type=submit]").first)
    lin.go("/news/")
    lin.scan()
    before = page.locator("article").count()

    sign_in(chen, stack, "chen@example.com")
    chen.go(f"/desk/policies/{POLICY}/")
    chen.press("Begin a draft from what is in force")
    version = re.sub(r"^https?://[^/]+", "", chen.page.url)
    chen.go(f"{version}write/offers/{OFFER}/window/")
    chen.page.locator("#p-kind").select_option("yearly")
    chen.page.locator("#p-opens").fill("01-01")
    chen.page.locator("#p-closes").fill("12-31")
    chen.press("Save")
    chen.go(version)
    step(chen, "Send to review", "The days to apply")
    sign_in(gao, stack, "gao@example.com")
    gao.go(version)
    step(gao, "审核通过", "已核对")
    step(gao, "发布")

    def told() -> bool:
        lin.go("/news/")
        return page.locator("article").count() > before

    wait_until(told, what="the news")
    lin.go("/news/")  # the run may have ended while that page was being made, after it had counted
    item = page.locator("article").filter(has_text="open until 31 December").first
    expect(item).to_contain_text("not announced")
    expect(item).to_contain_text(re.compile(r"edition \d+ of the policy was published on"))
    expect(page.locator("nav.site-nav")).to_contain_text("new)")
    lin.scan()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    lin.follow(item.get_by_role("link", name="Policy"))
    expect(page).to_have_url(re.compile(f"/policies/{POLICY}/$"))

    lin.go("/news/")
    lin.press("I have read these")
    expect(page.locator("nav.site-nav")).not_to_contain_text("new)")
    item = page.locator("article").filter(has_text="open until 31 December").first
    lin.follow(item.get_by_role("button", name="Mute this policy"))
    expect(page.locator(".alert-success")).to_contain_text("not told about this policy any more")
    lin.scan()
    lin.follow(page.get_by_role("button", name="Make an address"))
    expect(page.get_by_label("Address of the calendar")).to_have_value(re.compile(r"/news/calendar/[\w-]{43}\.ics$"))
    lin.scan()
    lin.follow(page.get_by_role("button", name="Tell me again"))
    expect(page.locator("#muted-title + p")).to_contain_text("None.")
