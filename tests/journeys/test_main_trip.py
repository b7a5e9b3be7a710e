"""From signing up to reading the report, as the people who do it, in a real browser."""

from __future__ import annotations

import re
import uuid

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.stack import Stack

PASSWORD = "correct horse battery 9"


def _sign_up(visitor: Visitor, button: str) -> None:
    page = visitor.go("/accounts/signup/")
    visitor.scan()
    page.fill("[name=email]", f"{uuid.uuid4().hex[:12]}@example.com")
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    visitor.press(button)


def _open_company(visitor: Visitor, name: str, button: str) -> str:
    """Opens a record; returns the path of the company's page."""
    page = visitor.page
    expect(page).to_have_url(re.compile(r"/companies/new/$"))
    visitor.scan()
    page.fill("[name=name]", name)
    visitor.press(button)
    found = re.search(r"/companies/[0-9a-f-]{36}/", page.url)
    assert found
    return found.group()


def _ask_and_wait(visitor: Visitor, company: str, button: str) -> None:
    """Asks for a report and follows the waiting page until the report is there."""
    visitor.go(company)
    visitor.scan()
    visitor.page.get_by_role("button", name=button, exact=True).first.click()
    expect(visitor.page).to_have_url(re.compile(r"/reports/[0-9a-f-]{36}/$"), timeout=30_000)


def test_a_biotech_firm_of_the_cluster_gets_its_report_in_chinese(chinese_visitor: Visitor) -> None:
    page = chinese_visitor.page
    chinese_visitor.go("/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    chinese_visitor.scan()
    _sign_up(chinese_visitor, "注册")
    company = _open_company(chinese_visitor, "北京昌平示例细胞治疗有限公司", "继续")

    chinese_visitor.go(f"{company}profile/basics/")
    page.check("input[name=established][value=yes]")
    page.fill("[name=founding_day]", "2019年5月20日")
    page.select_option("[name=legal_form]", "enterprise")
    chinese_visitor.press("保存并继续")
    expect(page.locator(".alert-success")).to_contain_text("已保存")
    chinese_visitor.scan()
    chinese_visitor.go(f"{company}profile/certificates/")
    page.select_option("[name=certificates-0-kind]", "srdi_sme")
    page.fill("[name=certificates-0-issued]", "2024-06-01")
    page.fill("[name=certificates-0-expires]", "2027-05-31")
    chinese_visitor.press("保存")
    chinese_visitor.scan()
    chinese_visitor.go(f"{company}profile/finance/")
    page.fill("[name=revenue_y1]", "3200万")
    chinese_visitor.press("保存")
    expect(page.locator("#fact-revenue_y1-read")).to_contain_text("3,200万元")
    chinese_visitor.go(f"{company}profile/place/")
    page.select_option("[name=registered_district]", "changping")
    for name in ("business_registration_completed", "tax_registration_completed", "in_ftz_cluster"):
        page.check(f"input[name={name}][value=yes]")
    chinese_visitor.press("保存")
    chinese_visitor.go(f"{company}profile/sector/")
    page.check("input[name=sectors][value=health]")
    page.check("input[name=sectors][value=cell_gene_therapy]")
    chinese_visitor.press("保存")

    _ask_and_wait(chinese_visitor, company, "生成报告")

    expect(page.locator("h1")).to_contain_text("北京昌平示例细胞治疗有限公司")
    expect(page.locator("main")).to_contain_text("北京市关于促进专精特新企业高质量发展的若干措施")
    chinese_visitor.scan()
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    chinese_visitor.scan()


def test_a_firm_that_has_only_a_name_gets_an_honest_report(english_visitor: Visitor) -> None:
    page = english_visitor.page
    english_visitor.go("/")
    english_visitor.scan()
    _sign_up(english_visitor, "Sign Up")
    company = _open_company(english_visitor, "Nameless Ltd", "Go on")

    _ask_and_wait(english_visitor, company, "Ask for a report")

    report = page.request.get(page.url + "json/").json()
    verdicts = {offer["verdict"] for offer in report["offers"]}
    assert verdicts <= {"undetermined", "not_modelled", "needs_review"}
    assert "undetermined" in verdicts
    english_visitor.scan()


def test_what_cannot_be_read_is_said_beside_its_field_and_the_rest_is_kept(chinese_visitor: Visitor) -> None:
    page = chinese_visitor.page
    _sign_up(chinese_visitor, "注册")
    company = _open_company(chinese_visitor, "输入有误有限公司", "继续")

    chinese_visitor.go(f"{company}profile/people/")
    page.fill("[name=employees]", "-3")
    page.fill("[name=rd_staff]", "12人")
    chinese_visitor.press("保存")

    expect(page.locator("#fact-employees-error")).to_contain_text("不能小于")
    expect(page.locator("[name=employees]")).to_have_value("-3")
    expect(page.locator("#fact-rd_staff-read")).to_contain_text("12")
    chinese_visitor.scan()
    page.fill("[name=employees]", "三百😀")
    chinese_visitor.press("保存")
    expect(page.locator("[name=employees]")).to_have_value("三百😀")
    page.fill("[name=employees]", "36")
    chinese_visitor.press("保存")
    expect(page.locator("#error-summary")).to_have_count(0)
    expect(page.locator("#fact-employees-read")).to_contain_text("36")


def test_nothing_sticks_out_of_a_phone_however_long_its_words_are(english_phone: Visitor) -> None:
    page = english_phone.page
    _sign_up(english_phone, "Sign Up")
    company = _open_company(english_phone, "W" * 200, "Go on")
    _ask_and_wait(english_phone, company, "Ask for a report")
    report = page.url.removeprefix(english_phone.url)

    pages = ["/companies/", company, f"{company}profile/basics/", report, "/accounts/email/", "/policies/"]
    for path in [*pages, "/policies/cp-ftz-health-2025/"]:
        english_phone.go(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_leaving_with_unsaved_answers_is_asked_about_and_saving_is_not(english_visitor: Visitor) -> None:
    page = english_visitor.page
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    _sign_up(english_visitor, "Sign Up")
    company = _open_company(english_visitor, "Careful Ltd", "Go on")
    english_visitor.go(f"{company}profile/people/")
    page.locator("[name=employees]").press_sequentially("36")

    page.get_by_role("link", name="My companies").first.click()

    expect(page.locator("[name=employees]")).to_have_value("36")
    assert asked == ["beforeunload"]
    english_visitor.press("Save")
    page.get_by_role("link", name="My companies").first.click()
    expect(page).to_have_url(re.compile(r"/companies/$"))
    assert asked == ["beforeunload"]


def test_the_language_can_be_switched_on_a_page_and_stays(english_visitor: Visitor) -> None:
    page = english_visitor.go("/policies/")

    english_visitor.press("中文")

    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page).to_have_url(re.compile(r"/policies/$"))
    english_visitor.go("/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    english_visitor.press("English")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_trip_works_without_javascript(scriptless_visitor: Visitor) -> None:
    page = scriptless_visitor.page
    _sign_up(scriptless_visitor, "Sign Up")
    company = _open_company(scriptless_visitor, "No Script Ltd", "Go on")

    _ask_and_wait(scriptless_visitor, company, "Ask for a report")

    expect(page.locator("h1")).to_contain_text("No Script Ltd")
    link = page.locator("main a[href^='#offer-']").first
    place = page.locator(link.get_attribute("href") or "")
    expect(place).to_be_hidden()
    link.click()
    expect(place).to_be_visible()


def test_a_stranger_sees_nothing_of_a_company(english_visitor: Visitor, chinese_visitor: Visitor) -> None:
    _sign_up(english_visitor, "Sign Up")
    company = _open_company(english_visitor, "Lin and Wei Ltd", "Go on")
    _ask_and_wait(english_visitor, company, "Ask for a report")
    report = english_visitor.page.url.removeprefix(english_visitor.url)
    _sign_up(chinese_visitor, "注册")

    for path in (company, f"{company}profile/basics/", report, f"{report}json/", f"{report}text/"):
        assert chinese_visitor.page.request.get(chinese_visitor.url + path).status == 404, path


def test_a_server_error_never_reached_the_log(stack: Stack, english_visitor: Visitor) -> None:
    english_visitor.go("/policies/")

    assert "Traceback" not in stack.output
