"""A partner's batch on a database of its own, matched by two worker processes that are killed again and again."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matching.bench.bench_run import BenchRun
from matching.bench.companies import write_companies
from matching.rulebooks import rulebook_of_files

WORKERS, KILLS = 2, 10
_ROOT = Path(__file__).resolve().parents[2]
_SET_UP = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("load_catalogue", verbosity=0)
"""
_SEND = """
import sys
from datetime import date
from pathlib import Path
from companies.models import Partner
from matching import actions
from matching.batches.portions import open_file
from matching.models import Format
from policies import rulebook
from policies.models import Release
path = Path(sys.argv[1])
opened = open_file(path, Path("companies.csv"), rulebook.current().vocabulary)
actions.request_batch(
    opened=opened, path=path, format=Format.CSV, release=Release.objects.latest(), day=date(2026, 11, 24),
    by=Partner.objects.create(name="Bench", contact="bench@example.com"),
)
"""
_WORK = """
import time
from matching import jobs
while True:
    jobs.return_overdue()
    if not jobs.do_next("bench"):
        time.sleep(0.2)
"""
_LOOK = """
import json
from matching.models import Batch
batch = Batch.objects.with_counts().get()
print(json.dumps([batch.state, batch.rows, batch.now_accepted, batch.now_rejected, batch.taken_in_at is not None]))
"""
_OUTCOME = """
import io, json
from collections import Counter
import pyarrow.parquet as pq
from matching import batch_storage
from matching.models import Batch
batch, seen = Batch.objects.get(), Counter()
for chunk in batch.chunks.found():
    if chunk.accepted:
        ids = pq.read_table(io.BytesIO(batch_storage.read(chunk.result)), columns=["id"])["id"].to_pylist()
        seen.update(ids[:: len(ids) // chunk.accepted])
print(json.dumps([len(seen), sum(seen.values()) - len(seen), batch.rejections.filter(whole=True).count()]))
"""


def measure(run: BenchRun) -> None:
    """Rows counted, lost and doubled; seconds until all rows were taken in and until all were matched; a worker's peak."""
    rows = run.sized(20_000, 100_000, 1_000_000)
    with tempfile.TemporaryDirectory(prefix="changce-bench-") as name:
        scene = _Scene(Path(name))
        write_companies(scene.folder / "companies.csv", rows, rulebook_of_files())
        scene.run(_SET_UP)
        began = time.perf_counter()
        scene.run(_SEND, str(scene.folder / "companies.csv"))
        try:
            taken_in = scene.work_until_done(rows)
        finally:
            scene.end()
        seconds = time.perf_counter() - began
        state, counted, accepted, rejected, _ = scene.said(_LOOK)
        distinct, doubled, told = scene.said(_OUTCOME)
    say, more = run.sheet.say, {"companies": rows, "kills": scene.kills, "state": state}
    say("batch", "accepted + rejected", accepted + rejected, "rows", goal=f">= {rows}", **more)
    say("batch", "lost", counted - distinct - told, "rows", goal="<= 0", **more)
    say("batch", "doubled", doubled, "rows", goal="<= 0", **more)
    say("batch", "taken in after", taken_in - began, "s", goal="<= 180", **more)
    say("batch", "all matched after", seconds, "s", **more)
    if scene.peak:
        say("batch", "peak of a worker", scene.peak / 1e6, "MB", goal="<= 300", **more)


class _Scene:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        # Leases run out soon, so that what is measured is not the waiting for them.
        more = {"DJANGO_SETTINGS_MODULE": "changping.settings", "JOB_LEASE_SECONDS": "5", "LOG_LEVEL": "CRITICAL"}
        self.environment = {**kept, "VAR_DIR": str(folder / "var"), **more}
        (folder / "var").mkdir()
        self.workers: list[subprocess.Popen[bytes]] = []
        self.kills = 0
        self.peak = 0

    def run(self, code: str, *arguments: str) -> str:
        done = subprocess.run(
            self._command(code, *arguments), cwd=_ROOT, env=self.environment, check=True, capture_output=True, text=True
        )
        return done.stdout

    def said(self, code: str) -> Any:
        return json.loads(self.run(code).splitlines()[-1])

    def work_until_done(self, rows: int) -> float:
        """Kill a worker each time another share of the rows is done; when all rows were taken in."""
        taken_in = 0.0
        while True:
            while len(self.workers) < WORKERS:
                self.workers.append(subprocess.Popen(self._command(_WORK), cwd=_ROOT, env=self.environment))
            self._watch(0.5, lambda: all(worker.poll() is None for worker in self.workers))
            state, _, accepted, rejected, is_in = self.said(_LOOK)
            if is_in and not taken_in:
                taken_in = time.perf_counter()
            if state in ("done", "failed"):
                return taken_in
            self.workers = [worker for worker in self.workers if worker.poll() is None]
            if accepted + rejected >= rows * self.kills / (KILLS + 1) and self.kills < KILLS and self.workers:
                worker = self.workers.pop(0)
                worker.kill()
                worker.wait()
                self.kills += 1

    def end(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()

    def _watch(self, seconds: float, is_well: Callable[[], bool]) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and is_well():
            self.peak = max([self.peak, *(_peak_of(worker.pid) for worker in self.workers)])
            time.sleep(0.1)

    def _command(self, code: str, *arguments: str) -> list[str]:
        return [sys.executable, "-c", f"import django; django.setup()\n{code}", *arguments]


def _peak_of(pid: int) -> int:
    """The highest memory of a process so far, in bytes; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
