"""Webhooks in the console: kept, watched and replayed by the people of the partner, and by nobody else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from companies.models import Partner, PartnerMember, User
from matching.jobs import outbox
from matching.jobs.deliveries import Messenger
from matching.models import Delivery, Event, EventKind, State, WebhookEndpoint
from matching.webhooks import actions
from matching.webhooks.posting import Answer, Outcome

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password"
WANTED = {"url": "https://example.com/hook", "kinds": ["match.done"]}


@pytest.fixture
def fang(partner) -> User:
    made = User.objects.create_user("fang@a.example", PASSWORD)
    PartnerMember.objects.create(partner=partner, user=made)
    return made


@pytest.fixture
def enter(client):
    def sign_in(user: User):
        for door in ("login", "reauthenticate"):
            answer = client.post(f"/accounts/{door}/", {"login": user.email, "password": PASSWORD})
            assert answer.status_code == 302
        return client

    return sign_in


@pytest.fixture
def endpoint(partner) -> WebhookEndpoint:
    return actions.add_endpoint(partner=partner, **WANTED)[0]


@pytest.fixture
def page(partner, endpoint) -> str:
    return f"/partner/{partner.public_id}/webhooks/{endpoint.public_id}/"


@pytest.fixture
def tell(partner):
    def announce(count: int = 1) -> None:
        with transaction.atomic():
            for _ in range(count):
                outbox.announce(EventKind.MATCH_DONE, lambda: {"match": "m"}, partners=[partner.pk])

    return announce


def deliver(answer: Answer) -> None:
    messenger = Messenger(slots=2, send=lambda *_: answer)
    while messenger.step(patience=5):
        pass
    messenger.finish()


def text(answer) -> str:
    return answer.content.decode()


def test_an_endpoint_is_added_and_its_secret_shown_once(enter, partner, fang):
    client = enter(fang)
    listed = f"/partner/{partner.public_id}/webhooks/"

    made = client.post(listed, {**WANTED, "label": "our portal"})

    secret = re.search(r'value="(whsec_[^"]+)"', text(made)).group(1)
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.url, endpoint.label, endpoint.kinds) == (WANTED["url"], "our portal", ["match.done"])
    assert "our portal" in text(client.get(listed))
    assert secret not in text(client.get(listed)) + text(client.get(f"{listed}{endpoint.public_id}/"))


@pytest.mark.parametrize(
    "wrong", [{"url": "http://example.com/"}, {"url": "https://10.0.0.1/"}, {"kinds": []}, {"url": ""}]
)
def test_what_cannot_be_an_endpoint_is_said_when_added_and_when_changed(enter, partner, fang, page, wrong):
    client = enter(fang)

    for address in (f"/partner/{partner.public_id}/webhooks/", page):
        answer = client.post(address, {**WANTED, **wrong})
        assert answer.status_code == 422
        assert "invalid-feedback" in text(answer)
    assert WebhookEndpoint.objects.get().url == WANTED["url"]


def test_the_log_shows_the_last_answer_and_when_it_is_tried_again(enter, fang, page, tell):
    tell()
    deliver(Answer(Outcome.REFUSED, 503, 41))

    said = text(enter(fang).get(page))

    assert "answered something other than 2xx (503), 41 ms" in said
    assert (
        Delivery.objects.get().next_try.astimezone(timezone.get_current_timezone()).strftime("%Y-%m-%d %H:%M") in said
    )


def test_a_delivery_is_sent_again_with_a_click_and_days_with_a_form(enter, fang, page, tell):
    tell(2)
    deliver(Answer(Outcome.RECEIVED, 204, 1))
    client = enter(fang)
    event = Event.objects.first()
    today = timezone.localdate().isoformat()

    one = client.post(f"{page}replay/", {"event": event.public_id}, follow=True)
    assert list(Delivery.objects.filter(state=State.QUEUED).values_list("event", flat=True)) == [event.pk]
    deliver(Answer(Outcome.RECEIVED, 204, 1))
    all_of_them = client.post(f"{page}replay/", {"first": today, "last": today}, follow=True)

    assert "Events that are sent again: 1." in text(one)
    assert "Events that are sent again: 2." in text(all_of_them)
    assert client.post(f"{page}replay/", {"first": today, "last": "2020-01-01"}).status_code == 422
    assert client.post(f"{page}replay/", {"event": "nonsense"}).status_code == 302


def test_a_test_is_sent_with_a_click(enter, fang, page):
    answer = enter(fang).post(f"{page}test/", follow=True)

    assert "A test is on its way" in text(answer)
    assert Event.objects.get().kind == EventKind.TEST


def test_a_stopped_endpoint_says_why_and_is_switched_on_again(enter, fang, page, tell, endpoint):
    tell()
    deliver(Answer(Outcome.GONE, 410, 1))
    client = enter(fang)

    assert "it is gone for good" in text(client.get(page))
    assert "Switch it on first" in text(client.post(f"{page}test/", follow=True))
    assert "switched on" in text(client.post(f"{page}switch/", follow=True))
    assert WebhookEndpoint.objects.get().is_sending


def test_a_new_secret_needs_the_password_again(enter, fang, page):
    client = enter(fang)

    assert "whsec_" in text(client.post(f"{page}rotate/"))
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        asked = client.post(f"{page}rotate/")
    assert asked.url.startswith("/accounts/reauthenticate/")


def test_an_endpoint_is_removed(enter, fang, page):
    enter(fang).post(f"{page}remove/")

    assert not WebhookEndpoint.objects.exists()


def test_for_strangers_there_are_no_such_pages_and_nothing_changes(enter, partner, page, tell, fang):
    tell()
    other = Partner.objects.create(name="Partner B", contact="it@b.example")
    zhou = User.objects.create_user("zhou@b.example", PASSWORD)
    PartnerMember.objects.create(partner=other, user=zhou)
    client = enter(zhou)
    # Also through one's own partner another's endpoint is not there.
    for base in (page, page.replace(str(partner.public_id), str(other.public_id))):
        assert client.get(base).status_code == 404
        for step in ("", "switch/", "test/", "rotate/", "remove/", "replay/"):
            assert client.post(base + step, WANTED).status_code == 404, step
    assert client.get(f"/partner/{partner.public_id}/webhooks/").status_code == 404
    assert WebhookEndpoint.objects.get().is_sending
    assert Event.objects.count() == 1


def test_pages_take_as_many_queries_for_many_as_for_one(enter, fang, partner, page, tell, django_assert_num_queries):
    client = enter(fang)
    client.get(page)
    for count in (1, 8):
        tell(count)
        # Session, person, partner, endpoint, how many deliveries, the deliveries.
        with django_assert_num_queries(6):
            client.get(page)
