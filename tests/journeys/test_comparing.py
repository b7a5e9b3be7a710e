"""What if: the same company in another zone, next year, larger, side by side in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor

# Everybody knows these: the service that the tests run has the demo people.
LIN, SIGN_IN = "lin@example.com", "changping-demo"


def _open(visitor: Visitor, button: str, link: str) -> None:
    page = visitor.go("/accounts/login/")
    page.fill("[name=login]", LIN)
    page.fill("[name=password]", SIGN_IN)
    visitor.press(button)
    visitor.go("/companies/")
    visitor.follow(page.locator("main a[href^='/companies/']:not([href$='new/'])").first)
    visitor.follow(page.get_by_role("link", name=link))


def test_an_investor_compares_places_years_and_sizes_and_takes_the_table_along(english_visitor: Visitor) -> None:
    page = english_visitor.page
    _open(english_visitor, "Sign In", "Compare zones, parks and years side by side")
    english_visitor.scan()
    page.get_by_text("Choose what to compare").click()
    page.select_option("[name=b-place]", "city")
    page.select_option("[name=c-place]", "now")
    page.fill("[name=c-day]", "2028-11-30")
    page.fill("[name=c-people]", "lots")
    english_visitor.press("Compare")
    expect(page.locator("#fault-c-people")).not_to_be_empty()
    expect(page.locator("[name=c-people]")).to_have_value("lots")
    # A browser says of itself that the page was answered with 422; that is not a complaint.
    assert all("422" in said for said in english_visitor.complaints)
    english_visitor.complaints.clear()
    english_visitor.scan()

    page.fill("[name=c-people]", "400")
    english_visitor.press("Compare")

    expect(page.locator("#differing")).to_contain_text("Offers that come out otherwise")
    expect(page.locator(".compare-differs").first).to_contain_text("≠")
    page.get_by_text("Why", exact=True).first.click()
    expect(page.locator(".compare-why").first).to_be_visible()
    english_visitor.scan()
    with page.expect_download() as taken:
        page.get_by_role("link", name="As XLSX").click()
    assert taken.value.suggested_filename.endswith(".xlsx")
    with page.expect_download() as taken:
        page.get_by_role("link", name="As PDF").click()
    assert taken.value.path().read_bytes().startswith(b"%PDF-")
    # The address holds all that was asked: kept as a bookmark, or sent to a colleague, it gives the same again.
    kept, sums = page.url, page.locator("table.report-variants").inner_text()
    english_visitor.go("/")
    page.goto(kept)
    assert page.locator("table.report-variants").inner_text() == sums


def test_the_same_on_a_phone_in_chinese(chinese_visitor: Visitor) -> None:
    page = chinese_visitor.page
    _open(chinese_visitor, "登录", "并排对照各区域、园区和年份")
    page.get_by_text("选择要比较的内容").click()
    page.select_option("[name=b-place]", "zone-zgc-changping-park")

    chinese_visitor.press("比较")

    expect(page).to_have_url(re.compile(r"b-place=zone-zgc"))
    chinese_visitor.scan()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
