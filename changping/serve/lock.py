"""One supervisor per installation: an exclusive lock on a file that also says where the first one serves."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from pathlib import Path


class AlreadyRunning(Exception):
    """Another supervisor holds the lock; `address` is where it serves, or None while it starts."""

    def __init__(self, address: str | None, pid: int | None) -> None:
        super().__init__(address)
        self.address = address
        self.pid = pid


class ServeLock:
    """Holds the lock as long as it lives; the operating system frees it at any kind of death."""

    def __init__(self, var_dir: Path) -> None:
        var_dir.mkdir(parents=True, exist_ok=True)
        # Not truncated on opening: a second start must be able to read what the first one wrote.
        self._file = os.fdopen(os.open(var_dir / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            written: dict[str, object] = {}
            with contextlib.suppress(ValueError):
                written = json.loads(self._file.read() or "{}")
            self._file.close()
            address, pid = written.get("address"), written.get("pid")
            raise AlreadyRunning(
                address if isinstance(address, str) else None, pid if isinstance(pid, int) else None
            ) from None
        self.write(None, {})

    def write(self, address: str | None, children: dict[str, int | None]) -> None:
        """Says where this supervisor serves and which children it has."""
        text = json.dumps({"pid": os.getpid(), "address": address, "children": children})
        self._file.seek(0)
        self._file.write(text)
        self._file.truncate()
        self._file.flush()

    def release(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.close()
