"""Events reach their receivers: at least once, under one id, rightly signed, whatever receivers and workers do."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
import standardwebhooks
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from companies.models.partners import Partner
from companies.sealing import SealBroken
from matching import jobs
from matching.jobs import deliveries, notices, outbox
from matching.jobs.deliveries import ATTEMPTS, PAUSES, Messenger
from matching.models import Delivery, Event, EventKind, State, Stopped, WebhookEndpoint
from matching.webhooks import actions
from matching.webhooks.posting import Answer, Outcome
from matching.webhooks.secrets import SEAL

pytestmark = pytest.mark.django_db


def announce(partner: Partner, count: int = 1, kind: EventKind = EventKind.MATCH_DONE) -> None:
    with transaction.atomic():
        for number in range(count):
            outbox.announce(kind, lambda number=number: {"match": f"m{number}"}, partners=[partner.pk])


def make_due() -> None:
    """As if the pause of everything that waits were over."""
    Delivery.objects.filter(state=State.QUEUED).update(run_after=Now())


def verify(secret: str, letter) -> dict:
    """What a receiver's library says of a letter; raises when the signature is wrong."""
    return standardwebhooks.Webhook(secret).verify(letter.body, letter.headers)


def test_an_event_arrives_with_ids_only_and_a_signature_that_the_reference_library_accepts(
    partner, added, receiver, send_all
):
    _endpoint, secret = added
    announce(partner)

    send_all()

    (letter,) = receiver.letters
    event = Event.objects.get()
    assert letter.headers["webhook-id"] == str(event.public_id)
    body = verify(secret, letter)
    assert (body["type"], body["data"]) == ("match.done", {"match": "m0"})
    assert set(body) == {"type", "timestamp", "data"}
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.outcome, delivery.code, delivery.attempts) == ("done", "received", 204, 1)


@pytest.mark.slow
def test_a_thousand_events_reach_a_receiver_that_fails_three_times_in_ten(
    partner, added, receiver, messenger, settings
):
    _endpoint, secret = added
    dice = random.Random(7)
    fates = {
        0.10: (500, {}, b""),
        0.20: (429, {"Retry-After": "0"}, b""),
        0.25: (302, {"Location": "/"}, b""),
        0.30: (0, {}, b""),
    }
    taken: Counter[str] = Counter()

    def answer(letter):
        drawn = dice.random()
        for limit, fate in fates.items():
            if drawn < limit:
                return fate  # a status of 0 is no HTTP at all
        taken[letter.headers["webhook-id"]] += 1
        return 204, {}, b""

    receiver.answer = answer
    announce(partner, 1000)

    while Delivery.objects.filter(state=State.QUEUED).exists() or messenger.flights:
        if not messenger.step(patience=5):
            make_due()

    assert Delivery.objects.filter(state=State.DONE, outcome="received").count() == 1000
    assert set(taken) == {str(one) for one in Event.objects.values_list("public_id", flat=True)}
    assert set(taken.values()) == {1}
    for letter in receiver.letters:
        verify(secret, letter)
    assert len(receiver.letters) > 1200


def test_each_attempt_waits_longer_and_after_ten_over_three_days_the_delivery_is_set_aside(
    partner, endpoint, receiver, messenger
):
    receiver.answer = lambda letter: (500, {}, b"")
    announce(partner)
    pauses = []

    for _ in range(ATTEMPTS):
        make_due()
        while messenger.step(patience=5):
            pass
        waiting = Delivery.objects.filter(state=State.QUEUED).annotate(now=Now()).first()
        pauses += [waiting.run_after - waiting.now] if waiting else []

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.reason) == ("failed", 10, "not_received")
    assert all(usual * 0.9 < pause <= usual * 1.11 for usual, pause in zip(PAUSES, pauses, strict=True))
    assert timedelta(days=3) < sum(PAUSES, timedelta()) < timedelta(days=3.5)
    assert len({letter.headers["webhook-id"] for letter in receiver.letters}) == 1
    assert len(receiver.letters) == 10


def test_a_receiver_that_asks_for_more_time_gets_it_but_not_more_than_a_day(partner, endpoint, receiver, send_all):
    waits = iter(["3600", "999999999"])
    receiver.answer = lambda letter: (503, {"Retry-After": next(waits)}, b"")
    announce(partner, 2)

    send_all()

    now = timezone.now()
    first, second = (one.run_after - now for one in Delivery.objects.order_by("run_after"))
    assert timedelta(minutes=59) < first < timedelta(minutes=61)
    assert timedelta(hours=23) < second < timedelta(hours=25)


def test_a_receiver_that_is_gone_is_not_asked_again(partner, endpoint, receiver, send_all):
    receiver.answer = lambda letter: (410, {}, b"")
    announce(partner, 3)
    Delivery.objects.filter(event__about__match="m2").update(run_after=Now() + timedelta(hours=1))

    send_all()

    endpoint.refresh_from_db()
    assert endpoint.stopped_why == Stopped.GONE
    assert not Delivery.objects.filter(state=State.QUEUED).exists()
    assert len(receiver.letters) <= 2


def test_after_three_days_of_failures_the_endpoint_is_stopped_and_the_contact_hears_of_it_once(
    partner, endpoint, receiver, send_all, mailbox
):
    receiver.answer = lambda letter: (500, {}, b"")
    WebhookEndpoint.objects.update(failing_since=Now() - timedelta(days=3, minutes=1))
    announce(partner)

    send_all()
    told = [notices.tell_of_stopped(), notices.tell_of_stopped()]

    endpoint.refresh_from_db()
    assert endpoint.stopped_why == Stopped.FAILING
    assert told == [1, 0]
    (letter,) = mailbox()
    assert letter.to == ["it@a.example"]
    assert str(endpoint.public_id) in letter.body
    assert "连续三天" in letter.body


def test_one_success_forgives_the_failures_before_it(partner, endpoint, receiver, send_all):
    WebhookEndpoint.objects.update(failing_since=Now() - timedelta(days=2))
    announce(partner)

    send_all()

    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


def test_what_was_missed_while_stopped_comes_by_replay_under_its_id(partner, added, receiver, send_all):
    endpoint, _secret = added
    actions.switch_off(endpoint=endpoint)
    announce(partner, 2)
    assert not Delivery.objects.exists()
    assert actions.switch_on(endpoint=endpoint)

    assert actions.replay(endpoint=endpoint, since=timezone.now() - timedelta(hours=1)) == 2
    send_all()

    got = [letter.headers["webhook-id"] for letter in receiver.letters]
    assert sorted(got) == sorted(str(one) for one in Event.objects.values_list("public_id", flat=True))


def test_a_delivered_event_is_sent_again_by_its_id_and_only_that_one(partner, endpoint, receiver, send_all):
    announce(partner, 2)
    send_all()
    event = Event.objects.first()

    assert actions.replay(endpoint=endpoint, event=event) == 1
    send_all()

    assert Counter(letter.headers["webhook-id"] for letter in receiver.letters)[str(event.public_id)] == 2
    assert len(receiver.letters) == 3
    assert Delivery.objects.get(event=event).attempts == 2


def test_events_of_another_partner_are_not_replayed(partner, endpoint):
    other = Partner.objects.create(name="Partner B", contact="it@b.example")
    event = Event.objects.create(partner=other, kind=EventKind.MATCH_DONE, about={})

    assert actions.replay(endpoint=endpoint, event=event) == 0


def test_nothing_is_replayed_to_an_endpoint_that_is_stopped(endpoint):
    actions.switch_off(endpoint=endpoint)

    with pytest.raises(actions.EndpointStopped):
        actions.replay(endpoint=endpoint)
    with pytest.raises(actions.EndpointStopped):
        actions.send_test(endpoint=endpoint)


def test_during_a_rotation_old_and_new_secret_both_verify_and_afterwards_only_the_new_one(
    partner, added, receiver, send_all
):
    endpoint, old = added
    endpoint, new = actions.rotate_secret(endpoint=endpoint)
    announce(partner)
    send_all()
    WebhookEndpoint.objects.update(earlier_until=timezone.now())
    announce(partner)
    send_all()

    during, after = receiver.letters
    assert [verify(one, during)["type"] for one in (old, new)] == ["match.done"] * 2
    assert verify(new, after)["type"] == "match.done"
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verify(old, after)


def test_a_secret_is_not_readable_in_a_dump_and_not_without_the_key(added, settings):
    endpoint, secret = added
    endpoint, newer = actions.rotate_secret(endpoint=endpoint)

    dumped = str(list(WebhookEndpoint.objects.values()))
    assert secret not in dumped
    assert newer not in dumped
    settings.SECRET_KEY = "another key"
    with pytest.raises(SealBroken):
        SEAL.unsealed(endpoint.sealed_secret)


def test_a_changed_secret_key_with_the_old_one_as_fallback_still_reads_the_secrets(added, settings):
    endpoint, secret = added
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key"

    assert SEAL.unsealed(endpoint.sealed_secret) == secret


def test_a_secret_that_cannot_be_read_holds_up_no_other_endpoint(partner, endpoint, receiver, send_all):
    WebhookEndpoint.objects.update(sealed_secret="x")
    actions.add_endpoint(partner=partner, url=receiver.url, kinds=[EventKind.MATCH_DONE])
    announce(partner)

    send_all()

    assert len(receiver.letters) == 1
    assert Delivery.objects.get(endpoint=endpoint).last_error == "SealBroken"


def test_an_event_exists_exactly_when_what_it_tells_of_was_committed(partner, endpoint):
    with transaction.atomic():
        outbox.announce(EventKind.MATCH_DONE, dict, partners=[partner.pk])
        transaction.set_rollback(True)

    assert not Event.objects.exists()


def test_nobody_is_told_of_what_no_endpoint_asked_for(partner, endpoint):
    announce(partner, kind=EventKind.BATCH_DONE)

    assert not Event.objects.exists()


def test_a_partner_that_may_not_use_the_api_is_told_nothing(partner, endpoint, receiver, send_all):
    announce(partner)
    Partner.objects.update(is_active=False)
    announce(partner)

    send_all()

    assert (receiver.letters, Event.objects.count()) == ([], 1)


def test_an_event_comes_to_an_endpoint_once_even_if_it_is_queued_twice(partner, endpoint):
    announce(partner)
    event = Event.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(event=event, endpoint=endpoint)


def test_a_test_is_tried_once_and_says_nothing_about_the_health_of_the_endpoint(endpoint, receiver, send_all):
    receiver.answer = lambda letter: (500, {}, b"")

    delivery = actions.send_test(endpoint=endpoint)
    send_all()

    delivery.refresh_from_db()
    endpoint.refresh_from_db()
    assert (delivery.state, delivery.code) == ("failed", 500)
    assert endpoint.failing_since is None


def test_a_process_that_dies_with_a_delivery_in_hand_costs_time_but_no_event(partner, endpoint, receiver, send_all):
    announce(partner)
    lost = deliveries.claim_first(Delivery.objects.sendable())
    Delivery.objects.update(lease_until=Now() - timedelta(seconds=1))

    assert jobs.return_overdue() == 1
    send_all()

    assert len(receiver.letters) == 1
    with pytest.raises(jobs.LeaseLost):
        deliveries.record(lost, Delivery.objects.select_related("event").get(), Answer(Outcome.REFUSED, 500, 1))
    assert Delivery.objects.get().state == State.DONE


def test_a_slow_receiver_holds_up_only_its_own(partner, endpoint, receiver):
    """The slow one would need its whole time for each of 20 events; the quick one is not behind it."""
    slow, _secret = actions.add_endpoint(partner=partner, url="http://127.0.0.1:9/slow", kinds=[EventKind.MATCH_DONE])
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(url="http://127.0.0.1:9/quick")
    release, under_way, most = threading.Event(), Counter(), Counter()

    def send(url, body, headers):
        name = url.rpartition("/")[2]
        under_way[name] += 1
        most[name] = max(most[name], under_way[name])
        if name == "slow":
            release.wait(20)
        under_way[name] -= 1
        return Answer(Outcome.RECEIVED, 200, 5_000 if name == "slow" else 1)

    messenger = Messenger(slots=8, send=send)
    announce(partner, 20)
    try:
        for _ in range(100):
            messenger.step(patience=0.05)
            if Delivery.objects.filter(endpoint=endpoint, state=State.DONE).count() == 20:
                break
        assert Delivery.objects.filter(endpoint=slow, state=State.DONE).count() == 0
        assert Delivery.objects.filter(endpoint=endpoint, state=State.DONE).count() == 20
        assert most["slow"] == deliveries.AT_ONCE
    finally:
        release.set()
        messenger.step(patience=5)
        # Once it was seen to be slow, it gets one at a time.
        assert slow.pk in messenger.unwell
        messenger.finish()


def test_leases_are_renewed_while_a_receiver_takes_its_time(partner, endpoint, settings):
    settings.JOB_LEASE_SECONDS = 1
    release = threading.Event()
    messenger = Messenger(slots=2, send=lambda *_: release.wait(20) and Answer(Outcome.RECEIVED, 200, 1))
    announce(partner)
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        messenger.step(patience=0.1)

    assert jobs.return_overdue() == 0
    release.set()
    messenger.finish()
    assert Delivery.objects.get().state == State.DONE


def test_claiming_costs_the_same_however_much_waits(partner, endpoint, django_assert_num_queries):
    announce(partner, 30)
    messenger = Messenger(slots=1, send=lambda *_: Answer(Outcome.RECEIVED, 200, 1))

    # Claim (begin, take, mark, end) and the row; then its end, and the endpoint's.
    with django_assert_num_queries(4 + 1):
        assert messenger._start()
    messenger.finish()


def test_news_that_became_old_are_forgotten_with_their_deliveries(partner, endpoint):
    announce(partner, 2)
    Event.objects.filter(pk=Event.objects.first().pk).update(created_at=Now() - timedelta(days=31))

    notices.forget_old()

    assert (Event.objects.count(), Delivery.objects.count()) == (1, 1)


def test_a_partner_has_only_so_many_endpoints(partner, endpoint, receiver):
    for _ in range(actions.MOST_ENDPOINTS - 1):
        actions.add_endpoint(partner=partner, url=receiver.url, kinds=["match.done"])

    with pytest.raises(actions.ValidationError):
        actions.add_endpoint(partner=partner, url=receiver.url, kinds=["match.done"])


@pytest.mark.parametrize("kinds", [[], ["nonsense"], ["webhook.test"], ["match.done", "x"]])
def test_an_endpoint_asks_for_kinds_that_there_are(partner, receiver, kinds):
    with pytest.raises(actions.ValidationError):
        actions.add_endpoint(partner=partner, url=receiver.url, kinds=kinds)


def test_the_process_sends_what_is_due_and_ends_when_asked(partner, endpoint, receiver, monkeypatch):
    from matching.management.commands import deliver_webhooks

    command = deliver_webhooks.Command()
    monkeypatch.setattr(deliver_webhooks.signal, "signal", lambda *_: None)
    monkeypatch.setattr(deliver_webhooks, "close_old_connections", lambda: None)
    counter = itertools.count()
    step = Messenger.step

    def counted(self, **how):
        if next(counter) > 3:
            command._stop()
        return step(self, **how)

    monkeypatch.setattr(Messenger, "step", counted)
    announce(partner)

    command.handle()

    assert len(receiver.letters) == 1
