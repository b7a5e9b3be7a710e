"""The same Idempotency-Key makes one thing, and gets one answer."""

from __future__ import annotations

from ast import literal_eval
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from companies.actions import partners as partner_actions
from companies.api import companies as api
from companies.models import Company, KeptAnswer
from companies.models.answers import KEPT, LEASE
from matching import tasks
from matching.models import MatchRequest
from tests.matching.catalogue import publish_small_release
from tests.matching.scene import Scene

pytestmark = pytest.mark.django_db
KEY = {"idempotency-key": "k-1"}


def test_the_same_key_and_body_get_the_first_answer_byte_for_byte(call):
    first = call("POST", "companies", {"name": "x"}, **KEY)

    again = call("POST", "companies/", {"name": "x"}, **KEY)

    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Location"] == first.headers["Location"]
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert Company.objects.count() == 1


def test_another_body_under_the_same_key_is_refused(call):
    call("POST", "companies", {"name": "x"}, **KEY)

    answer = call("POST", "companies", {"name": "y"}, **KEY)

    assert (answer.status_code, answer.json()["type"]) == (422, "/api/v1/problems/key-reused/")
    assert Company.objects.count() == 1


def test_keys_of_two_partners_do_not_meet(call, other_partners_key):
    call("POST", "companies", {"name": "x"}, **KEY)

    assert call("POST", "companies", {"name": "y"}, key=other_partners_key, **KEY).status_code == 201


def test_what_was_refused_leaves_the_key_free(call):
    assert call("POST", "companies", {"name": ""}, **KEY).status_code == 422

    assert call("POST", "companies", {"name": "x"}, **KEY).status_code == 201


def test_what_failed_leaves_the_key_free_and_nothing_behind(call, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("companies.api.companies.company_said", lambda link: 1 / 0)
        assert call("POST", "companies", {"name": "x"}, **KEY).status_code == 500
    assert Company.objects.count() == 0

    assert call("POST", "companies", {"name": "x"}, **KEY).status_code == 201


def test_while_the_first_is_at_work_the_second_is_told_to_wait(call, monkeypatch):
    inner, plain = [], api.company_said

    def call_again(link):
        if not inner:
            inner.append(None)
            inner[0] = call("POST", "companies", {"name": "x"}, **KEY)
        return plain(link)

    monkeypatch.setattr(api, "company_said", call_again)
    call("POST", "companies", {"name": "x"}, **KEY)

    assert (inner[0].status_code, inner[0].json()["type"]) == (409, "/api/v1/problems/in-progress/")
    assert inner[0].headers["Retry-After"] == "1"


def _abandon(**changes) -> None:
    KeptAnswer.objects.update(status=None, lease_until=Now() - timedelta(seconds=1), **changes)


def test_a_request_that_crashed_does_not_block_its_key(call):
    call("POST", "companies", {"name": "x"}, **KEY)
    Company.objects.all().delete()  # its transaction was rolled back
    _abandon()

    answer = call("POST", "companies", {"name": "x"}, **KEY)

    assert answer.status_code == 201
    assert call("POST", "companies", {"name": "x"}, **KEY).content == answer.content


def test_a_request_that_woke_up_too_late_makes_nothing(call, monkeypatch):
    plain = api.company_said

    def lose(link):
        KeptAnswer.objects.update(token="8e1f0f9c-0000-4000-8000-000000000000")
        return plain(link)

    monkeypatch.setattr(api, "company_said", lose)

    assert call("POST", "companies", {"name": "x"}, **KEY).status_code == 409
    assert Company.objects.count() == 0


@pytest.mark.parametrize("written", ["", "with blank", "ключ", "k" * 256])
def test_a_key_is_printable_ascii_of_at_most_255(call, written):
    assert call("POST", "companies", {"name": "x"}, **{"idempotency-key": written}).status_code == 400


def test_a_key_of_255_characters_is_one(call):
    assert call("POST", "companies", {"name": "x"}, **{"idempotency-key": "~" * 255}).status_code == 201


def test_answers_are_kept_for_their_time_and_then_forgotten(call):
    call("POST", "companies", {"name": "x"}, **KEY)
    call("POST", "companies", {"name": "y"}, **{"idempotency-key": "k-2"})
    KeptAnswer.objects.filter(key="k-2").update(created_at=Now() - KEPT - timedelta(seconds=1))

    KeptAnswer.objects.over().delete()

    assert [one.key for one in KeptAnswer.objects.all()] == ["k-1"]
    assert timedelta(hours=24) <= KEPT
    assert LEASE < KEPT


SEND_AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from django.test import Client

def send(body):
    try:
        headers = {{"authorization": "Bearer {key}", "host": "localhost", **{more}}}
        return Client().post("/api/v1/{path}", body, "application/json", headers=headers)
    finally:
        connection.close()

with ThreadPoolExecutor(4) as threads:
    answers = [(one.status_code, one.content) for one in threads.map(send, ['{body}'] * 4)]
"""
SET_UP = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from companies.actions import make_key
from companies.actions.partners import send_company
from companies.models import Partner
from tests.matching.catalogue import publish_small_release
publish_small_release()
partner = Partner.objects.create(name="A Bank", contact="it@example.org")
print(make_key(partner=partner, label="x", scopes=["companies"], by=None)[1])
print(send_company(partner=partner, name="x").company.public_id)
"""
TELL = """
from companies.models import Company
from matching.models import MatchRequest
print(answers)
print(Company.objects.count(), MatchRequest.objects.count())
"""


# A database in memory has one connection for all threads; the embedded one is asked in the test after this.
if connection.vendor == "postgresql":

    @pytest.mark.slow
    @pytest.mark.django_db(transaction=True)
    def test_four_equal_requests_at_once_make_one_thing(key, partner, monkeypatch):
        monkeypatch.setattr(tasks, "ring", lambda: True)
        publish_small_release()
        company = partner_actions.send_company(partner=partner, name="x").company

        def send(path, body, more):
            scope: dict = {}
            exec(SEND_AT_ONCE.format(key=key, path=path, body=body, more=more), scope)
            return scope["answers"]

        _made_once(send("companies", '{"name": "y"}', KEY))
        _made_once(send("matches", f'{{"company": "{company.public_id}"}}', KEY))
        _made_once(send("matches", f'{{"company": "{company.public_id}", "on": "2026-11-25"}}', {}))

        assert (Company.objects.count(), MatchRequest.objects.count()) == (2, 2)


@pytest.mark.slow
def test_four_equal_requests_at_once_make_one_thing_on_the_embedded_database(tmp_path):
    scene = Scene(tmp_path)
    try:
        scene.start_broker()
        key, company = scene.run(SET_UP).split()[-2:]

        def send(path, body, more):
            printed = scene.run(SEND_AT_ONCE.format(key=key, path=path, body=body, more=more) + TELL).splitlines()
            return literal_eval(printed[-2]), printed[-1]

        companies, _counts = send("companies", '{"name": "y"}', KEY)
        matches, _counts = send("matches", f'{{"company": "{company}"}}', KEY)
        without_key, counts = send("matches", f'{{"company": "{company}", "on": "2026-11-25"}}', {})
    finally:
        scene.end()

    for answers in (companies, matches, without_key):
        _made_once(answers)
    assert counts == "2 2"


def _made_once(answers: list[tuple[int, bytes]]) -> None:
    assert {status for status, _body in answers} <= {201, 202, 409}
    assert len({body for status, body in answers if status != 409}) == 1
