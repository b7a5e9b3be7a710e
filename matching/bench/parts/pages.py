"""The server's time for each main page, with many companies and reports in the database."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from matching.bench.bench_run import BenchRun

ROOT = Path(__file__).resolve().parents[3]
GOAL = "<= 150"


def measure(run: BenchRun) -> None:
    """Milliseconds of each page, the median of requests one after the other, on a SQLite database of its own."""
    companies, reports = run.sized(50, 1_000, 1_000), run.sized(5, 500, 500)
    rounds = max(run.rounds, 5)
    with tempfile.TemporaryDirectory(prefix="changce-bench-") as folder:
        variables = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        variables |= {"VAR_DIR": folder, "LOG_LEVEL": "ERROR"}
        work = f"from matching.bench.filled import time_pages; time_pages({companies}, {reports}, {rounds})"
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", work],
            cwd=ROOT, env=variables, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        run.sheet.note("pages", f"the filled service ended with {done.returncode}: {done.stderr[-500:]}")
        return
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            told = json.loads(line)
            more = {"cpu_ms": round(told["cpu_ms"], 1), "companies": companies, "reports": reports}
            run.sheet.say("pages", told["page"], told["ms"], "ms", goal=GOAL, **more)
