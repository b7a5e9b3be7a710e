"""One POST: what an answer means, and what a receiver cannot do: redirect, take for ever, or send without end."""

from __future__ import annotations

import socket
import ssl
import threading
import time

import pytest

from matching.webhooks import posting
from matching.webhooks.posting import Outcome, post
from tests.certificates import tls_server


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (200, Outcome.RECEIVED), (204, Outcome.RECEIVED), (299, Outcome.RECEIVED), (301, Outcome.REDIRECTED),
        (307, Outcome.REDIRECTED), (400, Outcome.REFUSED), (404, Outcome.REFUSED), (410, Outcome.GONE),
        (429, Outcome.REFUSED), (500, Outcome.REFUSED), (503, Outcome.REFUSED),
    ],
)  # fmt: skip
def test_only_2xx_is_success_and_only_410_is_for_good(receiver, code, outcome):
    receiver.answer = lambda letter: (code, {"Location": "/elsewhere"}, b"")

    answer = post(receiver.url, b"{}", {}, local=True)

    assert (answer.outcome, answer.code) == (outcome, code)
    assert [letter.path for letter in receiver.letters] == ["/hook?a=b"]


def test_what_is_sent_arrives_as_it_is(receiver):
    post(receiver.url, "{“”}".encode(), {"webhook-id": "x", "Content-Type": "application/json"}, local=True)

    (letter,) = receiver.letters
    assert letter.body == "{“”}".encode()
    assert (letter.headers["webhook-id"], letter.headers["content-type"]) == ("x", "application/json")
    assert letter.headers["host"] == receiver.url.split("/")[2]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("-5", 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("soon", None),
        ("9" * 400, None),
        ("", None),
    ],
)
def test_how_long_a_receiver_asks_to_wait_is_read_and_nonsense_is_not(receiver, written, seconds):
    receiver.answer = lambda letter: (429, {"Retry-After": written}, b"")

    assert post(receiver.url, b"{}", {}, local=True).retry_after == seconds


def test_an_answer_without_end_is_read_only_so_far(receiver):
    receiver.answer = lambda letter: (200, {"Content-Length": "1000000000"}, b"x" * 100_000)

    answer = post(receiver.url, b"{}", {}, local=True)

    assert answer.outcome is Outcome.RECEIVED


@pytest.fixture
def serve_raw():
    """A server of one connection that does with it what it is told."""
    servers, threads = [], []

    def serve(talk) -> str:
        server = socket.create_server(("127.0.0.1", 0))

        def run() -> None:
            try:
                connection, _address = server.accept()
                with connection:
                    talk(connection)
            except OSError:
                pass

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        servers.append(server)
        threads.append(thread)
        return f"http://127.0.0.1:{server.getsockname()[1]}/"

    yield serve
    for server, thread in zip(servers, threads, strict=True):
        server.close()
        thread.join(5)


def drip(connection: socket.socket) -> None:
    """A sign at a time, each in time, never to an end."""
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    for _ in range(200):
        connection.sendall(b"x")
        time.sleep(0.02)


def continue_for_ever(connection: socket.socket) -> None:
    connection.recv(1000)
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.01)


@pytest.mark.parametrize("talk", [drip, continue_for_ever, lambda connection: connection.recv(1000) and time.sleep(2)])
def test_a_receiver_that_stretches_its_answer_is_cut_off_in_time(serve_raw, talk):
    answer = post(serve_raw(talk), b"{}", {}, seconds=0.3, local=True)

    assert answer.outcome is Outcome.TIMED_OUT


@pytest.mark.parametrize(
    "said",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 999999 x\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000 + b"\r\n"],
)
def test_a_receiver_that_speaks_no_http_is_a_failure_and_no_fault(serve_raw, said):
    answer = post(
        serve_raw(lambda connection: connection.recv(1000) and connection.sendall(said)), b"{}", {}, local=True
    )

    assert answer.outcome in (Outcome.UNREACHABLE, Outcome.REFUSED)


def test_where_nobody_listens_is_a_failure(local):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert post(f"http://127.0.0.1:{port}/", b"{}", {}, local=True).outcome is Outcome.UNREACHABLE


def test_a_certificate_that_cannot_be_trusted_is_a_failure(serve_raw):
    url = serve_raw(lambda connection: connection.recv(1000) and connection.sendall(b"no TLS here"))

    assert post(url.replace("http:", "https:"), b"{}", {}, local=True).outcome is Outcome.NO_TLS


@pytest.mark.parametrize(("days", "outcome"), [(30, Outcome.RECEIVED), (-1, Outcome.NO_TLS)])
def test_a_certificate_that_is_over_is_a_failure_as_long_as_it_is(monkeypatch, tmp_path, days, outcome):
    with tls_server(tmp_path, days=days) as port:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))

        answer = post(f"https://localhost:{port}/", b"{}", {}, local=True)

    assert answer.outcome is outcome


def test_the_certificate_is_checked_for_the_name_and_not_for_the_address(monkeypatch, serve_raw):
    asked = []
    made = ssl.create_default_context()

    class Context:
        def wrap_socket(self, opened, server_hostname):
            asked.append((made.check_hostname, made.verify_mode, server_hostname))
            raise ssl.SSLError("as far as this test goes")

    monkeypatch.setattr(posting.ssl, "create_default_context", Context)

    post(serve_raw(lambda connection: None).replace("http://127.0.0.1", "https://localhost"), b"{}", {}, local=True)

    assert asked == [(True, ssl.CERT_REQUIRED, "localhost")]
