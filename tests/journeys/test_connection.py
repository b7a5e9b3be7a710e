"""A network that goes and comes back, and a service that cannot answer, as somebody at a page sees them."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor


def test_a_choice_made_without_a_network_is_made_again_when_it_is_back(chinese_visitor: Visitor) -> None:
    page = chinese_visitor.go("/policies/")
    page.locator("summary", has_text="层级").click()
    page.context.set_offline(True)
    page.check("input[name=level][value=district]")
    said = page.locator("#connection p:visible")
    expect(said).to_contain_text("网络已断开")
    chinese_visitor.scan()

    page.context.set_offline(False)

    expect(page.locator(".chip", has_text="层级")).to_be_visible()
    expect(said).to_have_count(0)
    # The browser itself says in its console that it had no network.
    chinese_visitor.complaints.clear()


def test_a_form_sent_without_a_network_keeps_what_was_typed(english_phone: Visitor) -> None:
    page = english_phone.go("/policies/")
    page.fill("[name=q]", "robots and rent")
    page.context.set_offline(True)

    page.get_by_role("button", name="Show", exact=True).first.click()

    expect(page.locator("#connection p:visible")).to_contain_text("nothing was sent")
    expect(page.locator("[name=q]")).to_have_value("robots and rent")
    page.context.set_offline(False)
    english_phone.press("Show")
    expect(page).to_have_url(re.compile(r"q=robots"))


def test_an_answer_given_without_a_network_counts_when_it_is_back(english_phone: Visitor) -> None:
    page = english_phone.go("/start/")
    english_phone.press("It is still to be founded")
    question = page.locator("#question-title").inner_text()
    page.context.set_offline(True)

    page.get_by_role("button", name="I don’t know yet", exact=True).click()

    expect(page.locator("#connection p:visible")).to_contain_text("it goes on when the network is back")
    expect(page.locator("#question-title")).to_have_text(question)
    page.context.set_offline(False)
    expect(page.locator(".interview-last")).to_contain_text("I don’t know yet")
    expect(page.locator("#question-title")).not_to_have_text(question)
    english_phone.complaints.clear()


def test_a_service_that_cannot_answer_is_asked_again_by_a_button(english_visitor: Visitor) -> None:
    page = english_visitor.go("/policies/")
    page.locator("summary", has_text="Level").click()
    page.route("**/policies/?*", lambda route: route.fulfill(status=503, body="busy"))
    page.check("input[name=level][value=district]")
    expect(page.locator("#connection p:visible")).to_contain_text("That is our fault")
    page.unroute("**/policies/?*")

    page.get_by_role("button", name="Try again").click()

    expect(page.locator(".chip", has_text="Level")).to_be_visible()
    expect(page.locator("#connection p:visible")).to_have_count(0)
    english_visitor.complaints.clear()
