"""Looking through the policies, as somebody does who has not signed in, in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor


def test_a_tick_narrows_the_list_and_the_address_can_be_passed_on(
    chinese_visitor: Visitor, english_visitor: Visitor
) -> None:
    page = chinese_visitor.go("/policies/")
    page.locator("summary", has_text="层级").click()
    shown = page.locator("label:has(input[value=district]) .facet-count").inner_text()

    page.check("input[name=level][value=district]")

    expect(page).to_have_url(re.compile(r"level=district"))
    expect(page.locator("main [role=status]").first).to_contain_text(f"显示政策 {shown} 项")
    expect(page.locator("input[name=level][value=district]")).to_be_checked()
    chinese_visitor.scan()
    passed_on = page.url.removeprefix(chinese_visitor.url)
    chinese_visitor.press("English")
    expect(page).to_have_url(re.compile(r"level=district"))
    there = english_visitor.go(passed_on)
    expect(there.locator("main [role=status]").first).to_contain_text(f"Policies shown: {shown} of")


def test_the_list_is_searched_and_narrowed_without_javascript(scriptless_visitor: Visitor) -> None:
    page = scriptless_visitor.go("/policies/")
    page.fill("[name=q]", "机器人")
    page.locator("summary", has_text="Level").click()
    page.check("input[name=level][value=municipal]")
    scriptless_visitor.press("Show")

    expect(page.locator("main [role=status]").first).not_to_contain_text("Policies shown: 0")
    expect(page.locator("[name=q]")).to_have_value("机器人")
    scriptless_visitor.follow(page.locator(".chip", has_text="Level"))
    expect(page).not_to_have_url(re.compile(r"level="))


def test_what_fits_nothing_leads_on(english_phone: Visitor) -> None:
    page = english_phone.go("/policies/?q=zzzz&level=district")
    english_phone.scan()

    english_phone.follow(page.get_by_role("link", name="Without “Search: “zzzz””"))

    expect(page.locator("main li.list-group-item").first).to_be_visible()


def test_from_a_policy_to_what_it_gives_a_company_without_an_account(english_phone: Visitor) -> None:
    page = english_phone.go("/")
    english_phone.scan()
    page.fill("#home-q", "super-deduction")
    english_phone.press("Search")
    english_phone.follow(page.locator("main li.list-group-item h2 a").first)
    english_phone.scan()
    policy = page.url

    english_phone.follow(page.get_by_role("link", name="Check this for my company"))

    expect(page).to_have_url(re.compile(r"/start/$"))
    english_phone.press("It is registered already")
    page.goto(policy)
    english_phone.follow(page.get_by_role("link", name="Check this for my company"))
    expect(page.locator(".offer").first).to_be_visible()
    english_phone.scan()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
