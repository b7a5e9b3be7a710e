"""Guessing passwords is stopped before it costs anything, for all processes together, and whatever the sender says of itself."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from changping import environment
from changping.serve import broker
from companies import hashing
from companies.models import User
from tests.guarding.conftest import PASSWORD
from tests.stack import ROOT, clean_environment, wait_until

TOO_MANY = "Too many failed login attempts"


def guess(login: str = "lin@example.com", password: str = "wrong", **more):
    return Client().post(reverse("account_login"), {"login": login, "password": password}, **more)


def is_stopped(answer) -> bool:
    return TOO_MANY in answer.content.decode()


def test_the_sixth_guess_at_an_account_is_stopped_without_looking_at_it(lin, hashes):
    answers = [guess(REMOTE_ADDR=f"198.51.100.{at}") for at in range(8)]

    assert [is_stopped(one) for one in answers] == [False] * 5 + [True] * 3
    assert len(hashes) == 5


def test_spelling_the_address_otherwise_gives_no_more_guesses(lin, hashes):
    spellings = [
        "lin@example.com",
        "LIN@example.com",
        " lin@example.com ",
        "Lin@Example.Com",
        "lin@EXAMPLE.com",
        "lIn@example.com",
    ]

    answers = [guess(login, REMOTE_ADDR=f"198.51.100.{at}") for at, login in enumerate(spellings)]

    assert is_stopped(answers[-1])
    assert len(hashes) == 5


def test_one_word_tried_on_many_accounts_is_stopped_at_the_eleventh(lin, hashes):
    answers = [guess(f"somebody-{at}@example.com") for at in range(13)]

    assert [is_stopped(one) for one in answers] == [False] * 10 + [True] * 3
    assert len(hashes) == 10


def test_a_made_up_forwarding_address_gives_no_more_guesses(lin, hashes):
    answers = [
        guess(
            f"somebody-{at}@example.com", headers={"x-forwarded-for": f"203.0.113.{at}", "x-real-ip": f"203.0.113.{at}"}
        )
        for at in range(11)
    ]

    assert is_stopped(answers[-1])


def test_behind_a_proxy_only_what_the_proxy_wrote_counts(lin, hashes, settings):
    settings.TRUSTED_PROXIES = settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    answers = [
        guess(f"somebody-{at}@example.com", headers={"x-forwarded-for": f"203.0.113.{at}, 198.51.100.7"})
        for at in range(11)
    ]
    elsewhere = guess("somebody@example.com", headers={"x-forwarded-for": "203.0.113.1, 198.51.100.8"})

    assert is_stopped(answers[-1])
    assert not is_stopped(elsewhere)


def test_signing_in_well_between_the_guesses_gives_no_more_of_them(lin, hashes):
    other = User.objects.create_user("other@example.com", PASSWORD)
    for at in range(10):
        guess(f"somebody-{at}@example.com")
        if at < 9:
            guess(other.email, PASSWORD)

    assert is_stopped(guess("somebody-else@example.com"))


def test_guesses_at_one_account_do_not_stop_another_elsewhere(lin, hashes):
    for at in range(6):
        guess("other@example.com", REMOTE_ADDR=f"198.51.100.{at}")

    assert guess(lin.email, PASSWORD, REMOTE_ADDR="198.51.100.200").status_code == 302


def test_the_door_of_the_administration_has_the_same_limits(lin, hashes):
    address = reverse("admin:login")
    for _ in range(7):
        answer = Client().post(address, {"username": lin.email, "password": "wrong"})
        assert answer.status_code == 302

    assert hashes == []


GUESSES = """
import django; django.setup()
from django.test import Client
from tests.guarding.hashes import CountingHasher
for at in range(6):
    Client().post("/accounts/login/", {"login": "lin@example.com", "password": f"wrong {at}"}, REMOTE_ADDR=f"198.51.100.{at}", SERVER_NAME="localhost")
print("hashes", len(CountingHasher.made))
"""


@pytest.mark.slow
def test_processes_count_guesses_together(tmp_path: Path):
    socket = tmp_path / "b.sock"
    server = subprocess.Popen(broker.command(socket, tmp_path / "broker"), start_new_session=True)
    try:
        wait_until(socket.exists, what="the cache's socket")
        variables = clean_environment(
            tmp_path / "var", REDIS_URL=environment.unix_redis_url(socket), PYTHONPATH=str(ROOT),
            DJANGO_SETTINGS_MODULE="tests.guarding.counted_settings",
        )  # fmt: skip
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=variables, check=True)
        guessers = [
            subprocess.Popen(
                [sys.executable, "-c", GUESSES], cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True
            )
            for _ in range(3)
        ]
        told = [process.communicate(timeout=120)[0] for process in guessers]
    finally:
        server.kill()
        server.wait(timeout=10)

    assert sum(int(one.split("hashes ")[1]) for one in told) == 5


@pytest.mark.parametrize(
    "password",
    [
        "password12", "Password2026!", "p@ssw0rd2026", "changping2026", "Changce-2026", "昌平昌平2026", "woaini1314", "1qaz2wsx3edc",
        "qwertyuiop", "qwertyqwerty", "!!administrator!!", "iloveyou12", "2026Welcome!", "9876543210", "lin@example.com",
    ],
)  # fmt: skip
def test_passwords_that_are_tried_first_are_refused(lin, password):
    with pytest.raises(ValidationError):
        validate_password(password, lin)


@pytest.mark.parametrize(
    "password", [PASSWORD, "kestrel harbour 41", "昌平的秋天有很多柿子", "xT9#vLq2!mRz", "correct horse battery"]
)
def test_passwords_of_ones_own_are_taken(lin, password):
    validate_password(password, lin)


@pytest.fixture
def real_hasher(settings, monkeypatch, tmp_path):
    """Argon2 as in production, but with its work replaced by waiting for the test; places in a folder of its own."""
    settings.PASSWORD_HASHERS = ["companies.hashing.FewAtOnceHasher"]
    monkeypatch.setattr(hashing.tempfile, "gettempdir", lambda: str(tmp_path))
    going_on = threading.Event()
    seen: list[int] = []
    at_work: list[int] = []

    def encode(self, password, salt):
        at_work.append(1)
        seen.append(len(at_work))
        going_on.wait(30)
        at_work.pop()
        return "argon2$x"

    monkeypatch.setattr("django.contrib.auth.hashers.Argon2PasswordHasher.encode", encode)
    yield going_on, seen
    going_on.set()


def test_the_hasher_in_force_is_the_one_with_few_at_once():
    from changping import settings as ours

    assert ours.PASSWORD_HASHERS[0] == "companies.hashing.FewAtOnceHasher"


def test_only_half_of_the_cores_hash_and_the_others_wait_or_are_sent_away(real_hasher):
    going_on, seen = real_hasher
    refused: list[Exception] = []

    def hash_one():
        try:
            make_password("x", salt="somesalt")
        except hashing.TooManyAtOnce as busy:
            refused.append(busy)

    asked = hashing.AT_ONCE + hashing.MOST_WAITING + 3
    threads = [threading.Thread(target=hash_one) for _ in range(asked)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(refused) == 3 and len(seen) == hashing.AT_ONCE, seconds=30, what="three being sent away")
    going_on.set()
    for thread in threads:
        thread.join(30)

    assert len(refused) == 3
    assert len(seen) == hashing.AT_ONCE + hashing.MOST_WAITING
    assert max(seen) <= hashing.AT_ONCE


def test_a_place_that_another_process_holds_is_not_taken(real_hasher, monkeypatch, tmp_path):
    going_on, _seen = real_hasher
    going_on.set()
    monkeypatch.setattr(hashing, "AT_ONCE", 1)
    monkeypatch.setattr(hashing, "PATIENCE_SECONDS", 0.05)
    make_password("x", salt="somesalt")
    place = next(tmp_path.rglob("0"))
    hold = f"import fcntl, sys; f = open({str(place)!r}); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"
    other = subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"

        with pytest.raises(hashing.TooManyAtOnce):
            make_password("x", salt="somesalt")
    finally:
        other.kill()
        other.communicate()
    assert make_password("x", salt="somesalt")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_who_comes_when_it_is_too_busy_is_told_so_and_when_to_come_back(lin, monkeypatch, language):
    def busy(*_args, **_more):
        raise hashing.TooManyAtOnce

    monkeypatch.setattr(User, "check_password", busy)

    answer = guess(headers={"accept-language": language})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert {"en": "Very busy", "zh-hans": "繁忙"}[language] in answer.content.decode()
