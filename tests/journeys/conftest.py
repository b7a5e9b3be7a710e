"""A real browser on a really running service. Whatever the page complains about fails the test."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Playwright, sync_playwright

from tests.stack import Stack

# Chromium as root needs no sandbox of its own, and has no business with the network outside.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@dataclass
class Visitor:
    """A person with a browser: an empty cookie jar, a language, a screen."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    has_scripts: bool = True

    def go(self, path: str) -> Page:
        """Opens a path of the service and expects it to be answered well."""
        answer = self.page.goto(self.url + path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"
        return self.page

    def follow(self, link: Locator) -> None:
        """Clicks what leads to another page, and waits for all of that page."""
        with self.page.expect_navigation(wait_until="load"):
            link.click()

    def press(self, name: str) -> None:
        """Presses the button with this name and waits for the page that follows."""
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.page.wait_for_load_state("load")

    def scan(self) -> None:
        """Fails when the page as it is now breaks a rule of WCAG 2.2 AA that a machine can check.

        The scanner is a script itself, so it says nothing of a browser without scripts.
        """
        if not self.has_scripts:
            return
        # A page that has only begun to arrive has no document yet, and the scanner falls over it.
        self.page.wait_for_load_state("load")
        found = Axe().run(self.page, options=WCAG).response["violations"]
        faults = [f"{fault['id']}: {node['html'][:160]}" for fault in found for node in fault["nodes"]]
        assert not faults, f"{self.page.url}\n" + "\n".join(faults)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium_binary: str) -> Iterator[Browser]:
    running = playwright.chromium.launch(executable_path=chromium_binary, args=SWITCHES)
    yield running
    running.close()


@contextlib.contextmanager
def _visiting(browser: Browser, stack: Stack, *, locale: str, width: int, scripts: bool = True) -> Iterator[Visitor]:
    context = browser.new_context(locale=locale, viewport={"width": width, "height": 844}, java_script_enabled=scripts)
    context.set_default_timeout(20_000)
    visitor = Visitor(context.new_page(), stack.url, has_scripts=scripts)
    visitor.page.on("console", lambda said: said.type == "error" and visitor.complaints.append(said.text))
    visitor.page.on("pageerror", lambda fault: visitor.complaints.append(str(fault)))
    visitor.page.on(
        "response", lambda answer: answer.status >= 500 and visitor.complaints.append(f"{answer.status} {answer.url}")
    )
    yield visitor
    context.close()
    assert not visitor.complaints


@pytest.fixture
def english_visitor(browser: Browser, stack: Stack) -> Iterator[Visitor]:
    """Somebody at a desk, in English."""
    with _visiting(browser, stack, locale="en-GB", width=1280) as visitor:
        yield visitor


@pytest.fixture
def english_phone(browser: Browser, stack: Stack) -> Iterator[Visitor]:
    """Somebody with a phone, in English, whose words are longer."""
    with _visiting(browser, stack, locale="en-GB", width=390) as visitor:
        yield visitor


@pytest.fixture
def chinese_visitor(browser: Browser, stack: Stack) -> Iterator[Visitor]:
    """Somebody with a phone, in Chinese."""
    with _visiting(browser, stack, locale="zh-CN", width=390) as visitor:
        yield visitor


@pytest.fixture
def scriptless_visitor(browser: Browser, stack: Stack) -> Iterator[Visitor]:
    """Somebody whose browser runs no scripts, in English."""
    with _visiting(browser, stack, locale="en-GB", width=1280, scripts=False) as visitor:
        yield visitor
