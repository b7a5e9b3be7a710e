"""The pages on which people read the API and try it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.stack]


@pytest.mark.parametrize("who", ["english_visitor", "chinese_visitor", "scriptless_visitor"])
def test_the_api_is_read_in_every_language_on_every_screen_also_without_scripts(request, who: str) -> None:
    visitor: Visitor = request.getfixturevalue(who)
    visitor.go("/")

    visitor.follow(visitor.page.locator("footer a[href$='/api/v1/docs']"))

    expect(visitor.page.locator("#list_policies")).to_be_visible()
    visitor.page.locator("details > summary").first.click()
    visitor.scan()
    if visitor.has_scripts:
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_address_is_tried_on_the_page(english_visitor: Visitor) -> None:
    page = english_visitor.go("/api/v1/docs/try/")
    zones = page.locator("#operations-zones-list_zones")

    zones.locator(".opblock-summary-control").click()
    zones.get_by_role("button", name="Try it out").click()
    zones.get_by_role("button", name="Execute").click()

    expect(zones.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    expect(zones.locator(".live-responses-table")).to_contain_text("ftz-changping-cluster")
