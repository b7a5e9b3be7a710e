"""Runs and files at the desk, in a real browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.journeys.test_desk import sign_in, step
from tests.stack import Stack

POLICY = "cp-robot-park"


def test_a_trial_is_asked_for_and_followed_to_its_result(chinese_visitor: Visitor, stack: Stack) -> None:
    gao, page = chinese_visitor, chinese_visitor.page
    sign_in(gao, stack, "gao@example.com")
    gao.go("/desk/")
    gao.follow(page.get_by_role("link", name="全量重算"))
    gao.scan()
    page.locator("#ask-day").fill("2031-05-01")
    gao.press("发起全量重算")
    gao.scan()
    expect(page.locator("h1")).to_contain_text("2031-05-01")
    expect(page.locator("#run-progress")).to_contain_text("已完成", timeout=60_000)
    expect(page.locator("#counts")).to_be_visible()
    gao.scan()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    gao.go("/desk/releases/")
    gao.follow(page.get_by_role("link", name="查看全量重算").first)
    expect(page.locator("h1")).to_contain_text("全量重算")
    gao.scan()


def test_a_downloaded_policy_is_changed_on_disk_and_comes_back_as_a_draft(
    english_visitor: Visitor, stack: Stack, tmp_path: Path
) -> None:
    chen, page = english_visitor, english_visitor.page
    sign_in(chen, stack, "chen@example.com")
    chen.go(f"/desk/policies/{POLICY}/1/")
    page.locator("summary", has_text="As a file").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    file = tmp_path / "mine.yaml"
    text = Path(download.value.path()).read_text(encoding="utf-8")

    chen.go("/desk/")
    chen.follow(page.get_by_role("link", name="Files", exact=True))
    chen.scan()
    file.write_text(text, encoding="utf-8")
    page.set_input_files("#id_file", file)
    chen.press("See what would happen")
    expect(page.locator(".alert-info")).to_contain_text("Nothing changed")
    chen.scan()
    chen.go("/desk/files/")
    file.write_text(text.replace("checked: '2026-11'", "checked: '2026-12'"), encoding="utf-8")
    page.set_input_files("#id_file", file)
    chen.press("See what would happen")
    page.locator("summary", has_text="Differences: 1").click()
    chen.scan()
    page.locator("#load-why").fill("Read again in December")
    chen.press("Load as drafts")
    expect(page.locator(".alert-success")).to_contain_text("Drafts loaded: 1.")
    expect(page.locator("#changes + ul li")).to_have_count(1)
    step(chen, "Throw this draft away", "only a journey")
