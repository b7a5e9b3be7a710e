"""When the database or the disk is to blame and a later try may help: away, without a free connection, full, locked for too long."""

from __future__ import annotations

import errno
import sqlite3
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
