"""Whom a draft reaches is looked at and taken away as a file; an analyst finds the figures, on a phone too."""

from __future__ import annotations

import re
import subprocess
import sys

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.journeys.test_desk import sign_in
from tests.journeys.test_desk_trying import begin
from tests.stack import ROOT, Stack

POLICY = "cp-sme-digital-pilot"
RUN_ALL = ["manage.py", "run_all", "--wait"]


def test_a_curator_sees_whom_a_draft_reaches_and_the_figures(
    english_visitor: Visitor, chinese_visitor: Visitor, stack: Stack
) -> None:
    chen, phone = english_visitor, chinese_visitor
    sign_in(chen, stack, "chen@example.com")
    begin(chen, POLICY)
    page = chen.page
    chen.follow(page.get_by_role("link", name="Whom it reaches"))
    expect(page.locator("#policy")).to_be_visible()
    chen.scan()
    page.locator("summary", has_text="By group: Size").first.press("Enter")
    expect(page.get_by_role("table", name="Size").first).to_be_visible()
    chen.scan()
    with page.expect_download() as started:
        page.get_by_role("link", name="Download as CSV").click()
    assert re.fullmatch(rf"reach-{POLICY}-\d+-\d{{4}}-\d\d-\d\d\.csv", started.value.suggested_filename)
    reach = re.sub(r"^https?://[^/]+", "", page.url)

    sign_in(phone, stack, "gao@example.com")
    phone.go(reach)
    expect(phone.page.locator("#policy")).to_be_visible()
    phone.scan()
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390

    subprocess.run([sys.executable, *RUN_ALL], cwd=ROOT, env=stack.environment, check=True, timeout=120)
    phone.go("/desk/figures/")
    phone.scan()
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    phone.go(f"/desk/figures/{POLICY}/")
    expect(phone.page.locator("#offer-1")).to_be_visible()
    phone.scan()
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
