"""One POST to a receiver: the address is checked when connecting, redirects are failures, and time and answer are limited."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from matching.webhooks.addresses import AddressRefused, places_of

SECONDS = 15.0
MAX_ANSWER = 4_096
"""Read of an answer, so that the receiver is not cut off in the middle of a word; it is neither kept nor shown."""


class Outcome(StrEnum):
    """What came of an attempt."""

    RECEIVED = "received"
    GONE = "gone"
    REFUSED = "refused"
    REDIRECTED = "redirected"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    NO_TLS = "no_tls"
    NOT_PUBLIC = "not_public"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt, the status where there was one, how long it took, and how long the receiver asked to wait."""

    outcome: Outcome
    code: int | None
    milliseconds: int
    retry_after: float | None = None


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float = SECONDS, local: bool = False) -> Answer:
    """Send it and tell what came of it; never raises for what a receiver or a network does."""
    began = time.monotonic()
    code: int | None = None
    retry_after: float | None = None
    connection = _connection(url, began + seconds, local)
    try:
        target = url[url.index("/", url.index("//") + 2) :]
        connection.request("POST", target, body, dict(headers))
        with connection.getresponse() as response:
            code, retry_after = response.status, _seconds(response.headers.get("Retry-After"))
            outcome = _outcome(code)
            response.read(MAX_ANSWER)
    except AddressRefused:
        outcome = Outcome.NOT_PUBLIC
    except TimeoutError:
        # Whoever said 200 and then did not come to an end has received it.
        outcome = Outcome.TIMED_OUT if code is None else _outcome(code)
    except ssl.SSLError:
        outcome = Outcome.NO_TLS
    except (OSError, http.client.HTTPException, UnicodeError):
        outcome = Outcome.UNREACHABLE if code is None else _outcome(code)
    finally:
        connection.hang_up()
    return Answer(outcome, code, int((time.monotonic() - began) * 1000), retry_after)


def _connection(url: str, end: float, local: bool) -> _Guarded:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        return _GuardedHTTPS(host, port or 443, end=end, local=local)
    return _Guarded(host, port or 80, end=end, local=local)


class _Guarded(http.client.HTTPConnection):
    """A connection that looks where the name leads at the moment it connects, and connects only there."""

    def __init__(self, host: str, port: int, *, end: float, local: bool) -> None:
        super().__init__(host, port)
        self.end, self.local = end, local
        self.opened: socket.socket | None = None

    def connect(self) -> None:
        """Raises AddressRefused before anything is sent; no proxy, no second question to the resolver."""
        fault: OSError = OSError("the name has no address")
        for place in places_of(self.host, self.port, local=self.local):
            self.opened = socket.socket(place.family, socket.SOCK_STREAM)
            try:
                self.opened.settimeout(_left(self.end))
                self.opened.connect(place.address)
            except OSError as failed:
                self.opened.close()
                fault = failed
            else:
                self.sock: Any = _Limited(self.opened, self.end)
                return
        raise fault

    def hang_up(self) -> None:
        """End it. Not `close`, which the library calls when there is still an answer to be read."""
        if self.opened is not None:
            self.opened.close()


class _GuardedHTTPS(_Guarded):
    """The same, with the certificate checked for the name."""

    default_port = 443

    def connect(self) -> None:
        super().connect()
        assert self.opened is not None
        self.opened.settimeout(_left(self.end))
        self.opened = ssl.create_default_context().wrap_socket(self.opened, server_hostname=self.host)
        self.sock = _Limited(self.opened, self.end)


class _Limited:
    """A socket that ends at a time: whoever sends a sign every few seconds does not stretch it."""

    def __init__(self, opened: socket.socket, end: float) -> None:
        self.opened, self.end = opened, end

    def sendall(self, sent: bytes) -> None:
        self.opened.settimeout(_left(self.end))
        self.opened.sendall(sent)

    def makefile(self, mode: str) -> io.BufferedReader:
        """What an answer is read through."""
        return io.BufferedReader(_Reader(self.opened, self.end))

    def close(self) -> None:
        """Nothing yet: see `hang_up`."""


class _Reader(io.RawIOBase):
    def __init__(self, opened: socket.socket, end: float) -> None:
        self.opened, self.end = opened, end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.opened.settimeout(_left(self.end))
        return self.opened.recv_into(buffer)


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _outcome(code: int) -> Outcome:
    if 200 <= code < 300:
        return Outcome.RECEIVED
    if code == 410:
        return Outcome.GONE
    return Outcome.REDIRECTED if 300 <= code < 400 else Outcome.REFUSED


def _seconds(written: str | None) -> float | None:
    """How long to wait, as a number of seconds or until a day and time."""
    if written is None:
        return None
    try:
        return max(0.0, float(int(written)))
    except (ValueError, OverflowError):
        pass
    try:
        return max(0.0, parsedate_to_datetime(written).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
