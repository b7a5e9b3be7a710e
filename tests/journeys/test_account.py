"""A person's account in a real browser: colleagues, sign-ins, all data as a file, and the end of it."""

from __future__ import annotations

import io
import re
import zipfile

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.journeys.test_main_trip import PASSWORD, _open_company, _sign_up


def test_an_account_is_looked_through_exported_and_erased_unless_kept(english_phone: Visitor) -> None:
    page = english_phone.page
    _sign_up(english_phone, "Sign Up")
    company = _open_company(english_phone, "Account Trip Ltd", "Go on")

    for path in ("/account/", "/account/sessions/", "/account/export/", f"{company}members/", "/accounts/2fa/"):
        english_phone.go(path)
        english_phone.scan()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path

    english_phone.go(f"{company}members/")
    page.fill("[name=email]", "colleague@example.com")
    english_phone.press("Invite")
    english_phone.scan()
    expect(page.locator("#address")).to_have_value(re.compile("/invitations/"))

    english_phone.go("/account/export/")
    english_phone.press("Make an export")
    link = page.get_by_role("link", name=re.compile("Download"))
    expect(link).to_be_visible(timeout=30_000)
    english_phone.follow(link)
    english_phone.scan()
    page.fill("[name=password]", PASSWORD)
    with page.expect_download() as fetched:
        page.locator("main form button[type=submit]").first.click()
    packed = zipfile.ZipFile(io.BytesIO(fetched.value.path().read_bytes()))
    assert {"README.txt", "account.json"} < set(packed.namelist())

    english_phone.go("/account/erase/")
    english_phone.scan()
    page.get_by_label("Erase my account with all of this").check()
    with page.expect_navigation(wait_until="load"):
        page.get_by_role("button", name="Erase", exact=True).click()
    expect(page.locator("main")).to_contain_text("This account will be erased on")
    english_phone.scan()
    english_phone.go(company)
    expect(page.locator("main")).to_contain_text("This company will be erased on")
    english_phone.scan()
    english_phone.go("/account/")
    with page.expect_navigation(wait_until="load"):
        page.get_by_role("button", name="Keep it after all").click()
    english_phone.go(company)
    expect(page.locator("main")).not_to_contain_text("will be erased")
