"""Letters as rows: written with what they tell of, sealed until they leave, each at most once; allauth's own among them."""

import re
from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from allauth.account.models import EmailAddress
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from changping import retention
from companies.letters import write_letter
from companies.models import Letter
from companies.models.jobs import State
from matching import tasks
from matching.jobs import letters, return_overdue


def write(to="me@example.com"):
    return write_letter(to=to, subject=lambda: "Hello", body=lambda: "secret-link", kind="test")


def test_a_letter_goes_with_what_it_tells_of_or_not_at_all(db, mailbox):
    class Undone(Exception):
        pass

    def write_and_fail():
        with transaction.atomic():
            write()
            raise Undone

    with pytest.raises(Undone):
        write_and_fail()

    assert mailbox() == []


def test_no_page_waits_for_the_mail_server(client, company, lin, monkeypatch):
    def connect(*_, **__):
        raise AssertionError("a page calls the mail server")

    monkeypatch.setattr("django.core.mail.get_connection", connect)
    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", connect)
    client.force_login(lin)

    invited = client.post(f"/companies/{company.public_id}/members/", {"email": "a@example.com", "role": "reader"})
    forgot = Client().post("/accounts/password/reset/", {"email": lin.email})
    signed_up = {"email": "new@example.com", "password1": "a long pass phrase", "password2": "a long pass phrase"}
    new = Client().post("/accounts/signup/", signed_up)

    assert (invited.status_code, forgot.status_code, new.status_code) == (200, 302, 302)
    assert Letter.objects.filter(state=State.QUEUED).count() == 2


def test_the_bell_rings_once_the_letter_is_stored(db, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr(tasks, "ring_for_letters", lambda: rung.append(Letter.objects.count()))

    with django_capture_on_commit_callbacks(execute=True):
        write()
        before = list(rung)

    assert (before, rung) == ([], [1])


def test_the_sweep_rings_for_a_letter_that_no_bell_was_heard_for(db, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks, "ring_for_letters", lambda: rung.append(1))
    tasks.sweep()
    write()

    tasks.sweep()

    assert rung == [1]


def test_what_a_letter_says_is_sealed_until_it_leaves_and_gone_then(db, mailbox):
    letter = write()
    waiting = str(Letter.objects.values().get())

    mailbox()

    assert "secret-link" not in waiting + str(Letter.objects.values().get())
    assert "me@example.com" not in waiting
    assert letter.taken_out()["body"].startswith("secret-link")
    with pytest.raises(DatabaseError), transaction.atomic():
        Letter.objects.update(sealed="again")


@pytest.mark.parametrize("end", ["by the sweep", "by refusals", "under another key"])
def test_a_letter_that_cannot_be_sent_ends_and_forgets_what_it_said(db, monkeypatch, settings, mailbox, end):
    letter = write()
    if end == "by the sweep":
        Letter.objects.update(
            state=State.RUNNING, attempt=letter.max_attempts, lease_token=letter.public_id, lease_until=timezone.now() - timedelta(seconds=1)
        )  # fmt: skip
        return_overdue()
    elif end == "by refusals":
        away = "django.core.mail.backends.base.BaseEmailBackend.open"
        monkeypatch.setattr(away, lambda _: (_ for _ in ()).throw(SMTPServerDisconnected))
        for _each in range(letter.max_attempts):
            Letter.objects.update(run_after=timezone.now() - timedelta(seconds=1))
            mailbox()
    else:
        settings.SECRET_KEY = "another " * 8
        mailbox()

    letter.refresh_from_db()
    assert (letter.state, letter.sealed, letter.fate) == (State.FAILED, "", "failed")


def test_while_the_server_is_away_the_others_keep_their_attempts(db, monkeypatch, mailbox):
    for number in range(3):
        write(f"me{number}@example.com")
    with monkeypatch.context() as patched:
        away = "django.core.mail.backends.base.BaseEmailBackend.open"
        patched.setattr(away, lambda _: (_ for _ in ()).throw(ConnectionRefusedError))
        mailbox()
    tried = sorted(Letter.objects.values_list("attempt", flat=True))
    Letter.objects.update(run_after=timezone.now() - timedelta(seconds=1))  # the database's clock has milliseconds only

    assert tried == [0, 0, 1]
    assert len(mailbox()) == 3


def test_one_worker_at_a_time_waits_for_the_mail_server(db, mailbox):
    first = write()
    Letter.objects.update(
        state=State.RUNNING, attempt=1, lease_token=first.public_id, lease_until=timezone.now() + timedelta(minutes=1)
    )
    write()

    assert mailbox() == []
    assert not letters.is_waiting()


def test_a_name_with_a_line_break_makes_no_header(db, mailbox):
    write_letter(to="me@example.com", subject=lambda: "x\nBcc: all@example.com", body=lambda: "", kind="test")

    assert mailbox()[0].subject == "[Changce 昌策] x Bcc: all@example.com / x Bcc: all@example.com"


def test_letters_that_have_ended_are_forgotten_in_time(db, mailbox):
    write()
    mailbox()
    write()
    rule = next(one for one in retention.RULES if one.name == "letters")
    Letter.objects.exclude(finished_at=None).update(finished_at=timezone.now() - rule.kept() - timedelta(seconds=1))

    assert (rule.due().count, rule.apply(), Letter.objects.count()) == (1, 1, 1)


def test_a_forgotten_password_is_answered_by_a_letter_in_both_languages(lin, mailbox):
    EmailAddress.objects.create(user=lin, email=lin.email, verified=True, primary=True)
    Client().post("/accounts/password/reset/", {"email": lin.email})
    (letter,) = mailbox()

    link = re.search(r"https?://\S+/reset/key/\S+", letter.body)[0]
    assert "密码" in letter.body
    assert "password reset" in letter.body
    assert "Hello from" not in letter.body
    assert Client().get(link[link.index("/accounts") :], follow=True).status_code == 200


def test_a_changed_password_is_told_in_case_it_was_somebody_else(lin, mailbox):
    EmailAddress.objects.create(user=lin, email=lin.email, verified=True, primary=True)
    browser = Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0"})
    browser.force_login(lin)
    new = "another long pass phrase"
    sent = {"oldpassword": "a long pass phrase", "password1": new, "password2": new}
    assert browser.post("/accounts/password/change/", sent).status_code == 302

    (letter,) = mailbox()

    assert letter.to == ["lin@example.com"]
    assert "Your password has been changed." in letter.body
    assert "您的密码" in letter.body
    assert "/account/sessions/" in letter.body
    assert "Firefox, Windows" in letter.body
