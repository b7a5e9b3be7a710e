"""Passwords are hashed few at a time: each takes a core for a quarter of a second, and anybody may ask for one.

Counted for the whole machine, by locks on files: they end with the process that holds them, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

AT_ONCE = max(1, (os.cpu_count() or 1) // 2)
"""How many hashes a machine makes at once: half of its cores, so that pages have the other half."""
MOST_WAITING = 2
"""How many more requests of one process wait for their turn; the others are sent away, so that its threads stay free."""
PATIENCE_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 0.01

_room = threading.BoundedSemaphore(AT_ONCE + MOST_WAITING)


class TooManyAtOnce(Exception):
    """More people sign in at this moment than this machine can check passwords for."""


class FewAtOnceHasher(Argon2PasswordHasher):
    """Argon2, but only so many at once on one machine; raises TooManyAtOnce when too many wait already."""

    def encode(self, password: str, salt: str) -> str:
        """The hash to keep."""
        with _turn():
            return str(super().encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        """Whether it is the password."""
        with _turn():
            return bool(super().verify(password, encoded))


class BusyMiddleware:
    """Answers 503 where passwords wait for their turn already: nothing of what was sent was looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page that says so; every other fault goes on."""
        if not isinstance(exception, TooManyAtOnce):
            return None
        answer = render(request, "busy.html", status=503)
        answer.headers["Retry-After"] = "5"
        return answer


@contextmanager
def _turn() -> Iterator[None]:
    if not _room.acquire(blocking=False):
        raise TooManyAtOnce
    try:
        with _place():
            yield
    finally:
        _room.release()


@contextmanager
def _place() -> Iterator[None]:
    """One of the places of this machine."""
    files = [_file(number) for number in range(AT_ONCE)]
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        # Closing a file gives its place back.
        while not any(_is_taken_by_us(file) for file in files):
            if time.monotonic() > deadline:
                raise TooManyAtOnce
            time.sleep(_LOOK_AGAIN_SECONDS)
        yield
    finally:
        for file in files:
            file.close()


def _file(number: int) -> IO[str]:
    folder = Path(tempfile.gettempdir()) / f"changce-hashing-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return (folder / str(number)).open("a")


def _is_taken_by_us(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
