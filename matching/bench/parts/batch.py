"""A CSV file of companies matched against the product's catalogue: by the code of `match_batch`, and as a partner's batch."""

import statistics
import tempfile
import time
from pathlib import Path

from matching.batches.running import Options, run_batch, usual_processes
from matching.bench import batch_kills
from matching.bench.bench_run import BenchRun
from matching.bench.companies import DAY, write_companies
from matching.bench.measuring import Timed, interleaved
from matching.rulebooks import rulebook_of_files


def measure(run: BenchRun) -> None:
    """Files by `match_batch`, and batches of partners by workers that are killed."""
    measure_files(run)
    batch_kills.measure(run)


def measure_files(run: BenchRun) -> None:
    """Companies a second on two processes, with the column of missing facts and without it."""
    rows = run.sized(10_000, 100_000, 100_000)
    rulebook, processes = rulebook_of_files(), min(usual_processes(), 2)
    with tempfile.TemporaryDirectory(prefix="changce-bench-") as name:
        folder = Path(name)
        write_companies(folder / "companies.csv", rows, rulebook)

        def matched(missing: bool) -> None:
            options = Options(processes=processes, missing=missing, restart=True)
            out = folder / f"{missing}.parquet"
            out.unlink(missing_ok=True)
            run_batch(folder / "companies.csv", out, rulebook=rulebook, day=DAY, options=options)

        seconds = interleaved(
            min(run.rounds, 2),
            {"with missing facts": Timed(lambda _: matched(True)), "without": Timed(lambda _: matched(False))},
            clock=time.perf_counter,
        )
    for what, times in seconds.items():
        rate = rows / statistics.median(times)
        run.sheet.say(
            "batch", f"CSV to Parquet, {what}", rate, "companies/s", goal=">= 20000", companies=rows,
            offers=len(rulebook.offers), processes=processes,
        )  # fmt: skip
