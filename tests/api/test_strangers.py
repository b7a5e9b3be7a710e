"""No partner sees, guesses or changes what is another's: every route, every stranger, every id."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import URLPattern

from changping import api
from companies import actions
from companies.actions import partners as partner_actions
from companies.api.views import ApiPage, Nothing
from companies.models import Company, KeptAnswer, PartnerCompany, ProfileVersion
from companies.models.partners import Scope
from matching import jobs, tasks
from matching.actions import request_match
from matching.models import MatchReport, MatchRequest

pytestmark = pytest.mark.django_db
MISSING = "8e1f0f9c-0000-4000-8000-000000000000"
METHODS = ("get", "post", "put", "patch", "delete")
# A body that each of these would take from its owner, so that nothing else is the reason of a refusal.
BODIES = {
    "patch company": {"name": "taken"},
    "put profile": {"facts": {"employees": 1}},
    "patch profile": {"facts": {"employees": 1}},
    "post what_if": {"facts": {"employees": 1}},
    "post claim": {},
}
IDS = ("company", "match", "report")


def _routes() -> list[tuple[str, str, str]]:
    """Method, name and address of every operation on something of a partner that this page covers, its id as {id}."""
    found = []
    for pattern in api.urlpatterns:
        assert isinstance(pattern, URLPattern)
        view, written = pattern.callback.view_class, str(pattern.pattern)
        named = re.search(rf"\(\?P<({'|'.join(IDS)})>[^)]*\)", written)
        if issubclass(view, ApiPage | Nothing) or named is None:
            continue
        address = written.replace(named[0], "{id}").strip("^$").replace("/?", "")
        found += [(method, pattern.name, address) for method in METHODS if hasattr(view, method)]
    return found


ROUTES = _routes()
LISTS = ("companies", "matches")


@pytest.fixture
def theirs(partner, vocabulary, monkeypatch) -> dict[str, str]:
    """What one partner has: a company with a profile, a match and its report; by the kind of id, its id."""
    monkeypatch.setattr(tasks, "ring", lambda: True)
    link = partner_actions.send_company(partner=partner, name="绿洲生物", reference="A-1")
    saved = partner_actions.answer_for_company(
        company=link.company, answers={"employees": 40}, partner=partner, vocabulary=vocabulary
    )
    match = request_match(profile_version=saved.version, day=date(2026, 11, 25), by=partner)
    jobs.do_next()
    return {
        "company": str(link.company.public_id),
        "match": str(match.public_id),
        "report": str(MatchReport.objects.get().public_id),
    }


def _all_rows() -> list:
    models = (Company, PartnerCompany, ProfileVersion, MatchRequest, MatchReport, KeptAnswer)
    return [list(model.objects.order_by("pk").values()) for model in models]


def _id_of(address: str, theirs: dict[str, str]) -> str:
    return theirs[{"companies": "company", "matches": "match", "reports": "report"}[address.partition("/")[0]]]


def test_this_page_covers_every_route_of_companies_matches_and_reports():
    assert {name for _method, name, _address in ROUTES} >= {
        "company", "claim", "profile", "profile_versions", "what_if", "questions", "match", "match_cancel", "report",
    }  # fmt: skip


@pytest.mark.parametrize(("method", "name", "address"), ROUTES, ids=[f"{one[0]} {one[1]}" for one in ROUTES])
def test_another_partner_gets_for_a_foreign_id_what_it_gets_for_a_missing_one(
    call, theirs, other_partners_key, method, name, address
):
    before, body = _all_rows(), BODIES.get(f"{method} {name}")

    def ask(one: str):
        return call(method.upper(), address.format(id=one), body, key=other_partners_key)

    foreign, missing = ask(_id_of(address, theirs)), ask(MISSING)

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.content.replace(_id_of(address, theirs).encode(), b"") == missing.content.replace(
        MISSING.encode(), b""
    )
    assert "绿洲" not in foreign.content.decode()
    assert _all_rows() == before


@pytest.mark.parametrize(("method", "name", "address"), ROUTES, ids=[f"{one[0]} {one[1]}" for one in ROUTES])
def test_who_has_no_key_or_one_without_the_scope_learns_nothing_of_ids(call, theirs, partner, method, name, address):
    _key, unscoped = actions.make_key(
        partner=partner, label="x", scopes=[one for one in Scope.values if one != Scope.COMPANIES], by=None
    )
    before, body = _all_rows(), BODIES.get(f"{method} {name}")

    for key, status in ((None, 401), (unscoped, 403)):
        for one in (_id_of(address, theirs), MISSING):
            assert call(method.upper(), address.format(id=one), body, key=key).status_code == status

    assert _all_rows() == before


@pytest.mark.parametrize("address", LISTS)
def test_lists_hold_nothing_of_another(call, theirs, other_partners_key, address):
    assert call("GET", address, key=other_partners_key).json() == {"results": [], "next": None}
    assert len(call("GET", address).json()["results"]) == 1


@pytest.mark.parametrize("address", LISTS)
def test_a_cursor_of_another_leads_to_nothing_of_theirs(call, theirs, partner, other_partners_key, address):
    link = partner_actions.send_company(partner=partner, name="another")
    call("POST", "matches", {"company": str(link.company.public_id)})
    following = call("GET", f"{address}?limit=1").json()["next"].removeprefix("/api/v1/")

    assert call("GET", following, key=other_partners_key).json()["results"] == []


def test_a_match_cannot_be_asked_for_a_foreign_company(call, theirs, other_partners_key):
    foreign, missing = (
        call("POST", "matches", {"company": one}, key=other_partners_key) for one in (theirs["company"], MISSING)
    )

    assert (foreign.status_code, foreign.content) == (422, missing.content)
    assert MatchRequest.objects.count() == 1


def test_filters_tell_nothing_of_a_foreign_company(call, theirs, other_partners_key):
    for words in (f"matches?company={theirs['company']}", "companies?reference=A-1"):
        assert call("GET", words, key=other_partners_key).json()["results"] == []


def test_a_foreign_answer_is_not_got_by_its_key(call, other_partners_key):
    call("POST", "companies", {"name": "绿洲生物"}, **{"idempotency-key": "k"})

    answer = call("POST", "companies", {"name": "绿洲生物"}, key=other_partners_key, **{"idempotency-key": "k"})

    assert "Idempotent-Replayed" not in answer.headers
    assert Company.objects.count() == 2


def test_a_key_that_is_revoked_gets_no_kept_answer(call, partner):
    key, secret = actions.make_key(partner=partner, label="x", scopes=Scope.values, by=None)
    call("POST", "companies", {"name": "x"}, key=secret, **{"idempotency-key": "k"})

    actions.revoke_key(key=key, by=None)

    assert call("POST", "companies", {"name": "x"}, key=secret, **{"idempotency-key": "k"}).status_code == 401


@pytest.mark.parametrize("written", ["g" * 36, "-" * 36, "8e1f0f9c-0000-4000-8000-00000000000", "%00", "..%2f", "1"])
def test_what_is_no_id_is_not_there(call, theirs, written):
    for address in ("companies/{}", "matches/{}", "reports/{}", "companies/{}/profile"):
        assert call("GET", address.format(written)).status_code == 404
