"""A mark in a list confirmed, an entry moved and a section added at the desk, as a curator does it in a browser."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Visitor
from tests.journeys.test_desk import sign_in
from tests.stack import Stack


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def save(page: Page) -> Locator:
    # The first button of the form is the hidden one that Enter presses.
    return page.get_by_role("button", name=re.compile("^(Save|保存)$")).last


def test_an_entry_is_added_confirmed_and_moved(english_visitor: Visitor, stack: Stack) -> None:
    visitor, page = english_visitor, english_visitor.page
    sign_in(visitor, stack, "chen@example.com")
    visitor.go("/desk/")
    visitor.follow(page.get_by_role("link", name="Reference lists"))
    visitor.scan()
    visitor.follow(page.get_by_role("link", name="Places in 1+1+N"))
    visitor.scan()
    visitor.follow(page.get_by_role("link", name="Add an entry"))
    page.get_by_label("Short name for policies and files").fill("n-journey")
    page.get_by_label("in Chinese").first.fill("“N”：试行")
    page.get_by_label("in English").first.fill("N: on trial")
    page.get_by_label("Where it comes from").select_option("unconfirmed")
    visitor.scan()
    visitor.follow(save(page))
    expect(page.get_by_text("No source confirms this")).to_be_visible()
    visitor.scan()

    visitor.follow(page.get_by_role("link", name="Change this entry"))
    page.get_by_label("Where it comes from").select_option("stated")
    page.get_by_label("Sources").fill("https://example.org/notice")
    page.get_by_label("Why").fill("Named in the notice")
    visitor.follow(save(page))
    expect(page.get_by_text("Named in the notice")).to_be_visible()

    visitor.follow(page.get_by_role("link", name="Places in 1+1+N"))
    visitor.follow(page.get_by_role("button", name="Up n-journey"))
    expect(page.get_by_text("“n-journey” stands after")).to_be_visible()
    visitor.scan()


def test_a_section_is_added_on_a_phone(chinese_visitor: Visitor, stack: Stack) -> None:
    visitor, page = chinese_visitor, chinese_visitor.page
    sign_in(visitor, stack, "chen@example.com")
    visitor.go("/desk/sections/")
    assert fits(page)
    visitor.scan()
    visitor.follow(page.get_by_role("link", name="添加分组"))
    page.get_by_label("文件中使用的短名").fill("journey")
    page.get_by_label("中文").first.fill("试行")
    page.get_by_label("英文").first.fill("On trial")
    visitor.scan()
    visitor.follow(save(page))
    expect(page.get_by_text("尚无事实项")).to_be_visible()
    assert fits(page)
    visitor.scan()
    for path in (
        "/desk/lists/",
        "/desk/lists/certificates/",
        "/desk/lists/certificates/entry/hnte/",
        "/desk/lists/zones/new/",
    ):
        visitor.go(path)
        assert fits(page), path
        visitor.scan()
