"""Letters with real workers that are killed, and a mail server that is silent, answers badly, or takes the letter and says no more."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.matching.scene import Scene, a_scene, kill
from tests.stack import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.stack, pytest.mark.xdist_group("stack")]

INVITE = """
from companies.actions.members import invite
from companies.models import Company, User
_made, token = invite(company=Company.objects.get(), email="wei@example.com", role="editor", by=User.objects.get())
print(token)
"""
QUICK = {"JOB_LEASE_SECONDS": "2", "SWEEP_SECONDS": "0.5", "SLOW_OFFER_SECONDS": "0"}


def states(scene: Scene) -> list[str]:
    return [state for (state,) in scene.rows("SELECT state FROM companies_letter ORDER BY id")]


@contextmanager
def a_server_that_takes_a_letter_and_says_no_more() -> Iterator[tuple[int, threading.Event]]:
    """Its port, and whether it has the whole letter, for which it never says thanks."""
    taken, over = threading.Event(), threading.Event()

    def talk(call: socket.socket) -> None:
        with call, call.makefile("rb") as said:
            call.sendall(b"220 here\r\n")
            for line in said:
                if line.upper().startswith(b"DATA"):
                    call.sendall(b"354 go on\r\n")
                elif line == b".\r\n":
                    taken.set()
                    over.wait(60)
                    return
                elif line[:4].upper() in (b"EHLO", b"HELO", b"MAIL", b"RCPT"):
                    call.sendall(b"250 yes\r\n")

    def listen() -> None:
        with server:
            while not over.is_set():
                try:
                    call, _from = server.accept()
                except OSError:
                    return
                threading.Thread(target=talk, args=(call,), daemon=True).start()

    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=listen, daemon=True).start()
    try:
        yield server.getsockname()[1], taken
    finally:
        over.set()
        server.close()


def test_a_mail_server_that_is_silent_stops_no_work_and_a_killed_worker_loses_no_letter():
    with (
        tempfile.TemporaryDirectory(prefix="changce-n-") as folder,
        socket.create_server(("127.0.0.1", 0)) as silent,  # takes calls and never says a word
        a_scene(Path(folder), **QUICK, EMAIL_URL=f"smtp://127.0.0.1:{silent.getsockname()[1]}") as scene,
    ):
        sent = Path(folder) / "letters"
        scene.start_broker()
        timetable, worker = scene.start_timetable(), scene.start_worker()
        token = scene.run(INVITE).split()[-1]
        wait_until(lambda: states(scene) == ["running"], what="the letter being worked on")
        for process in (worker, timetable):
            kill(process)
        in_the_row = str(scene.rows("SELECT * FROM companies_letter"))

        scene.environment["EMAIL_URL"] = f"filemail:///{sent}"
        scene.start_timetable()
        scene.start_worker()
        wait_until(lambda: states(scene) == ["done"], what="the letter being sent")
        wait_until(lambda: scene.ask(1) and scene.states()[-1] == "done", what="another job being done after it")

        (letter,) = [message_from_bytes(path.read_bytes(), policy=default) for path in sent.glob("*.log")]
        assert letter["To"] == "wei@example.com"
        assert f"/invitations/{token}/" in letter.get_content()
        assert token not in in_the_row
        assert scene.rows("SELECT sealed FROM companies_letter") == [("",)]


def test_a_letter_that_the_server_may_have_taken_is_not_sent_again():
    with (
        tempfile.TemporaryDirectory(prefix="changce-n-") as folder,
        a_server_that_takes_a_letter_and_says_no_more() as (port, taken),
        a_scene(Path(folder), **QUICK, EMAIL_URL=f"smtp://127.0.0.1:{port}") as scene,
    ):
        sent = Path(folder) / "letters"
        scene.start_broker()
        timetable, worker = scene.start_timetable(), scene.start_worker()
        scene.run(INVITE)
        wait_until(taken.is_set, what="the server having the whole letter")
        for process in (worker, timetable):
            kill(process)

        scene.environment["EMAIL_URL"] = f"filemail:///{sent}"
        scene.start_timetable()
        scene.start_worker()
        wait_until(lambda: states(scene) == ["failed"], what="the letter being set aside")

        assert list(sent.glob("*.log")) == []
        ((said, sealed),) = scene.rows("SELECT last_error, sealed FROM companies_letter")
        assert (said, sealed) == ("handed over, not known whether it left", "")
