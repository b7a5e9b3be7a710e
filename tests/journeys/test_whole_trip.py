"""One trip from end to end in a real browser: asked without an account, kept with one, shown to a stranger, and shown no more."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.journeys.test_interview import REPORT, answered
from tests.journeys.test_main_trip import _sign_up

NAME = "Whole Trip Robotics"


def test_what_a_visitor_answered_becomes_theirs_is_shown_to_a_stranger_and_shown_no_more(
    english_phone: Visitor, chinese_visitor: Visitor
) -> None:
    page = english_phone.page
    english_phone.go("/start/")
    english_phone.press("It is registered already")
    company = re.search(r"/companies/[0-9a-f-]{36}/", page.url)
    assert company
    for _number in range(4):
        button = "Go on" if answered(page) else "I don’t know yet"
        noted = page.locator("#interview .interview-last")
        before = noted.text_content() if noted.count() else ""
        page.get_by_role("button", name=button, exact=True).click()
        expect(noted).not_to_have_text(before or "")
    english_phone.follow(page.get_by_role("link", name="Change the name"))
    english_phone.scan()
    expect(page.locator("[name=name]")).to_have_value("My company")
    page.fill("[name=name]", NAME)
    english_phone.press("Save")
    expect(page).to_have_url(re.compile(f"{company.group()}interview/"))

    _sign_up(english_phone, "Sign Up")
    english_phone.go("/companies/")
    english_phone.follow(page.get_by_role("link", name=NAME))
    expect(page).to_have_url(re.compile(f"{company.group()}$"))
    page.get_by_role("button", name="Ask for a report", exact=True).click()
    expect(page).to_have_url(REPORT, timeout=60_000)
    expect(page.locator("h1")).to_contain_text(NAME)
    expect(page.get_by_role("button", name="Stop telling me")).to_be_visible()
    english_phone.follow(page.get_by_role("link", name="Share this report"))
    english_phone.press("Make the link")
    address = page.locator("#address").input_value().removeprefix(english_phone.url)

    stranger = chinese_visitor.page
    chinese_visitor.go(address)
    expect(stranger.locator("main")).to_contain_text("依据")
    chinese_visitor.scan()
    assert stranger.request.get(chinese_visitor.url + company.group()).url.startswith(
        f"{chinese_visitor.url}/accounts/login/"
    )

    english_phone.follow(page.get_by_role("link", name="I have copied it"))
    english_phone.follow(page.get_by_role("button", name=re.compile("End this link")))
    over = stranger.goto(chinese_visitor.url + address)
    assert over is not None
    assert over.status == 404
    expect(stranger.locator("main")).not_to_contain_text(NAME)
    expect(stranger.locator("main")).to_contain_text("链接")
    chinese_visitor.scan()
    # A browser says of itself that the page was answered with 404; that is not a complaint.
    assert all("404" in said for said in chinese_visitor.complaints)
    chinese_visitor.complaints.clear()


def test_the_whole_interview_works_without_javascript_up_to_a_link_in_a_mailbox(scriptless_visitor: Visitor) -> None:
    page = scriptless_visitor.page
    scriptless_visitor.go("/")
    scriptless_visitor.follow(page.get_by_role("link", name="Start without an account", exact=True).first)
    page.fill("[name=name]", "Scriptless Ltd")
    scriptless_visitor.press("It is registered already")
    company = re.search(r"/companies/[0-9a-f-]{36}/", page.url)
    assert company
    for number in range(1, 5):
        expect(page.locator("main")).to_contain_text(f"Question {number}")
        button = "Go on" if answered_without_scripts(page) else "I don’t know yet"
        scriptless_visitor.follow(page.get_by_role("button", name=button, exact=True))
        expect(page.locator(".interview-last")).to_contain_text("Noted:")
    scriptless_visitor.follow(page.get_by_role("link", name="Back", exact=True))
    scriptless_visitor.follow(page.get_by_role("button", name="I don’t know yet", exact=True))
    expect(page.locator(".interview-last")).to_contain_text("I don’t know yet")

    scriptless_visitor.follow(page.get_by_role("button", name="See my report", exact=True))
    # Without scripts the waiting page loads itself anew.
    expect(page).to_have_url(REPORT, timeout=60_000)
    expect(page.locator("h1")).to_contain_text("Scriptless Ltd")
    scriptless_visitor.follow(page.get_by_role("link", name="Compare side by side", exact=True))
    expect(page.locator("#sums")).to_be_visible()

    scriptless_visitor.go(f"{company.group()}visit/keep/")
    page.fill("[name=email]", "scriptless@example.com")
    scriptless_visitor.follow(page.get_by_role("button", name="Send the link", exact=True))
    expect(page.locator(".alert-success")).to_contain_text("on its way")
    expect(page.get_by_role("button", name="Make them stop working")).to_be_visible()


def answered_without_scripts(page) -> bool:
    """Fill in a question as it came from the server: a number, a text or a first choice, where it has one."""
    field = page.locator("#interview form [name]:not([type=hidden]):not(button)").first
    if field.get_attribute("type") in ("radio", "checkbox"):
        field.check()
    elif field.get_attribute("type") == "text" and field.get_attribute("inputmode") in ("decimal", "numeric"):
        field.fill("12")
    else:
        return False
    return True
