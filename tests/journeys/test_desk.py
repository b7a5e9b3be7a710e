"""From a draft to a release and back, by the two people of the desk, in a real browser."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.stack import ROOT, Stack

PASSWORD = "changping-demo"
POLICY = "cp-hnte-cultivation"


# A code counts once, so who has signed in before comes back with the session of then.
_sessions: dict[tuple[str, str], list[Any]] = {}


def sign_in(visitor: Visitor, stack: Stack, email: str) -> None:
    """With the password and the code that an authenticator app would show."""
    known = _sessions.get((stack.url, email))
    if known is not None:
        visitor.page.context.add_cookies(known)
        return
    page = visitor.go("/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/accounts/2fa/authenticate/**")
    visitor.scan()
    said = subprocess.run(
        [sys.executable, "manage.py", "demo_code"],
        cwd=ROOT,
        env=stack.environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    code = re.search(rf"{re.escape(email)}\s+(\d+)", said)
    assert code
    page.fill("[name=code]", code.group(1))
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/accounts/2fa/" not in url)
    cookies = page.context.cookies()
    _sessions[stack.url, email] = [one for one in cookies if "session" in one["name"]]


def step(visitor: Visitor, label: str, why: str = "") -> None:
    """Opens a step on the page of a version, and takes it."""
    details = visitor.page.locator("details", has=visitor.page.locator("summary", has_text=re.compile(f"^{label}$")))
    details.locator("summary").click()
    if why:
        details.locator("textarea").fill(why)
    visitor.follow(details.get_by_role("button", name=label))


def test_a_change_is_reviewed_published_withdrawn_and_rolled_back(
    english_visitor: Visitor, chinese_visitor: Visitor, stack: Stack
) -> None:
    chen, gao = english_visitor, chinese_visitor
    sign_in(chen, stack, "chen@example.com")
    page = chen.go("/desk/")
    chen.scan()
    chen.follow(page.get_by_role("link", name="Releases"))
    before = page.locator("h2").first.inner_text()
    chen.scan()
    chen.go(f"/desk/policies/{POLICY}/")
    chen.scan()
    chen.press("Begin a draft from what is in force")
    chen.scan()
    chen.follow(page.get_by_role("link", name="Cases at the edges of each criterion"))
    chen.scan()
    page.locator("input[name=case]").first.check()
    chen.press("Add the chosen ones: they came out right")
    expect(page.locator(".alert-success")).to_contain_text("Example cases added: 1.")
    chen.follow(page.get_by_role("link", name="version 2", exact=True))
    expect(page.locator("#faults")).to_contain_text("(0)")
    step(chen, "Send to review", "One more case")
    version = re.sub(r"^https?://[^/]+", "", page.url)

    sign_in(gao, stack, "gao@example.com")
    gao.go("/desk/")
    gao.scan()
    gao.go(version)
    gao.scan()
    step(gao, "审核通过", "已核对")
    step(gao, "发布")
    expect(gao.page.locator(".alert-success")).to_contain_text("号发布版生效")
    gao.go(f"/desk/policies/{POLICY}/")
    gao.page.locator("#withdraw-why").fill("有误")
    gao.press("撤下该政策")
    expect(gao.page.locator(".alert-success")).to_contain_text("已撤下")
    gao.scan()

    gao.go("/desk/releases/")
    earlier = re.search(r"\d+", before)
    assert earlier
    row = gao.page.locator("section", has=gao.page.locator(f"#release-{earlier.group()}"))
    row.locator("summary").click()
    row.locator("textarea").fill("恢复")
    row.get_by_role("button", name=re.compile("重新生效")).click()
    expect(gao.page.locator(".alert-success")).to_contain_text("已回退")
    chen.go(f"/policies/{POLICY}/")


def test_a_new_policy_is_written_part_by_part_without_a_file(english_visitor: Visitor, stack: Stack) -> None:
    chen, page = english_visitor, english_visitor.page
    sign_in(chen, stack, "chen@example.com")
    chen.go("/desk/")
    page.fill("input[name=key]", "cp-digital-workshop-2026")
    chen.press("Begin a draft")
    chen.follow(page.get_by_role("link", name="Write this draft"))
    chen.scan()
    page.get_by_label("Title in Chinese").fill("数字化车间奖励")
    page.get_by_label("Title in English").fill("Digital workshop reward")
    page.locator("#offer-key").fill("workshop-reward")
    chen.press("Add the offer")
    page.locator("#p-kind").select_option("reward")
    chen.scan()
    chen.press("Save and go on")
    chen.go("/desk/policies/cp-digital-workshop-2026/1/write/offers/workshop-reward/benefit/")
    page.locator("#p-form").select_option("band")
    chen.press("Show its fields")
    page.locator("#p-band-of").fill("rd_expense_y1")
    for at, (start, amount) in enumerate([("100万", "20万"), ("500万", "60万")]):
        chen.press("Add a step")
        page.locator(f"#p-band-steps-{at}-from").fill(start)
        page.locator(f"#p-band-steps-{at}-amount").fill(amount)
    chen.press("Check")
    expect(page.locator("#said")).to_contain_text("CNY 600,000 from CNY 5 million")
    expect(page.locator("#examples")).to_contain_text("the step from CNY 5 million: just below")
    chen.scan()
    chen.press("Save and go on")
    chen.press("Add a rule")
    page.locator("#p-0-form").select_option("highest_only")
    chen.press("Show its fields")
    page.locator("#p-0-highest_only").fill("district-rewards")
    chen.scan()
    chen.press("Save and go on")
    page.locator("#p-kind").select_option("yearly")
    page.locator("#p-opens").fill("03-01")
    page.locator("#p-closes").fill("04-30")
    chen.press("Save and go on")
    chen.go("/desk/policies/cp-digital-workshop-2026/1/write/head/")
    page.locator("#p-title-zh").fill("数字化车间措施")
    page.locator("#p-title-en").fill("Measures for digital workshops")
    page.locator("#p-sources").fill("https://example.org/workshop")
    chen.press("Save")
    chen.scan()
    chen.go("/desk/policies/cp-digital-workshop-2026/1/")
    expect(page.locator("#changes + ul")).to_contain_text("Digital workshop reward")
    step(chen, "Throw this draft away", "only a journey")


def test_a_score_is_written_as_a_table_of_points_and_is_there_for_rules(english_visitor: Visitor, stack: Stack) -> None:
    chen, page = english_visitor, english_visitor.page
    sign_in(chen, stack, "chen@example.com")
    chen.go("/desk/facts/scores/new/")
    page.locator("#id_name").fill("journey_score")
    page.locator("#id_label_zh").fill("旅程得分")
    page.locator("#id_label_en").fill("Score of the journey")
    page.locator("#id_section").select_option(index=1)
    page.locator("#item-0-of").fill("employees")
    page.locator("#item-0-line-0-at").fill("20")
    page.locator("#item-0-line-0-points").fill("5")
    page.locator("button[value=add-each]").click()
    expect(page.locator("#item-1-of")).to_be_focused()
    page.locator("#item-1-of").fill("class1_ip")
    page.locator("#item-1-points").fill("5")
    page.locator("#item-1-cap").fill("15")
    page.get_by_role("button", name="Check", exact=True).last.click()
    expect(page.locator("form#score")).to_contain_text("The most that can be reached: 20 points.")
    chen.scan()
    chen.press("Save the score")
    expect(page.locator(".alert-success")).to_contain_text("journey_score")
    expect(page.locator("main")).to_contain_text("Worked out as")
    chen.scan()
