"""A requirement tree written with the keyboard alone, with the list of facts, and once more without any script."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visitor
from tests.journeys.test_desk import sign_in
from tests.stack import Stack

OFFERED = "[role=listbox] [role=option]"


def begin(visitor: Visitor, key: str) -> str:
    """Begins a new policy, and opens the page of what it asks."""
    page = visitor.go("/desk/")
    page.get_by_label(re.compile("Key of the new policy|新政策的")).fill(key)
    visitor.follow(page.locator("form[action$='/policies/new/'] button"))
    path = f"/desk/policies/{key}/1/write/requires/"
    visitor.go(path)
    return path


def press(page: Page, name: str) -> None:
    """Reaches the button with this name from the keyboard, as somebody without a mouse does, and presses it."""
    page.get_by_role("button", name=name, exact=True).first.focus()
    page.keyboard.press("Enter")


def test_a_tree_is_written_with_the_keyboard(english_visitor: Visitor, stack: Stack) -> None:
    visitor, page = english_visitor, english_visitor.page
    sign_in(visitor, stack, "chen@example.com")
    path = begin(visitor, "cp-by-keyboard")
    visitor.scan()

    press(page, "Add the first condition")
    fact = page.get_by_role("combobox", name="Fact about the company")
    expect(fact).to_be_focused()
    page.keyboard.type("收入")
    expect(page.locator(OFFERED).first).to_be_visible()
    visitor.scan()
    fact.fill("revenue of last")
    expect(page.locator(OFFERED, has_text=re.compile("Revenue of last year"))).to_have_attribute(
        "aria-selected", "true"
    )
    page.keyboard.press("Enter")
    expect(page.get_by_label("Unit")).to_be_visible()
    expect(fact).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Value")).to_be_focused()
    page.keyboard.type("2000")
    expect(page.locator("#said")).to_contain_text("Revenue of last year is at least CNY 20 million")
    expect(page.locator("#said")).to_contain_text("2,000万元")
    visitor.scan()

    press(page, "Add below")
    expect(page.locator("legend", has_text="Row 3")).to_be_visible()
    page.get_by_label("What kind of row is it?").focus()
    page.keyboard.type("a person")
    text = page.get_by_label("What a person must judge, in English")
    text.focus()
    page.keyboard.type("Experts say the product is new")
    page.keyboard.press("Tab")
    page.keyboard.type("专家认定产品新颖")
    visitor.scan()

    press(page, "Put into a group")
    expect(page.locator("legend", has_text="Row 3")).to_be_visible()
    press(page, "Add inside")
    expect(page.locator("legend", has_text="Row 5")).to_be_visible()
    press(page, "Type it")
    expression = page.get_by_label("Expression")
    expression.focus()
    page.keyboard.type("foreign_invested and emplo")
    expect(page.locator(OFFERED, has_text=re.compile(r"\bemployees\b")).first).to_be_visible()
    visitor.scan()
    names = [option.get_attribute("data-name") for option in page.locator(OFFERED).all()]
    for _ in range(names.index("employees") + 1):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(expression).to_have_value("foreign_invested and employees")
    page.keyboard.type(" >")
    expect(page.locator("#said .req-fault")).to_be_visible()
    page.keyboard.type("= 5")
    expect(page.locator("#said")).to_contain_text("People will read:")
    press(page, "Up")
    expect(page.locator("legend", has_text="Row 4")).to_be_visible()
    expect(page.get_by_role("button", name="Up", exact=True)).to_be_focused()
    press(page, "Done")
    expect(page.get_by_role("button", name="Edit row 4")).to_be_focused()
    visitor.scan()

    press(page, "Save")
    expect(page.locator(".alert-success")).to_contain_text("The requirements are saved.")
    visitor.go(path)
    rows = page.locator(".req-words")
    expect(rows).to_have_count(5)
    expect(rows.nth(3)).to_contain_text("Number of employees")
    expect(rows.nth(4)).to_contain_text("专家认定产品新颖")
    visitor.scan()


def test_a_tree_is_written_on_a_phone_in_chinese(chinese_visitor: Visitor, stack: Stack) -> None:
    visitor, page = chinese_visitor, chinese_visitor.page
    sign_in(visitor, stack, "chen@example.com")
    begin(visitor, "cp-by-phone")

    page.get_by_role("button", name="添加第一项条件").click()
    page.get_by_role("combobox", name="企业事实项").fill("注册地")
    page.locator(OFFERED).first.click()
    expect(page.get_by_label("比较方式")).to_be_visible()
    visitor.scan()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, width
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("尚未保存")
    page.get_by_role("button", name="仍要保存（尚未写完）").click()
    expect(page.locator(".alert-warning").first).to_be_visible()
    visitor.scan()


def test_a_row_is_written_without_scripts(scriptless_visitor: Visitor, stack: Stack) -> None:
    visitor, page = scriptless_visitor, scriptless_visitor.page
    sign_in(visitor, stack, "chen@example.com")
    begin(visitor, "cp-without-scripts")

    visitor.press("Add the first condition")
    page.get_by_label("Fact about the company").fill("Number of employees")
    visitor.press("Show the comparisons that fit")
    page.get_by_label("Value").fill("20")
    visitor.press("Save")

    expect(page.locator(".alert-success")).to_contain_text("The requirements are saved.")
    expect(page.locator(".req-words").nth(1)).to_contain_text("Number of employees is at least 20")
