"""From the front page to a useful report without an account, and on to an account, in a real browser with a phone's screen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visitor
from tests.journeys.test_main_trip import _sign_up

MOST_ANSWERS = 12
REPORT = re.compile(r"/reports/[0-9a-f-]{36}/$")
WORDS = {
    "english_phone": ("Start without an account", "It is registered already", "Go on", "I don’t know yet", "See my report", "Sign Up"),
    "chinese_visitor": ("无需账号，直接开始", "已经注册", "继续", "暂不清楚", "查看我的报告", "注册"),
}  # fmt: skip
# What a small medical firm of the district says; whatever else is asked, it cannot tell yet.
ANSWERS = {
    "sectors": "health", "registered_district": "changping", "employees": "60", "revenue_y1": "3200万", "total_assets_y1": "2000万",
}  # fmt: skip


def answered(page: Page) -> bool:
    """Fill in the question that is asked, where the firm knows the answer."""
    name = page.locator("#interview input[name=fields]").get_attribute("value")
    assert name
    if name not in ANSWERS:
        return False
    field = page.locator(f"#interview [name={name}]").first
    if field.get_attribute("type") in ("radio", "checkbox"):
        page.check(f"#interview [name={name}][value={ANSWERS[name]}]")
    elif field.evaluate("one => one.tagName") == "SELECT":
        page.select_option(f"#interview [name={name}]", ANSWERS[name])
    else:
        field.fill(ANSWERS[name])
    return True


@pytest.fixture(params=WORDS)
def phone(request) -> tuple[Visitor, tuple[str, ...]]:
    """Somebody with a phone, in each language, and what the buttons are called there."""
    return request.getfixturevalue(request.param), WORDS[request.param]


def test_a_dozen_answers_lead_from_the_front_page_to_a_report_and_an_account_keeps_it(phone):
    visitor, (begin, registered, go_on, unknown, see, sign_up) = phone
    page = visitor.page
    visitor.go("/")
    visitor.follow(page.get_by_role("link", name=begin, exact=True).first)
    visitor.scan()
    visitor.press(registered)
    company = re.search(r"/companies/[0-9a-f-]{36}/", page.url)
    assert company

    for number in range(1, MOST_ANSWERS + 1):
        expect(page.locator("#question-title")).to_be_visible()
        if number in (1, 2):
            visitor.scan()
        before = page.locator("#interview .interview-last").text_content() if number > 1 else ""
        known = answered(page)
        page.get_by_role("button", name=go_on if known else unknown, exact=True).click()
        expect(page.locator("#interview .interview-last")).not_to_have_text(before or "")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name=see, exact=True).click()
    expect(page).to_have_url(REPORT, timeout=60_000)
    visitor.scan()
    report = page.url

    _sign_up(visitor, sign_up)
    expect(page.locator("header")).to_be_visible()
    visitor.go(company.group())
    expect(page.get_by_role("link", name=re.compile(r"20\d\d-"))).to_have_attribute("href", re.compile("/reports/"))
    visitor.scan()
    visitor.go(f"{company.group()}import/")
    file = {"name": "a.csv", "mimeType": "text/csv", "buffer": b"fact,answer\nemployees,61\nrevenue_y1,a lot\n"}
    page.set_input_files("#file", file)
    visitor.press("Look at the file" if sign_up == "Sign Up" else "查看文件内容")
    visitor.scan()
    visitor.press("Take these answers" if sign_up == "Sign Up" else "采用这些回答")
    expect(page).to_have_url(re.compile(company.group()))
    answer = page.goto(report)
    assert answer
    assert answer.ok
