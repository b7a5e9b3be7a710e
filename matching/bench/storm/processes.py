"""Processes that are started, killed, frozen, and started again like under any supervisor."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil

ROOT = Path(__file__).resolve().parents[3]
# What dies at once is not started again at once, as supervisors have it.
PAUSE_SECONDS = 0.3


@dataclass
class Kept:
    """A process in a session of its own, which is started again when it ended."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    not_before: float = 0.0
    starts: int = 0

    def start(self) -> None:
        """Start it; what it says is added to its log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=dict(self.environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self.starts += 1

    def keep(self) -> None:
        """Start it again if it ended."""
        if self.process is None or self.process.poll() is None:
            self.not_before = 0.0
        elif not self.not_before:
            kill_tree(self.process.pid)  # children that outlived it
            self.not_before = time.monotonic() + PAUSE_SECONDS
        elif time.monotonic() >= self.not_before:
            self.start()

    def end(self) -> None:
        """End it and all its children, frozen or not."""
        if self.process is not None:
            kill_tree(self.process.pid)
            self.process.wait(timeout=20)


def kill_tree(pid: int) -> None:
    """SIGKILL for a process and its children, as when a machine is lost."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def kill_one_child(pid: int, dice: Random) -> bool:
    """SIGKILL for one child, as the system does when memory runs out; False where there is none."""
    with contextlib.suppress(psutil.NoSuchProcess):
        children = psutil.Process(pid).children(recursive=True)
        if children:
            dice.choice(sorted(children, key=lambda child: child.pid)).kill()
            return True
    return False


@dataclass
class Freezer:
    """Processes that stand still until their time is over."""

    frozen: list[tuple[float, psutil.Process]] = field(default_factory=list)

    def freeze(self, pid: int, seconds: float) -> None:
        """Stop the process and its children for so long; returns at once."""
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            process = psutil.Process(pid)
            os.killpg(pid, signal.SIGSTOP)
            self.frozen.append((time.monotonic() + seconds, process))

    def thaw(self, *, all_of_them: bool = False) -> None:
        """Let those go on whose time is over."""
        now = time.monotonic()
        for until, process in list(self.frozen):
            if all_of_them or now >= until:
                self.frozen.remove((until, process))
                with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                    if process.is_running():
                        os.killpg(process.pid, signal.SIGCONT)
