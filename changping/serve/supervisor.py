"""Starts the children in order, starts again what ends, and stops them in the opposite order."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

from changping import environment
from changping.serve import broker
from changping.serve.children import Child

PATIENCE_SECONDS = 20.0
START_SECONDS = 45.0
STOP_ORDER = ("web", "beat", "webhooks", "worker", "broker")


class StartFailed(Exception):
    """The service could not start; the message is one plain sentence."""


class Supervisor:
    """The embedded edition as a whole. `run` returns when somebody asked it to stop."""

    def __init__(self, *, var_dir: Path, host: str, port: int, threads: int, say: Callable[[str], None]) -> None:
        self.var_dir, self.host, self.port, self.threads, self.say = var_dir, host, port, threads, say
        self.children: list[Child] = []
        self.stopping = False
        self.on_change: Callable[[dict[str, int | None]], None] = lambda _: None

    @property
    def address(self) -> str:
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{shown}:{self.port}/"

    def pids(self) -> dict[str, int | None]:
        return {child.name: child.pid for child in self.children}

    def prepare(self, variables: Mapping[str, str]) -> None:
        """Decides which children there will be; a Redis from outside needs no broker of ours."""
        variables = {"SITE_URL": self.address, **variables, "PYTHONUNBUFFERED": "1"}
        if not variables.get("REDIS_URL"):
            path = broker.socket_path(self.var_dir)
            variables["REDIS_URL"] = environment.unix_redis_url(path)
            self.children.append(Child("broker", broker.command(path, self.var_dir / "broker"), variables))
            self._socket: Path | None = path
        else:
            self._socket = None
        # In a container everybody is root; the warning is about pickle, which we refuse.
        quiet = ["-W", "ignore:You're running the worker with superuser"]
        celery = [sys.executable, *quiet, "-m", "celery", "--app", "changping.celery", "--quiet"]
        name = f"--hostname=changce-{os.getpid()}@%h"
        worker = [
            "worker",
            name,
            "--concurrency=1",
            "--without-gossip",
            "--without-mingle",
            "--loglevel=WARNING",
        ]
        self.children += [
            Child("worker", [*celery, *worker], variables),
            Child("beat", [*celery, "beat", "--pidfile=", "--loglevel=WARNING"], variables),
            Child("webhooks", [sys.executable, "manage.py", "deliver_webhooks"], variables),
            Child("web", [sys.executable, "-m", "gunicorn", *self._gunicorn()], variables),
        ]

    def _gunicorn(self) -> list[str]:
        host = f"[{self.host}]" if ":" in self.host else self.host
        options = {
            "--bind": f"{host}:{self.port}",
            "--workers": "1",
            "--threads": str(self.threads),
            "--graceful-timeout": "10",
            "--timeout": "60",
            "--log-level": "warning",
            "--worker-tmp-dir": str(self.var_dir),
        }
        return [*(part for pair in options.items() for part in pair), "--no-control-socket", "changping.wsgi"]

    def start(self) -> None:
        """Starts everything and returns when the first page answers."""
        for child in self.children:
            child.start()
            if child.name == "broker":
                self._wait("the broker", child, self._broker_answers)
        self.on_change(self.pids())
        web = next(child for child in self.children if child.name == "web")
        self._wait("the web server", web, self._web_answers)

    def run(self) -> None:
        """Watches until somebody asks to stop."""
        while not self.stopping:
            before = self.pids()
            for child in self.children:
                if said := child.start_again_if_ended():
                    self.say(said)
            if self.pids() != before:
                self.on_change(self.pids())
            time.sleep(0.2)

    def stop(self) -> None:
        for name in STOP_ORDER:
            for child in self.children:
                if child.name == name:
                    child.stop(PATIENCE_SECONDS)
        if self._socket:
            self._socket.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                self._socket.parent.rmdir()

    def ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        # A second Ctrl-C by an impatient person changes nothing: the ordered stop is on its way.
        self.stopping = True

    def _wait(self, what: str, child: Child, is_up: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not is_up():
            if self.stopping:
                return
            if not child.is_running:
                raise StartFailed(f"{what} ended while starting; its message is above")
            if time.monotonic() > deadline:
                raise StartFailed(f"{what} did not answer within {START_SECONDS:.0f} seconds")
            time.sleep(0.05)

    def _broker_answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def _web_answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def port_is_free(host: str, port: int) -> bool:
    """Can a server listen there? Asked by binding, which is what the server will do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def stop_on_signals(supervisor: Supervisor) -> None:
    """Ctrl-C, a polite kill and a closed terminal all end in the ordered stop."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, supervisor.ask_to_stop)
