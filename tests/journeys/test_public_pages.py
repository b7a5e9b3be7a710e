"""Every page that needs no account, found in the table of addresses: accessible, in both languages, on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from tests.journeys.conftest import Visitor

# A page of each kind whose address says what it is about, with one of its least usual subjects.
EXAMPLES = (
    "/policies/cp-ftz-health-2025/", "/policies/bj-srdi-2021/", "/policies/zgc-1-5-world-leading-park/",
    "/policies/?q=no+such+words", "/policies/?level=district&kind=reward&open_now=on", "/policies/?page=2",
    "/policies/?level=village",
)  # fmt: skip
MISSING = "/policies/no-such-policy/"
# Written by others, with words and colours of their own.
FOREIGN = ("/admin/",)


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Every address of the table that has no parameter."""
    for one in patterns:
        here = before + str(one.pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, here)
        elif not any(sign in here for sign in "<(\\[?"):
            yield here


def public_pages(visitor: Visitor) -> list[str]:
    """Those that answer somebody without an account with a page, and do not send them elsewhere."""
    found = []
    for path in sorted(set(addresses(get_resolver().url_patterns))):
        if path.startswith(FOREIGN):
            continue
        answer = visitor.page.request.get(visitor.url + path, max_redirects=0)
        if answer.status == 200 and answer.headers.get("content-type", "").startswith("text/html"):
            found.append(path)
    return found


def test_every_public_page_is_accessible_and_fits_the_screen(english_phone: Visitor, chinese_visitor: Visitor) -> None:
    pages = public_pages(english_phone)
    assert {"/", "/policies/", "/start/", "/accounts/login/", "/accounts/signup/"} <= set(pages)

    for visitor, language in ((english_phone, "en"), (chinese_visitor, "zh-hans")):
        for path in (*pages, *EXAMPLES):
            page = visitor.go(path)
            visitor.scan()
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, (path, language)


def test_the_front_page_the_list_and_a_policy_at_a_desk(english_visitor: Visitor) -> None:
    for path in ("/", "/start/", *EXAMPLES):
        english_visitor.go(path)
        english_visitor.scan()


def test_what_is_not_there_says_so_in_words_and_leads_on(chinese_visitor: Visitor) -> None:
    page = chinese_visitor.page

    answer = page.goto(chinese_visitor.url + MISSING)

    assert answer is not None
    assert answer.status == 404
    chinese_visitor.scan()
    chinese_visitor.follow(page.get_by_role("link", name="浏览政策"))
    # The browser itself notes in its console that the page was answered with 404.
    chinese_visitor.complaints.clear()
