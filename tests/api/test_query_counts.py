"""What each request that writes asks of the database; none of it grows with what is there."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from companies.actions import partners as partner_actions
from matching import tasks

pytestmark = pytest.mark.django_db
KEY = {"idempotency-key": "k"}
WRITES = {
    "send a company": (8, "POST", "companies", {"name": "x"}, {}),
    "send a company with facts and a key": (17, "POST", "companies", {"name": "x", "facts": {"employees": 4}}, KEY),
    "the same again": (3, "POST", "companies", {"name": "again"}, KEY),
    "rename": (7, "PATCH", "companies/{id}", {"name": "y"}, {}),
    "write a profile": (9, "PUT", "companies/{id}/profile", {"facts": {"employees": 7}}, {}),
    "change a profile": (9, "PATCH", "companies/{id}/profile", {"facts": {"employees": 8}}, {}),
    "ask for a match": (9, "POST", "matches", {"company": "{id}"}, {}),
    "ask for a match with a key": (12, "POST", "matches", {"company": "{id}"}, KEY),
    "give up": (19, "DELETE", "companies/{id}", None, {}),
}


@pytest.mark.parametrize("what", WRITES)
def test_a_write_asks_as_much_among_many_rows_as_among_few(call, partner, vocabulary, monkeypatch, what):
    monkeypatch.setattr(tasks, "ring", lambda: True)
    count, method, address, body, headers = WRITES[what]
    if what == "the same again":
        call(method, address, body, **headers)

    def ask() -> int:
        link = partner_actions.send_company(partner=partner, name="one")
        for number in (1, 2):
            partner_actions.answer_for_company(
                company=link.company, answers={"employees": number}, partner=partner, vocabulary=vocabulary
            )
        one = str(link.company.public_id)
        sent = {**body, "company": one} if body and "company" in body else body
        with CaptureQueriesContext(connection) as asked:
            answer = call(method, address.replace("{id}", one), sent, **{**headers, **_fresh(what, headers)})
        assert answer.status_code < 300, answer.content
        return sum(1 for query in asked if "SAVEPOINT" not in query["sql"])

    call("GET", "companies")  # the first use of a key on a day is written down
    few = ask()
    for number in range(10):
        partner_actions.send_company(partner=partner, name=f"c{number}")

    assert (few, ask()) == (count, count)


_numbers = iter(range(1000))


def _fresh(what: str, headers: dict[str, str]) -> dict[str, str]:
    return {"idempotency-key": f"k-{next(_numbers)}"} if headers and what != "the same again" else {}
