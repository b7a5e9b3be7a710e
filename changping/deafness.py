"""A worker that does not hear the broker any more ends, so that whoever looks after it starts it again.

Celery's loop can lose its connection without noticing, for one when Redis was frozen for some seconds: bells then pile up
before a worker that waits for them. It is told by three things at once: bells wait, this worker has nothing in hand, and
it has heard nothing for a while.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

import structlog
from celery import current_app
from celery.signals import task_received, worker_ready
from celery.worker import state

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 2.0
PATIENCE_SECONDS = 10.0
"""How long bells may wait before a worker that has nothing to do."""

_heard = 0.0


@task_received.connect
def note_that_it_hears(**_: Any) -> None:
    """A message came in."""
    global _heard
    _heard = time.monotonic()


@worker_ready.connect
def begin_to_watch(**_: Any) -> None:
    """From now on, in a thread of the worker's main process, for the loop itself is what may stand still."""
    note_that_it_hears()
    threading.Thread(target=_watch, name="deafness", daemon=True).start()


def _watch() -> None:
    idle_since = time.monotonic()
    while True:
        time.sleep(LOOK_EVERY_SECONDS)
        now = time.monotonic()
        if state.reserved_requests or not is_waiting():
            idle_since = now
        elif now - max(idle_since, _heard) > PATIENCE_SECONDS:
            log.error("worker_deaf", seconds=round(now - _heard))
            os.kill(os.getpid(), signal.SIGTERM)
            return


def is_waiting() -> bool:
    """Whether bells lie before the workers; False where the broker cannot be asked."""
    try:
        with current_app.connection_for_read(connect_timeout=1.0) as connection:
            name = current_app.conf.task_default_queue
            return bool(connection.default_channel.queue_declare(queue=name, passive=True).message_count)
    except Exception:  # away, frozen, or a queue that nobody has rung yet: nothing to hear then
        return False
