"""Real processes around one small database: a broker, workers, a timetable; for tests that kill and freeze them."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from changping import environment
from changping.serve import broker
from tests.stack import clean_environment, wait_until

ROOT = Path(__file__).absolute().parents[2]

SET_UP = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.matching.catalogue import publish_small_release
from companies.actions import found_company
from companies.models import User
from matching.actions import version_to_match
publish_small_release()
lin = User.objects.create_user("lin@example.com")
version_to_match(company=found_company(name="Example", by=lin), by=lin)
"""

ASK = """
import datetime, time
from companies.models import ProfileVersion, User
from matching.actions import request_match
version, lin = ProfileVersion.objects.order_by("pk").first(), User.objects.get()
for number in range({count}):
    began = time.monotonic()
    request_match(profile_version=version, day=datetime.date(2026, 11, 24), by=lin, key=f"{prefix}{{number}}")
    print("took", time.monotonic() - began)
"""


class Scene:
    """One database with the small catalogue, and the processes started on it."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.database = folder / "var" / "changce.sqlite3"
        self.database.parent.mkdir()
        self.socket = folder / "b.sock"
        # In a folder of its own: nothing of the person who runs the tests is touched.
        self.environment = clean_environment(
            folder / "var",
            REDIS_URL=environment.unix_redis_url(self.socket),
            DJANGO_SETTINGS_MODULE="changping.settings",
            PYTHONPATH=str(ROOT),
            **variables,
        )
        self.processes: list[subprocess.Popen[bytes]] = []

    def run(self, code: str) -> str:
        """Runs code with Django set up, and gives what it printed."""
        program = f"import django; django.setup()\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, count: int, prefix: str = "k") -> list[float]:
        """Asks for so many matches; how long each took, in seconds."""
        printed = self.run(ASK.format(count=count, prefix=prefix))
        return [float(line.removeprefix("took ")) for line in printed.splitlines() if line.startswith("took ")]

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"process-{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        log.close()
        self.processes.append(process)
        return process

    def start_broker(self) -> subprocess.Popen[bytes]:
        process = self.start(*broker.command(self.socket, self.folder / "broker"))
        wait_until(self.socket.exists, what="the broker's socket")
        return process

    def start_worker(self, *, concurrency: int = 1) -> subprocess.Popen[bytes]:
        celery = [sys.executable, "-m", "celery", "--app", "changping.celery", "--quiet", "worker"]
        options = [f"--concurrency={concurrency}", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        name = f"--hostname=w{len(self.processes)}@test"
        return self.start(*celery, *options, name, "--include=tests.matching.slow_offers")

    def start_timetable(self) -> subprocess.Popen[bytes]:
        return self.start(sys.executable, "-m", "celery", "--app", "changping.celery", "--quiet", "beat")

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.database, timeout=20)) as connection:
            return connection.execute(question).fetchall()

    def states(self) -> list[str]:
        return [state for (state,) in self.rows("SELECT state FROM matching_matchrequest ORDER BY id")]

    def reports(self) -> int:
        return self.rows("SELECT count(*) FROM matching_matchreport")[0][0]

    def end(self) -> None:
        for process in reversed(self.processes):
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL for the process and its children, as when a machine is lost."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


@contextlib.contextmanager
def a_scene(folder: Path, **variables: str) -> Iterator[Scene]:
    """A scene with broker and timetable running; everything started in it ends with it."""
    scene = Scene(folder, **variables)
    try:
        scene.run(SET_UP)
        yield scene
    finally:
        scene.end()
