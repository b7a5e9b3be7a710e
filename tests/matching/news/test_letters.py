"""Letters with news: to who asked, in their language, at most one a day, each change once, and a way out in one click."""

import re
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.db.models import F
from django.test import Client
from django.utils import timezone

from companies.models import Company, Membership
from matching.jobs import digests, return_overdue
from matching.models import Addressee, Digest, State
from matching.news import actions
from tests.matching.news.conftest import DAY


@pytest.fixture(autouse=True)
def mail_server(settings):
    settings.EMAIL_URL = "smtp://mail.example"
    settings.DIGEST_HOUR = 0
    settings.SITE_URL = "https://changce.example"


@pytest.fixture
def reader(watched, lin):
    """Lin asked for letters in English."""
    actions.write_to(by=lin, language="en")
    return lin


@pytest.fixture
def change(publish, run_all):
    """Something changes for the watched company: the bar is lowered, or raised again."""
    bars = iter(["employees >= 40", "employees >= 900", "employees >= 30", "employees >= 800"])

    def change_once():
        bar = next(bars)
        publish(lambda offers: offers[1]["requires"]["all"][0].update(when=bar))
        return run_all()

    return change_once


def deliver() -> int:
    """One turn of the timetable; how many letters are out in all."""
    digests.open_due()
    digests.send_due()
    return len(mail.outbox)


def a_day_later():
    Digest.objects.update(created_at=F("created_at") - timedelta(days=1, minutes=1))


def test_a_change_is_written_with_what_was_what_is_why_and_where_to_look(reader, change):
    change()

    deliver()

    (letter,) = mail.outbox
    assert letter.to == ["lin@example.com"]
    assert letter.subject == "[Changce 昌策] What changed for you (2)"
    assert "Beijing Example Biotech: large-team\n  Verdict: Not eligible → Eligible\n" in letter.body
    assert "Why: other rules are in force (release 2)" in letter.body
    assert "https://changce.example/policies/cp-small-2026/" in letter.body
    assert Digest.objects.get().state == State.DONE


def test_the_letter_is_in_the_readers_language(watched, lin, change):
    actions.write_to(by=lin, language="zh-hans")
    change()

    deliver()

    assert mail.outbox[0].subject == "[Changce 昌策] 与您有关的变化（2）"
    assert "规则有变化（发布版 2）" in mail.outbox[0].body


def test_whoever_did_not_ask_is_not_written_to(watched, change):
    change()

    assert deliver() == 0


def test_what_was_before_somebody_asked_is_not_written(watched, lin, change):
    change()
    actions.write_to(by=lin, language="en")

    assert deliver() == 0


def test_a_run_without_changes_makes_no_letter(reader, run_all):
    run_all(DAY + timedelta(days=1))

    assert deliver() == 0
    assert not Digest.objects.exists()


def test_a_second_letter_comes_a_day_later_with_only_what_is_new(reader, change):
    change()
    deliver()
    change()
    same_day = deliver()
    a_day_later()
    next_day = deliver()

    assert (same_day, next_day) == (1, 2)
    assert "Eligible → Not eligible" in mail.outbox[1].body
    assert "Not eligible → Eligible" not in mail.outbox[1].body


def test_news_of_several_runs_come_in_one_letter(reader, change):
    change()
    change()
    change()

    assert deliver() == 1
    assert mail.outbox[0].subject == "[Changce 昌策] What changed for you (6)"


def test_two_turns_at_once_make_one_letter(reader, change):
    change()
    newest = Addressee.objects.get()

    digests.open_due()
    again = digests._open(newest, newest.mailed_up_to + 1)  # read before the other moved the mark

    assert not again
    assert Digest.objects.count() == 1


def test_before_the_hour_nobody_is_written_to(reader, change, settings):
    change()
    settings.DIGEST_HOUR = 24

    assert deliver() == 0
    settings.DIGEST_HOUR = 0
    assert deliver() == 1


def test_without_a_mail_server_nothing_is_made_and_nothing_lost(reader, change, settings):
    change()
    settings.EMAIL_URL = ""
    without = deliver()
    settings.EMAIL_URL = "smtp://mail.example"

    assert (without, deliver()) == (0, 1)


@pytest.mark.parametrize("why", ["muted", "not a member", "no more letters", "not active", "not watched"])
def test_what_is_decided_before_it_leaves_counts(reader, watched, change, why):
    change()
    digests.open_due()
    match why:
        case "muted":
            actions.mute(policy="cp-small-2026", by=reader)
        case "not a member":
            Membership.objects.filter(user=reader).delete()
        case "no more letters":
            actions.stop_writing(to=reader)
        case "not active":
            type(reader).objects.update(is_active=False)
        case "not watched":
            actions.stop_watching(company=watched, by=reader)

    digests.send_due()

    assert all("large-team" not in letter.body.split("Came in")[0] for letter in mail.outbox)
    assert len(mail.outbox) == (1 if why == "muted" else 0)  # the combination belongs to no policy
    assert Digest.objects.get().state == State.DONE


def test_a_worker_that_died_before_it_handed_the_letter_over_loses_nothing(reader, change, monkeypatch):
    change()
    digests.open_due()
    with monkeypatch.context() as patched:
        patched.setattr(digests, "letter_of", lambda _digest: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            digests.send_due()
    Digest.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    return_overdue()

    assert deliver() == 1
    assert deliver() == 1


def test_a_letter_that_may_have_left_is_not_sent_again(reader, change, monkeypatch):
    change()
    digests.open_due()

    def send_and_die(_letters):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", lambda *_: send_and_die(_))
        with pytest.raises(KeyboardInterrupt):
            digests.send_due()
    Digest.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    return_overdue()

    assert deliver() == 0
    assert Digest.objects.get().state == State.FAILED
    assert Digest.objects.get().last_error == "handed over, not known whether it left"


@pytest.mark.parametrize(
    ("fault", "state", "handed"),
    [
        (SMTPDataError(451, b"later"), State.QUEUED, False),
        (SMTPDataError(550, b"no"), State.FAILED, False),
        (SMTPRecipientsRefused({"lin@example.com": (550, b"no")}), State.FAILED, False),
        (SMTPServerDisconnected("gone"), State.FAILED, True),
        (TimeoutError(), State.FAILED, True),
    ],
)
def test_a_refusal_is_tried_again_where_that_can_help(reader, change, monkeypatch, fault, state, handed):
    change()
    digests.open_due()

    def refuse(*_):
        raise fault

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    digests.send_due()

    digest = Digest.objects.get()
    assert (digest.state, digest.handed_at is not None) == (state, handed)


def test_a_mail_server_that_is_away_is_tried_again(reader, change, monkeypatch):
    change()
    digests.open_due()
    with monkeypatch.context() as patched:

        def away(*_):
            raise ConnectionRefusedError

        patched.setattr("django.core.mail.backends.base.BaseEmailBackend.open", away)
        digests.send_due()
    waits = Digest.objects.get()
    Digest.objects.update(run_after=timezone.now() - timedelta(seconds=1))

    assert (waits.state, waits.run_after > timezone.now()) == (State.QUEUED, True)
    assert deliver() == 1


def test_one_click_of_a_mail_program_ends_the_letters(reader, change):
    change()
    deliver()
    headers = mail.outbox[0].extra_headers
    address = re.fullmatch(r"<https://changce\.example(.+)>", headers["List-Unsubscribe"])[1]

    looked = Client().get(address)
    still = Addressee.objects.get().by_mail
    # As RFC 8058 says: no cookies, no token of ours.
    clicked = Client(enforce_csrf_checks=True).post(address, {"List-Unsubscribe": "One-Click"})

    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (looked.status_code, still) == (200, True)
    assert (clicked.status_code, Addressee.objects.get().by_mail) == (200, False)


@pytest.mark.parametrize("mark", ["x", "MQ:abc:def", "1", "%00"])
def test_a_way_out_that_was_not_made_by_us_leads_nowhere(client, reader, mark):
    assert client.post(f"/news/no-letters/{mark}/").status_code == 404
    assert Addressee.objects.get().by_mail


def test_hostile_names_stay_text_and_make_no_lines_or_headers(reader, change):
    Company.objects.update(name="Evil\r\nBcc: x@example.com\r\n\r\nVerdict: <b>yes</b>\u202e")
    change()

    deliver()

    (letter,) = mail.outbox
    message = letter.message()
    assert message["Bcc"] is None
    assert message.get_content_type() == "text/plain"
    assert "Evil Bcc: x@example.com Verdict: <b>yes</b>: large-team" in letter.body


def test_a_letter_says_how_many_more_there_are(reader, change, monkeypatch):
    monkeypatch.setattr("matching.news.letters.MOST_ITEMS", 1)
    change()

    deliver()

    assert "And 1 more on the page of news." in mail.outbox[0].body


def test_nothing_of_a_letter_is_in_the_log(reader, change, caplog):
    change()
    caplog.clear()

    deliver()

    said = caplog.text
    assert "letter_sent" in said
    assert all(word not in said for word in ("lin@example.com", "Biotech", "large-team", "800,000"))


def test_letters_are_asked_for_and_ended_on_the_page(enter, lin, watched):
    client = enter(lin)

    client.post("/news/settings/letters/", {"on": "yes", "language": "zh-hans"})
    begun = Addressee.objects.get()
    client.post("/news/settings/letters/", {"on": "no"})

    assert (begun.by_mail, begun.language) == (True, "zh-hans")
    assert not Addressee.objects.get().by_mail


def test_a_turn_costs_as_much_for_many_people_without_news_as_for_one(reader, run_all, django_assert_max_num_queries):
    run_all(DAY + timedelta(days=1))

    with django_assert_max_num_queries(8):
        digests.open_due()
    with django_assert_max_num_queries(2):
        digests.open_due()
