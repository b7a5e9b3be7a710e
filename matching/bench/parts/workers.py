"""Matches and rows of a batch per second with one, two and four workers on PostgreSQL, and where their time goes."""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from matching.bench.bench_run import BenchRun
from matching.bench.companies import write_companies
from matching.bench.served import ROOT, Service, served
from matching.rulebooks import rulebook_of_files

COUNTS = (1, 2, 4)
_PATIENCE_SECONDS = 900
_FILL = "from matching.bench.load.filling import fill; fill(2)"
_ASK = "import sys; from matching.bench.load.timed_work import ask; ask(int(sys.argv[1]))"
_SEND = "import sys; from matching.bench.load.timed_work import send; send(sys.argv[1])"
_WORK = "import django; django.setup(); from matching.bench.load.timed_work import work; work()"


def measure(run: BenchRun) -> None:
    """Each number of workers gets the same work; the time is from the first claim to the last commit."""
    matches, rows = run.sized(20, 200, 400), run.sized(4_000, 50_000, 200_000)
    with tempfile.TemporaryDirectory(prefix="changce-w-") as name, served(Path(name)) as service:
        file = Path(name) / "companies.csv"
        write_companies(file, rows, rulebook_of_files())
        service.run(_FILL)
        for workers in COUNTS:
            service.run(_ASK, str(matches))
            _say(run, "matches", matches, workers, _worked(service, workers))
        for workers in COUNTS:
            service.run(_SEND, str(file))
            _say(run, "rows of a batch", rows, workers, _worked(service, workers))


def _worked(service: Service, workers: int) -> list[dict[str, Any]]:
    started = [
        subprocess.Popen([sys.executable, "-c", _WORK], cwd=ROOT, env=service.environment, stdout=subprocess.PIPE)
        for _ in range(workers)
    ]
    try:
        return [json.loads(one.communicate(timeout=_PATIENCE_SECONDS)[0].splitlines()[-1]) for one in started]
    finally:
        for one in started:
            if one.poll() is None:
                one.kill()
                one.wait()


def _say(run: BenchRun, what: str, count: int, workers: int, told: list[dict[str, Any]]) -> None:
    worked = [one for one in told if one["done"]]
    seconds = max(one["ended"] for one in worked) - min(one["began"] for one in worked)
    spent: Counter[str] = sum((Counter(one["spent"]) for one in worked), Counter())
    whole = spent.pop("all")
    shares = {word: f"{part / whole:.0%}" for word, part in spent.most_common()}
    shares["the rest"] = f"{1 - sum(spent.values()) / whole:.0%}"
    run.sheet.say("workers", f"{what}, {workers} at work", count / seconds, "/s", of=count, shares=shares)
