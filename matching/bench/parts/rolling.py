"""Web and both workers started anew one by one while the clients of `load` are at work."""

import tempfile
from pathlib import Path

from matching.bench.bench_run import BenchRun
from matching.bench.companies import write_companies
from matching.bench.load.rolling import restart_web, restart_worker
from matching.bench.parts.load import CLIENTS, FILL, VARIABLES, Load
from matching.bench.served import served, wait_until
from matching.rulebooks import rulebook_of_files

_WORKERS = ("worker-1", "worker-2")


def measure(run: BenchRun) -> None:
    """The figures of `load` during the restarts, and how long each process took to end."""
    rows = run.sized(5_000, 100_000, 100_000)
    with tempfile.TemporaryDirectory(prefix="changce-r-") as name, served(Path(name), **VARIABLES) as service:
        file = Path(name) / "companies.csv"
        write_companies(file, rows, rulebook_of_files())
        known = service.told(FILL, str(CLIENTS))
        service.start_broker()
        service.start_web()
        for worker in _WORKERS:
            service.start_worker(worker)
        service.start_beat()
        wait_until(service.is_ready, seconds=180, what="the service being ready")

        def restart() -> None:
            run.sheet.say("rolling", "web: the old processes ended after", restart_web(service), "s", goal="<= 30")
            for worker in _WORKERS:
                run.sheet.say("rolling", f"{worker}: ended after", restart_worker(service, worker), "s", goal="<= 30")

        Load(run, "rolling restart", service, known, file, during=restart).measure()
