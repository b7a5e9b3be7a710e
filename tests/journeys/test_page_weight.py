"""How much each main page weighs at its first view, as it comes over the wire, and how often it asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.stack import Stack

MOST_BYTES = 300_000
MOST_REQUESTS = 8


@dataclass(repr=False)
class Weighed:
    """What a page took: bytes received (headers and compressed bodies), and the addresses asked for."""

    sizes: dict[str, float] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return sum(self.sizes.values())

    def __repr__(self) -> str:
        lines = [f"{self.sizes.get(one, 0):>9.0f} {address}" for one, address in self.addresses.items()]
        return f"{self.total:.0f} bytes, {len(self.addresses)} requests\n" + "\n".join(lines)


@contextmanager
def _first_view(browser: Browser, cookies: list, width: int = 390) -> Iterator[tuple[Page, Weighed]]:
    """A page with an empty cache, counted by the browser's own accounts of what it received."""
    context = browser.new_context(locale="en-GB", viewport={"width": width, "height": 844})
    context.add_cookies(cookies)
    page, weighed = context.new_page(), Weighed()
    accounts = context.new_cdp_session(page)
    accounts.send("Network.enable")
    accounts.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def asked(event):
        if not event["request"]["url"].startswith("data:"):
            weighed.addresses[event["requestId"]] = event["request"]["url"]

    def finished(event):
        weighed.sizes[event["requestId"]] = event["encodedDataLength"]

    accounts.on("Network.requestWillBeSent", asked)
    accounts.on("Network.loadingFinished", finished)
    yield page, weighed
    context.close()


@pytest.fixture(scope="module")
def lin(browser: Browser, stack: Stack) -> tuple[list, dict[str, str]]:
    """Lin's session, and the addresses of what she has: company, interview and report of the demo."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{stack.url}/accounts/login/")
    page.fill("[name=login]", "lin@example.com")
    page.fill("[name=password]", "changping-demo")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/companies/")
    company = page.locator("main a[href^='/companies/']").filter(has_text=re.compile("昌平|Changping")).first
    address = company.get_attribute("href")
    assert address is not None
    page.goto(stack.url + address)
    page.get_by_role("button", name="Ask for a report", exact=True).first.click()
    expect(page).to_have_url(re.compile(r"/reports/[0-9a-f-]{36}/$"), timeout=60_000)
    addresses = {"company": address, "interview": f"{address}interview/", "report": page.url.removeprefix(stack.url)}
    cookies = context.cookies()
    context.close()
    return cookies, addresses


def _weigh(browser: Browser, url: str, cookies: list) -> Weighed:
    with _first_view(browser, cookies) as (page, weighed):
        answer = page.goto(url, wait_until="networkidle")
        assert answer is not None
        assert answer.ok, url
        return weighed


@pytest.mark.parametrize("path", ["/", "/policies/", "/policies/cp-synbio-2024/", "/start/", "/accounts/login/"])
def test_a_page_for_everybody_is_light_at_first_view(browser: Browser, stack: Stack, path: str) -> None:
    weighed = _weigh(browser, stack.url + path, [])

    assert weighed.total < MOST_BYTES, weighed
    assert len(set(weighed.addresses.values())) <= MOST_REQUESTS, weighed


@pytest.mark.parametrize("name", ["companies", "company", "interview", "report", "news"])
def test_a_page_of_ones_own_is_light_at_first_view(browser: Browser, stack: Stack, lin, name: str) -> None:
    cookies, addresses = lin
    path = {"companies": "/companies/", "news": "/news/"}.get(name) or addresses[name]

    weighed = _weigh(browser, stack.url + path, cookies)

    assert weighed.total < MOST_BYTES, weighed
    assert len(set(weighed.addresses.values())) <= MOST_REQUESTS, weighed


def test_waiting_is_light_however_long_it_takes(browser: Browser, stack: Stack, lin) -> None:
    cookies, addresses = lin
    with _first_view(browser, cookies) as (page, weighed):
        page.goto(stack.url + addresses["company"])
        page.wait_for_load_state("networkidle")
        weighed.sizes.clear()
        weighed.addresses.clear()
        # The worker may be quicker than the page: whatever came before the report is the waiting page.
        page.get_by_role("button", name="Ask for a report", exact=True).first.click()
        page.wait_for_url(re.compile(r"/(matches|reports)/"), wait_until="load")
        expect(page).to_have_url(re.compile(r"/reports/[0-9a-f-]{36}/$"), timeout=60_000)
        waiting = {one: url for one, url in weighed.addresses.items() if "/reports/" not in url}

    assert sum(weighed.sizes.get(one, 0) for one in waiting) < MOST_BYTES, weighed
