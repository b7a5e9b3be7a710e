"""The whole service, really running: for tests that kill, click or wait.

    with running_stack() as stack:          # manage.py serve on a free port, in a folder of its own
        stack.url, stack.pids["worker"], stack.get("/readyz")
    with running_worker() as worker:        # only broker and worker
        worker.redis_url, worker.pids

As fixtures: `stack` (one for the session; leave it in order), `own_stack` (one per test; kill what you like).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent


def wait_until(is_so: Callable[[], object], *, seconds: float = 120.0, what: str = "it") -> None:
    """Returns as soon as it is so; fails with `what` when it never is."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {seconds:.0f} seconds")
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(var_dir: Path, **more: str) -> dict[str, str]:
    """The variables of a person who has set none of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "VAR_DIR": str(var_dir), "PYTHONUNBUFFERED": "1", **more}


@dataclass
class Stack:
    """A running `manage.py serve`: where it is, its processes, what it has said."""

    var_dir: Path
    port: int
    process: subprocess.Popen[str]
    output_path: Path
    environment: dict[str, str]
    families: set[psutil.Process] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.var_dir / "changce.sqlite3"

    @property
    def output(self) -> str:
        return self.output_path.read_text(encoding="utf-8", errors="replace")

    @property
    def pids(self) -> dict[str, int]:
        """The processes of the children by name: broker, worker, beat, web. Anew after a restart."""
        written = json.loads((self.var_dir / "serve.lock").read_text() or "{}")
        return {name: pid for name, pid in written.get("children", {}).items() if pid}

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page; 0 where nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()
        except OSError:
            return 0, ""

    def is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"serve ended with {self.process.returncode}:\n{self.output}")
        return self.get("/readyz")[0] == 200

    def every_process(self) -> set[psutil.Process]:
        """The supervisor and all that descend from it, seen now or earlier."""
        with contextlib.suppress(psutil.NoSuchProcess):
            supervisor = psutil.Process(self.process.pid)
            self.families |= {supervisor, *supervisor.children(recursive=True)}
        return self.families

    def alive(self) -> list[psutil.Process]:
        """Those of `every_process` that still run; a zombie has ended."""
        return [process for process in self.every_process() if _runs(process)]

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`manage.py` on this stack's database."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextlib.contextmanager
def running_stack(*, seconds: float = 120.0, ready: bool = True, **variables: str) -> Iterator[Stack]:
    """`manage.py serve` in a folder of its own, ended with all its children afterwards."""
    with tempfile.TemporaryDirectory(prefix="changce-stack-") as folder:
        var_dir, port = Path(folder) / "var", free_port()
        environment = clean_environment(var_dir, **variables)
        output = Path(folder) / "output.txt"
        with output.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(port)],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                text=True,
            )
        stack = Stack(var_dir, port, process, output, environment)
        try:
            if ready:
                wait_until(stack.is_ready, seconds=seconds, what="the service being ready")
            stack.every_process()
            yield stack
        finally:
            _end(stack)


def _end(stack: Stack) -> None:
    stack.every_process()
    if stack.process.poll() is None:
        stack.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            stack.process.wait(timeout=30)
    for process in stack.alive():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    stack.process.wait(timeout=10)


@dataclass
class Worker:
    """A broker and a Celery worker on the database of the given variables."""

    redis_url: str
    processes: dict[str, subprocess.Popen[bytes]]
    environment: dict[str, str]

    @property
    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, process in self.processes.items()}


@contextlib.contextmanager
def running_worker(*, concurrency: int = 1, **variables: str) -> Iterator[Worker]:
    """Only broker and worker, on the database given by DATABASE_URL; no timetable, no pages."""
    from changping import environment as ours
    from changping.serve import broker

    with tempfile.TemporaryDirectory(prefix="changce-w-") as folder:
        socket_path = Path(folder) / "broker.sock"
        redis_url = ours.unix_redis_url(socket_path)
        environment = clean_environment(Path(folder) / "var", REDIS_URL=redis_url, **variables)
        processes: dict[str, subprocess.Popen[bytes]] = {}
        try:
            processes["broker"] = subprocess.Popen(
                broker.command(socket_path, Path(folder) / "broker"), start_new_session=True
            )
            wait_until(lambda: _pings(socket_path), what="the broker's answer")
            celery = [sys.executable, "-m", "celery", "--app", "changping.celery", "--quiet", "worker"]
            options = [f"--concurrency={concurrency}", "--without-gossip", "--without-mingle"]
            processes["worker"] = subprocess.Popen(
                [*celery, *options], cwd=ROOT, env=environment, start_new_session=True
            )
            yield Worker(redis_url, processes, environment)
        finally:
            for process in reversed(list(processes.values())):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=10)


def _pings(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """One running service for all tests that leave it in order."""
    with running_stack() as running:
        yield running


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    """A running service for a test that breaks it."""
    with running_stack() as running:
        yield running
