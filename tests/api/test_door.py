"""The door of the API: keys, problems in the caller's language, and bodies that nobody should send."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from companies import actions
from companies.api.parsing import MAX_BYTES, MAX_DEPTH
from companies.api.problems import PROBLEMS
from companies.models.partners import ApiKey, Partner, Scope, digest_of_key
from tests.matching.scene import Scene

pytestmark = pytest.mark.django_db

PROBLEM = "application/problem+json"


def problem(answer, status: int, key: str) -> dict:
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)
    body = answer.json()
    assert (body["status"], body["type"]) == (status, f"/api/v1/problems/{key}/")
    assert body["title"]
    return body


@pytest.fixture
def other_key(partner):
    """Makes another key of the partner."""

    def make(**changes):
        return actions.make_key(**{"partner": partner, "label": "x", "scopes": Scope.values, "by": None, **changes})

    return make


def test_a_key_opens_and_is_remembered_as_used_today(call, release):
    assert call("POST", "evaluate", {"facts": {}}).status_code == 200
    assert ApiKey.objects.get().last_used_on == timezone.localdate()


def test_without_a_key_the_answer_says_how_to_come_in(call, release):
    answer = call("POST", "evaluate", {"facts": {}}, key=None)

    problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="changce"'


@pytest.mark.parametrize("state", ["mistyped", "over", "revoked", "partner off", "no key at all", "empty"])
def test_keys_that_do_not_open_are_all_answered_alike(call, other_key, partner, release, state):
    key, secret = other_key(expires_at=timezone.now() - timedelta(seconds=1) if state == "over" else None)
    if state == "revoked":
        actions.revoke_key(key=key, by=None)
    if state == "partner off":
        Partner.objects.update(is_active=False)
    secret = {"mistyped": secret[:-1] + ("A" if secret[-1] != "A" else "B"), "no key at all": "x", "empty": ""}.get(
        state, secret
    )

    body = problem(call("POST", "evaluate", {"facts": {}}, key=secret), 401, "unauthenticated")

    assert body == problem(call("POST", "evaluate", {}, key="nonsense"), 401, "unauthenticated")


def test_a_key_without_the_scope_is_told_which_one_it_lacks(call, other_key, release):
    _key, secret = other_key(scopes=["catalogue"])

    assert problem(call("POST", "evaluate", {"facts": {}}, key=secret), 403, "forbidden")["detail"] == "evaluate"


def test_a_key_in_the_address_is_refused_even_where_none_is_needed(call, key):
    problem(call("GET", f"facts?key={key}", key=None), 400, "malformed")


def test_of_a_key_only_the_digest_is_stored(key):
    row = ApiKey.objects.get()

    assert row.digest == digest_of_key(key)
    assert key.rpartition("_")[2] not in str(list(ApiKey.objects.values())) + repr(row) + row.preview


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_an_address_that_is_not_there_is_a_problem_and_no_page(call, method):
    answer = call(method, "nowhere/at/all")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, PROBLEM)


def test_a_method_that_is_not_there_says_which_are(call):
    answer = call("DELETE", "evaluate")

    problem(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]


def test_a_form_of_the_answer_that_is_not_there_is_a_problem(call):
    problem(call("GET", "facts", accept="text/html"), 406, "not-acceptable")


def test_a_body_in_another_form_is_a_problem(call):
    problem(call("POST", "evaluate", "<a/>", content_type="application/xml"), 415, "unsupported-media-type")


def test_problems_are_said_in_the_language_of_the_caller(call):
    english, chinese = (call("GET", "nowhere", **{"accept-language": one}).json() for one in ("en", "zh-CN"))

    assert (english["title"], chinese["title"]) == ("There is nothing here", "此处没有内容")


def test_what_nobody_expected_is_a_problem_that_tells_nothing_of_it(call, release, monkeypatch):
    monkeypatch.setattr("matching.api.evaluate.make_report", lambda *args, **more: 1 / 0)

    body = problem(call("POST", "evaluate", {"facts": {}}), 500, "failed")

    assert "zero" not in str(body)


@pytest.mark.parametrize("key", PROBLEMS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_type_of_problem_has_a_page_that_explains_it(client, key, language):
    page = client.get(f"/api/v1/problems/{key}/", headers={"accept-language": language})

    assert page.status_code == 200
    said = PROBLEMS[key].explanation
    assert (said.zh if language == "zh-hans" else said.en).partition("`")[0][:20] in page.content.decode()


DEEP = "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)
BODIES = {
    "cut off": b'{"facts": {',
    "not UTF-8": b'{"name": "\xff"}',
    "NUL": b'{"name": "a\\u0000b"}',
    "half a surrogate": b'{"name": "\\ud800"}',
    "NUL in a key": b'{"facts": {"a\\u0000": 1}}',
    "too deep": f'{{"facts": {DEEP}}}'.encode(),
    "much too deep": b"[" * 100_000,
    "deep, in the middle of text": b'{"a": "\\"' + b'", "b": [' * 50 + b"1",
    "twice": b'{"facts": {}, "facts": {}}',
    "NaN": b'{"facts": {"employees": NaN}}',
    "infinite": b'{"facts": {"employees": -Infinity}}',
    "endless number": b'{"facts": {"employees": ' + b"9" * 5000 + b"}}",
    "exponent": b'{"facts": {"employees": 1e999999}}',
    "endless fraction": b'{"facts": {"employees": 0.' + b"1" * 5000 + b"}}",
    "two values": b"{} {}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_hostile_bodies_are_refused_with_the_reason(call, release, body):
    said = problem(call("POST", "evaluate", body), 400, "malformed")

    assert said["detail"]


def test_more_than_the_limit_is_refused_before_it_is_read_as_json(call, release):
    problem(call("POST", "evaluate", b'"' + b"a" * MAX_BYTES + b'"'), 413, "too-large")


def test_who_asks_too_often_is_told_how_long_to_wait(call, settings, monkeypatch):
    monkeypatch.setattr(
        "companies.api.throttling.CallerThrottle.THROTTLE_RATES", {"api": "2/min", "api_public": "1/min"}
    )

    first, second, third = (call("GET", "facts") for _ in range(3))

    assert [first.headers["RateLimit-Remaining"], second.headers["RateLimit-Remaining"]] == ["1", "0"]
    problem(third, 429, "throttled")
    assert 1 <= int(third.headers["Retry-After"]) <= 60


def test_two_keys_of_one_partner_share_what_it_may_ask(call, other_key, monkeypatch):
    monkeypatch.setattr(
        "companies.api.throttling.CallerThrottle.THROTTLE_RATES", {"api": "1/min", "api_public": "9/min"}
    )
    _key, second = other_key()

    call("GET", "facts")

    problem(call("GET", "facts", key=second), 429, "throttled")


def test_a_rate_is_not_had_twice_where_two_minutes_meet(call, monkeypatch):
    monkeypatch.setattr(
        "companies.api.throttling.CallerThrottle.THROTTLE_RATES", {"api": "4/min", "api_public": "9/min"}
    )
    now = [59.0 + 60 * 1000]
    monkeypatch.setattr("companies.api.throttling.CallerThrottle.timer", lambda _throttle: now[0])
    assert [call("GET", "facts").status_code for _ in range(4)] == [200] * 4

    now[0] += 2
    assert call("GET", "facts").status_code == 429

    now[0] += 58
    assert call("GET", "facts").status_code == 200


ASK_IN_TWO_PROCESSES = """
from multiprocessing import get_context
from django.test import Client

def ask(_number):
    return Client().get("/api/v1/facts", headers={"host": "localhost"}).status_code

with get_context("fork").Pool(2) as pool:
    print(pool.map(ask, range(24), chunksize=1).count(200))
"""


@pytest.mark.slow
def test_two_processes_count_together_what_comes_at_once(tmp_path):
    scene = Scene(tmp_path, API_PUBLIC_RATE="8")
    try:
        scene.start_broker()
        scene.run("from django.core.management import call_command; call_command('migrate', verbosity=0)")
        answered = int(scene.run(ASK_IN_TWO_PROCESSES).splitlines()[-1])
    finally:
        scene.end()

    assert answered in (8, 9), "one more where the minute ends between them"


def test_the_command_shows_a_key_once_and_revokes_it(call, release, capsys):
    call_command("api_key", "A Bank", "--contact", "it@example.org", "--scope", "evaluate")
    secret = capsys.readouterr().out.strip()
    assert call("POST", "evaluate", {"facts": {}}, key=secret).status_code == 200

    call_command("api_key", "--revoke", secret.split("_")[1])

    problem(call("POST", "evaluate", {"facts": {}}, key=secret), 401, "unauthenticated")


@pytest.mark.parametrize(
    "arguments", [[], ["New"], ["New", "--contact", "x"], ["New", "--days", "0"], ["--revoke", "a"]]
)
def test_the_command_says_what_it_lacks(db, arguments):
    with pytest.raises(CommandError):
        call_command("api_key", *arguments)

    assert not Partner.objects.exists()
