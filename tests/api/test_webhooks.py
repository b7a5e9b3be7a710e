"""Webhooks by the API: a partner keeps its endpoints, reads what was delivered, and has it sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from companies import actions as company_actions
from matching.jobs import deliveries, outbox
from matching.jobs.deliveries import Messenger
from matching.models import Delivery, Event, EventKind, State, WebhookEndpoint
from matching.webhooks import actions
from matching.webhooks.posting import Answer, Outcome

pytestmark = pytest.mark.django_db

WANTED = {"url": "https://example.com/hook", "kinds": ["match.done", "changes.found"]}


@pytest.fixture
def endpoint(partner) -> WebhookEndpoint:
    return actions.add_endpoint(partner=partner, **WANTED)[0]


@pytest.fixture
def path(endpoint) -> str:
    return f"webhooks/{endpoint.public_id}"


@pytest.fixture
def tell(partner):
    """So many events for the partner."""

    def announce(count: int = 1) -> list[Event]:
        with transaction.atomic():
            for _ in range(count):
                outbox.announce(EventKind.MATCH_DONE, lambda: {"match": "m"}, partners=[partner.pk])
        return list(Event.objects.order_by("-pk")[:count])

    return announce


@pytest.fixture
def deliver():
    """Sends all that is due; each is answered alike."""

    def send(answer: Answer = Answer(Outcome.RECEIVED, 204, 7)) -> None:  # noqa: B008
        messenger = Messenger(slots=2, send=lambda *_: answer)
        while messenger.step(patience=5):
            pass
        messenger.finish()

    return send


def test_an_endpoint_is_added_and_its_secret_is_shown_this_once(call):
    made = call("POST", "webhooks", WANTED)

    assert made.status_code == 201
    said = made.json()
    assert said["secret"].startswith("whsec_")
    assert made.headers["Cache-Control"] == "no-store"
    read = call("GET", made.headers["Location"].removeprefix("/api/v1/")).json()
    assert read == {**said, "secret": None}
    assert read["enabled"] is True
    assert (read["url"], read["kinds"], read["stopped"]) == (WANTED["url"], WANTED["kinds"], None)


def test_sent_twice_with_one_key_there_is_one_endpoint_and_the_secret_is_not_kept_in_clear(call):
    from companies.models import KeptAnswer

    first, again = (call("POST", "webhooks", WANTED, **{"idempotency-key": "k"}) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == {**first.json(), "secret": None}
    assert WebhookEndpoint.objects.count() == 1
    kept = bytes(KeptAnswer.objects.get().body).decode()
    assert first.json()["secret"] not in kept


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"url": "http://example.com/"}, "/url", "bad_url"),
        ({"url": "https://127.0.0.1/"}, "/url", "bad_url"),
        ({"url": "https://①②⑦.1/"}, "/url", "bad_url"),
        ({"url": 7}, "/url", "bad_url"),
        ({"url": None}, "/url", "missing"),
        ({"kinds": []}, "/kinds", "bad_kinds"),
        ({"kinds": ["webhook.test"]}, "/kinds", "bad_kinds"),
        ({"kinds": [{}]}, "/kinds", "bad_kinds"),
        ({"kinds": "match.done"}, "/kinds", "bad_kinds"),
        ({"label": "x" * 101}, "/label", "bad_label"),
        ({"secret": "whsec_eA=="}, "/secret", "unknown_field"),
        ({"partner": 1}, "/partner", "unknown_field"),
    ],
)
def test_what_cannot_be_an_endpoint_is_refused_by_field_when_added_and_when_changed(call, path, change, pointer, code):
    for answer in (call("POST", "webhooks", {**WANTED, **change}), call("PATCH", path, change)):
        assert answer.status_code == 422
        assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]


def test_a_refused_address_is_said_in_the_language_of_the_caller(call):
    wrong = {**WANTED, "url": "http://example.com/"}

    english, chinese = (
        call("POST", "webhooks", wrong, **{"accept-language": one}).json()["errors"][0]["detail"]
        for one in ("en", "zh")
    )

    assert (english, chinese) == ("The address begins with https://.", "地址须以 https:// 开头。")


def test_more_than_the_most_are_refused_with_the_reason(call, partner):
    for _ in range(actions.MOST_ENDPOINTS):
        actions.add_endpoint(partner=partner, **WANTED)

    answer = call("POST", "webhooks", WANTED)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "too_many")


def test_an_endpoint_is_changed_switched_off_and_on_again(call, path, tell):
    tell()

    changed = call("PATCH", path, {"label": "our portal", "kinds": ["batch.done"], "enabled": False}).json()

    assert (changed["label"], changed["kinds"], changed["enabled"]) == ("our portal", ["batch.done"], False)
    assert changed["stopped"]["why"] == "partner"
    assert Delivery.objects.get().state == State.CANCELLED
    assert call("PATCH", path, {"enabled": True}).json()["stopped"] is None


def test_an_endpoint_is_removed_with_its_log(call, path, tell):
    tell()

    assert call("DELETE", path).status_code == 204
    assert call("GET", path).status_code == 404
    assert not Delivery.objects.exists()


def test_the_log_tells_what_came_of_each_event(call, path, tell, deliver):
    (event,) = tell()
    deliver(Answer(Outcome.REFUSED, 503, 41))

    (line,) = call("GET", f"{path}/deliveries").json()["results"]

    assert line["event"] == {
        "id": str(event.public_id), "kind": "match.done", "created_at": line["event"]["created_at"], "data": {"match": "m"},
    }  # fmt: skip
    told = {name: line[name] for name in ("state", "attempts", "outcome", "code", "milliseconds")}
    assert told == {"state": "queued", "attempts": 1, "outcome": "refused", "code": 503, "milliseconds": 41}
    assert line["next_try"] > line["tried_at"]


def test_the_log_comes_page_by_page_newest_first_and_by_state(call, path, tell, deliver):
    tell(3)
    deliver()
    (newest,) = tell()

    page = call("GET", f"{path}/deliveries?limit=2").json()
    rest = call("GET", page["next"].removeprefix("/api/v1/")).json()

    assert page["results"][0]["event"]["id"] == str(newest.public_id)
    assert (len(page["results"]), len(rest["results"]), rest["next"]) == (2, 2, None)
    assert len(call("GET", f"{path}/deliveries?state=queued").json()["results"]) == 1
    assert call("GET", f"{path}/deliveries?state=lost").status_code == 422


def test_pages_cost_the_same_however_much_is_on_them(call, path, tell, endpoint, django_assert_num_queries):
    for address in ("webhooks", f"{path}/deliveries"):
        call("GET", address)
        tell(5)
        actions.add_endpoint(partner=endpoint.partner, **WANTED)
        # The key, and the rows; for a log also its endpoint.
        with django_assert_num_queries(2 if address == "webhooks" else 3):
            assert len(call("GET", address).json()["results"]) > 1


def test_a_test_is_queued_for_this_endpoint_only(call, path, partner, deliver):
    actions.add_endpoint(partner=partner, **WANTED)

    answer = call("POST", f"{path}/test")

    assert (answer.status_code, answer.json()["event"]["kind"]) == (202, "webhook.test")
    deliver()
    assert Delivery.objects.get().outcome == "received"


def test_what_was_delivered_is_sent_again_by_id_or_for_a_period(call, path, tell, deliver):
    first, _second = tell(2)
    deliver()
    hour_ago = (timezone.now() - timedelta(hours=1)).isoformat()

    assert call("POST", f"{path}/replay", {"event": str(first.public_id)}).json() == {"queued": 1}
    deliver()
    assert call("POST", f"{path}/replay", {"from": hour_ago}).json() == {"queued": 2}
    assert call("POST", f"{path}/replay", {"from": hour_ago, "to": hour_ago}).json() == {"queued": 0}


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/from", "missing"),
        ({"event": "x"}, "/event", "unknown_event"),
        ({"event": 7}, "/event", "unknown_event"),
        ({"event": "00000000-0000-0000-0000-000000000000"}, "/event", "unknown_event"),
        ({"from": "yesterday"}, "/from", "bad_moment"),
        ({"from": "2026-11-24T00:00:00"}, "/from", "bad_moment"),
        ({"from": "2026-13-24T00:00:00Z"}, "/from", "bad_moment"),
        ({"from": 1}, "/from", "bad_moment"),
    ],
)
def test_what_cannot_be_replayed_is_refused_by_field(call, path, body, pointer, code):
    answer = call("POST", f"{path}/replay", body)

    assert answer.status_code == 422
    assert (pointer, code) in [(one["pointer"], one["code"]) for one in answer.json()["errors"]]


@pytest.mark.parametrize("what", ["test", "replay"])
def test_to_a_stopped_endpoint_nothing_is_sent_and_the_answer_says_what_to_do(call, path, endpoint, what):
    actions.switch_off(endpoint=endpoint)

    answer = call("POST", f"{path}/{what}", {"from": "2026-11-24T00:00:00Z"} if what == "replay" else None)

    assert (answer.status_code, answer.json()["type"]) == (409, "/api/v1/problems/endpoint-stopped/")


def test_a_rotated_secret_is_shown_once_and_the_old_one_goes_on_for_as_long_as_asked(call, path):
    rotated = call("POST", f"{path}/rotate", {"overlap_hours": 1}).json()
    now = timezone.now()

    assert rotated["secret"].startswith("whsec_")
    assert now.isoformat() < rotated["earlier_secret_until"] < (now + timedelta(hours=9)).isoformat()
    assert call("POST", f"{path}/rotate", {"overlap_hours": 0}).json()["earlier_secret_until"] is None
    for wrong in (-1, 169, True, "1", 1.5):
        assert call("POST", f"{path}/rotate", {"overlap_hours": wrong}).status_code == 422


ROUTES = [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/deliveries"), ("POST", "/test"), ("POST", "/replay"), ("POST", "/rotate")]  # fmt: skip


@pytest.mark.parametrize(("method", "rest"), ROUTES)
def test_another_partners_endpoint_and_one_that_is_not_there_are_the_same(
    call, endpoint, path, other_partners_key, method, rest
):
    body = {} if method in ("PATCH", "POST") else None
    theirs = call(method, f"{path}{rest}", body, key=other_partners_key)
    missing = call(method, f"webhooks/00000000-0000-0000-0000-000000000000{rest}", body, key=other_partners_key)

    assert theirs.status_code == missing.status_code == 404
    assert {**theirs.json(), "instance": ""} == {**missing.json(), "instance": ""}
    assert call("GET", "webhooks", key=other_partners_key).json()["results"] == []
    assert WebhookEndpoint.objects.count() == 1


@pytest.mark.parametrize(("method", "rest"), ROUTES)
def test_a_key_without_the_scope_does_not_come_in(call, partner, path, method, rest):
    _key, secret = company_actions.make_key(partner=partner, label="x", scopes=["companies"], by=None)

    assert call(method, f"{path}{rest}", key=secret).status_code == 403
    assert call(method, f"{path}{rest}", key=None).status_code == 401


def test_another_partners_event_is_not_replayed(call, path, other_partner):
    theirs = Event.objects.create(partner=other_partner, kind=EventKind.MATCH_DONE, about={})

    assert call("POST", f"{path}/replay", {"event": str(theirs.public_id)}).status_code == 422


def test_the_log_says_when_an_endpoint_was_stopped_for_its_failures(call, path, tell, deliver):
    WebhookEndpoint.objects.update(failing_since=Now() - deliveries.PATIENCE - timedelta(minutes=1))
    tell()
    deliver(Answer(Outcome.TIMED_OUT, None, 15_000))

    assert call("GET", path).json()["stopped"]["why"] == "failing"
