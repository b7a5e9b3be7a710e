"""The processes of the embedded edition: one `Child` starts, watches and ends each."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_PR_SET_PDEATHSIG = 1
DIED_YOUNG_SECONDS = 5.0
PAUSE_SECONDS = 2.0


def _end_with_parent(parent: int, libc: ctypes.CDLL | None) -> Callable[[], None]:
    """What a child does before it becomes its program: ask Linux to kill it when the supervisor is gone."""

    def ask() -> None:
        # Runs between fork and exec, so: nothing that allocates locks, nothing that may raise.
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

    return ask


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(slots=True)
class Child:
    """One process in a session of its own; started again when it ends, until it is told to stop."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    stop_signal: int = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    not_before: float = 0.0
    restarts: int = field(default=0)

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent(os.getpid(), _libc()),
        )
        self.started = time.monotonic()

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def start_again_if_ended(self) -> str | None:
        """Starts an ended process again, after a pause if it died young; says so once per death."""
        if self.is_running or self.process is None:
            return None
        if self.not_before == 0.0:
            self._end_group(signal.SIGKILL)
            young = time.monotonic() - self.started < DIED_YOUNG_SECONDS
            self.not_before = time.monotonic() + (PAUSE_SECONDS if young else 0.0)
            return f"{self.name} ended ({_how(self.process.returncode)}); starting it again"
        if time.monotonic() >= self.not_before:
            self.not_before = 0.0
            self.restarts += 1
            self.start()
        return None

    def stop(self, patience: float) -> None:
        """Asks the process to end, and after `patience` seconds makes it; its own children go with it."""
        if self.process is None:
            return
        if self.is_running:
            self.process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=patience)
        self._end_group(signal.SIGKILL)
        self.process.wait()

    def _end_group(self, number: int) -> None:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
