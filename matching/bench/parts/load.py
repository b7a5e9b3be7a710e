"""Eight clients at once on the whole service while a partner's large batch is matched, on either edition."""

import json
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from matching.bench.bench_run import BenchRun
from matching.bench.companies import write_companies
from matching.bench.load.beside import Batches, SingleReports
from matching.bench.load.visitors import Told, Visitor
from matching.bench.served import Processes, embedded, served, wait_until
from matching.rulebooks import rulebook_of_files

CLIENTS = 8
# What is measured is the service, not how often one partner may call it: that is a limit of its own.
VARIABLES = {"API_RATE": "1000000", "API_PUBLIC_RATE": "1000000"}
FILL = "from matching.bench.load.filling import fill; import sys; fill(int(sys.argv[1]))"
_OUTCOME = """
import json, sys
from matching.bench.load.filling import outcome
outcome(*json.load(open(sys.argv[1])))
"""
_DRAIN_SECONDS = 300


def measure(run: BenchRun) -> None:
    """Requests a second, failures, what was lost, how long answers took, and how long another partner's single reports."""
    rows = run.sized(5_000, 100_000, 100_000)
    with tempfile.TemporaryDirectory(prefix="changce-l-") as name:
        file = Path(name) / "companies.csv"
        write_companies(file, rows, rulebook_of_files())
        with tempfile.TemporaryDirectory(prefix="changce-l-") as folder, served(Path(folder), **VARIABLES) as service:
            known = service.told(FILL, str(CLIENTS))
            service.start_broker()
            service.start_web()
            service.start_worker(concurrency=2)
            service.start_beat()
            service.start_webhooks()
            wait_until(service.is_ready, seconds=180, what="the service being ready")
            Load(run, "served", service, known, file).measure()
        with tempfile.TemporaryDirectory(prefix="changce-l-") as folder, embedded(Path(folder), **VARIABLES) as alone:
            known = alone.told(FILL, str(CLIENTS))
            Load(run, "embedded", alone, known, file).measure()


class Load:
    """Clients, batch and single reports on one running service; `during` is called once while they are at it."""

    def __init__(
        self, run: BenchRun, edition: str, service: Processes, known: dict[str, Any], file: Path,
        during: Callable[[], None] | None = None, keep: bool = True,
    ) -> None:  # fmt: skip
        self.run, self.edition, self.service, self.known = run, edition, service, known
        self.told, self.stop, self.during = Told(), threading.Event(), during
        port = service.port
        self.batches = Batches(port, known["batch"]["key"], file, self.stop)
        self.singles = SingleReports(port, known["other"], self.stop)
        self.visitors = [
            Visitor(at, one, known["policies"], port, self.told, self.stop, keep)
            for at, one in enumerate(known["clients"])
        ]

    def measure(self) -> None:
        """Load the service for the time of this size, wait until all that was accepted is done, and say the figures."""
        self.batches.start()
        self.batches.begun.wait(120)
        began = time.monotonic()
        for thread in (*self.visitors, self.singles):
            thread.start()
        if self.during:
            self.during()
        self.stop.wait(max(began + self.run.sized(10, 60, 60) - time.monotonic(), 0))
        self.stop.set()
        for thread in (*self.visitors, self.batches):
            thread.join(60)
        self._say(time.monotonic() - began)

    def _say(self, seconds: float) -> None:
        told, say = self.told, self._figure
        say("requests", told.count / seconds, "/s", ">= 100")
        say("failures", sum(told.failures.values()), "requests", "<= 0", kinds=dict(told.failures))
        for name, times, goal in (("reads", told.reads, "<= 200"), ("writes", told.writes, "<= 500")):
            for share in (50, 95, 99):
                say(f"{name} p{share}", _share(times, share) * 1000, "ms", goal if share == 95 else None)
        rows = self.batches.rows()
        say("rows of the batch meanwhile", rows / seconds, "/s", batches=len(self.batches.urls))
        self.singles.join(90)
        alone = self.singles.seconds
        say("slowest single report of another partner", max(alone, default=0), "s", "<= 30", of=len(alone))
        say("single reports that did not come", self.singles.failures, "reports", "<= 0")
        medians = {name: round(_share(times, 50) * 1000) for name, times in sorted(told.by_kind.items())}
        self.run.sheet.note(
            "load", f"{self.edition}, medians in ms: {medians}; asked again on a fresh connection: {told.again}"
        )
        self._say_lost()

    def _say_lost(self) -> None:
        began, found = time.monotonic(), self._outcome()
        while found["waiting"] and time.monotonic() - began < _DRAIN_SECONDS:
            time.sleep(2)
            found = self._outcome()
        accepted, saved = len(set(self.told.accepted)), len(self.told.saved)
        done, waiting = found["states"].get("done", 0), found["waiting"]
        lost = accepted - done - waiting + abs(done - found["reports"]) + saved - found["saved"]
        self._figure(
            "lost or doubled", lost, "of all", "<= 0", matches=accepted, profiles=saved, states=found["states"]
        )
        self._figure("not done five minutes after the load", waiting, "matches", "<= 0")
        self._figure("all matches done after the load", time.monotonic() - began, "s")

    def _outcome(self) -> dict[str, Any]:
        path = self.service.folder / "accepted.json"
        path.write_text(json.dumps([sorted(set(self.told.accepted)), self.told.saved]))
        found: dict[str, Any] = self.service.told(_OUTCOME, str(path))
        return found

    def _figure(self, what: str, value: float, unit: str, goal: str | None = None, **more: object) -> None:
        self.run.sheet.say("load", f"{self.edition}: {what}", value, unit, goal=goal, clients=CLIENTS, **more)


def _share(times: Sequence[float], share: int) -> float:
    """What so many in a hundred stayed below."""
    return sorted(times)[min(len(times) * share // 100, len(times) - 1)] if times else 0.0
