"""Web and workers started anew one by one, as docs/operations.md says it is done."""

import signal

import psutil

from matching.bench.served import Service, wait_until

PATIENCE_SECONDS = 120.0


def restart_web(service: Service) -> float:
    """SIGHUP to gunicorn: new processes come, the old ones answer what they have begun and go; seconds until the last has gone."""
    master = psutil.Process(service.processes["web"].pid)
    old = master.children()
    master.send_signal(signal.SIGHUP)
    return wait_until(
        lambda: not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in old),
        seconds=PATIENCE_SECONDS,
        what="the end of the old web processes",
    )


def restart_worker(service: Service, name: str, *, concurrency: int = 1) -> float:
    """SIGTERM: the worker ends what it has begun, and another takes its place; seconds until it had stopped."""
    seconds = service.stop(name, seconds=PATIENCE_SECONDS)
    service.start_worker(name, concurrency=concurrency)
    return seconds
