"""`manage.py deliver_webhooks`: the process that sends webhooks, until it is asked to stop."""

import os
import signal
import socket
import time
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseFault
from django.db import close_old_connections, connection

from matching.jobs import beat, keep_tallies, notices
from matching.jobs.deliveries import Messenger
from matching.models import Part

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5
TELL_SECONDS = 30.0
BEAT_SECONDS = 10.0


class Command(BaseCommand):
    """Looks for due deliveries twice a second; any number of these may run, on any machines."""

    help = "Send webhooks to partners' receivers, until told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs until SIGTERM or SIGINT, then waits for the answers that are still to come."""
        self.stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        messenger = Messenger()
        name = f"webhooks@{socket.gethostname()}:{os.getpid()}"
        told = beaten = 0.0
        while not self.stopping:
            try:
                if not messenger.step(patience=LOOK_SECONDS):
                    time.sleep(LOOK_SECONDS)
                now = time.monotonic()
                if now - beaten > BEAT_SECONDS:
                    beaten = now
                    beat(name, Part.WEBHOOKS)
                    keep_tallies()
                if now - told > TELL_SECONDS:
                    told = now
                    notices.tell_of_stopped()
            except DatabaseFault as fault:
                # The database is away: what was claimed goes back when its lease runs out.
                log.error("webhooks_without_database", fault=type(fault).__name__)
                connection.close()
                time.sleep(2 * LOOK_SECONDS)
            close_old_connections()
        messenger.finish()
        keep_tallies(now=True)

    def _stop(self, *_: Any) -> None:
        self.stopping = True
