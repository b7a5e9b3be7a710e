"""When a part of the service is to blame and a later try may help: the database or the disk is away, full, or locked for too long; Redis does not answer."""

from __future__ import annotations

import errno
import sqlite3
import threading
import time
from datetime import timedelta

from django.db import InterfaceError, OperationalError

RETRY_AFTER = timedelta(seconds=5)
"""When it is worth asking again."""


_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_outage(fault: BaseException | None) -> bool:
    """Whether the database or the disk could not do its part, rather than was asked for something wrong."""
    if isinstance(fault, OSError):
        return fault.errno in _NO_ROOM
    if not isinstance(fault, OperationalError | InterfaceError):
        return False
    # SQLite has one kind of error for a table that is missing and a file that is locked; only its code tells them apart.
    return getattr(fault.__cause__, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR


SILENCE_SECONDS = 5.0
"""How long a server is left alone after it did not answer: only one thread of a process waits for it in that time."""


class Silence:
    """Until when a server that did not answer is not asked, for all threads of this process."""

    def __init__(self) -> None:
        self.until = 0.0
        self.lock = threading.Lock()

    def is_over(self) -> bool:
        """Whether to ask; while the server is silent, one caller at a time finds out whether it is back."""
        if not self.until:
            return True
        with self.lock:
            now = time.monotonic()
            if now < self.until:
                return False
            self.until = now + SILENCE_SECONDS
            return True

    def begin(self) -> bool:
        """It did not answer; True the first time."""
        fresh, self.until = not self.until, time.monotonic() + SILENCE_SECONDS
        return fresh

    def end(self) -> bool:
        """It answered; True when it had not before."""
        was, self.until = bool(self.until), 0.0
        return was
