"""A report of sixty offers with long titles, odd amounts, windows and a certificate, for tests that look at forms."""

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from companies.facts import read_profile
from matching.engine.report import make_report
from policies.rules.book import read_rulebook
from tests.matching.catalogue import POLICY, SNAPSHOT, both, offer

DAY = date(2026, 11, 24)
HOSTILE = '=HYPERLINK("http://x";"=1+1") *昌平* #include <script>alert(\'𠮷\')</script> {{ 7*7 }} ${x} BEGIN:VEVENT'
LONG = "for the deepened integration of research, production and a healthy life 深度融合创新发展专项支持"
TITLES = {
    "fact": "titles", "kind": "certificates", "label": both("Titles"), "question": both("Which titles?"), "effort": "slow",
    "choices": [{"key": key, "label": both(key.upper())} for key in ("srdi", "hnte")],
}  # fmt: skip
CONDITIONS = ("established", "employees >= 1000", 'holds("srdi")', "rd_expense_y1 >= 100万")


def _benefit(at: int) -> dict[str, Any]:
    return (
        {"fixed": f"{100_000 + at * 12_345.67:.2f}"},
        {"rate": "12.5%", "of": "rd_expense_y1", "cap": 1_000_000 + at},
        {"up_to": 5_000_000 + at * 7},
        {"to_confirm": both("The amount is announced each year")},
        {"in_kind": both("A desk and advice")},
    )[at % 5]


def _window(at: int) -> dict[str, Any]:
    opens = DAY + timedelta(days=at * 3)
    fixed = {"kind": "fixed", "opens": opens.isoformat(), "closes": (opens + timedelta(days=30)).isoformat()}
    return fixed if at % 3 == 0 else {"kind": "rolling"}


def sixty_offers(name: str = HOSTILE) -> dict[str, Any]:
    """The report; every verdict but an error is in it."""
    snapshot = deepcopy(SNAPSHOT)
    snapshot["vocabulary"]["10-basics"]["facts"].append(TITLES)
    offers = []
    for at in range(60):
        one = offer(f"offer-{at}", CONDITIONS[at % 4], _benefit(at))
        offers.append({**one, "title": both(f"Offer {at} {LONG}"), "window": _window(at)})
    offers[6]["requires"]["all"].append({"judged": both("Experts agree")})
    offers[7]["requires"]["all"].append({"not_modelled": both("More is in the text")})
    snapshot["policies"] = [{**POLICY, "title": both(f"Measures {LONG}"), "offers": offers}]
    rulebook = read_rulebook(snapshot, number=1)
    held = {"kind": "srdi", "issued": "2025-01-01", "expires": "2027-12-31", "number": '=1+1,"x"<i>'}
    profile, faults = read_profile(rulebook.vocabulary, {"established": True, "employees": 40, "titles": [held]})
    assert not faults, faults
    return make_report(rulebook, profile, DAY, {"name": name})
