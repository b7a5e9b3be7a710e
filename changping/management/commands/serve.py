"""`manage.py serve`: the embedded edition, complete, in one terminal."""

from __future__ import annotations

import io
import os
import socket
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections

from changping.serve.broker import BrokerUnavailable
from changping.serve.lock import AlreadyRunning, ServeLock
from changping.serve.supervisor import StartFailed, Supervisor, port_is_free, stop_on_signals

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Command(BaseCommand):
    help = "Prepares the database, loads the catalogue and a demo company, and serves pages and worker."
    # The checks of the project run with `./run check`; here they would cost a second of every start.
    requires_system_checks: list[str] = []
    demo = ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port of the pages (default: 8000)")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--threads", type=int, default=8, help="requests answered at once (default: 8)")
        parser.add_argument("--no-demo", action="store_true", help="without the demo company and its people")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        if not 0 < port < 65536:
            raise CommandError(f"--port must be between 1 and 65535, not {port}")
        lock = self._lock()
        supervisor = Supervisor(
            var_dir=settings.VAR_DIR, host=host, port=port, threads=options["threads"], say=self.say
        )
        stop_on_signals(supervisor)
        try:
            if not port_is_free(host, port):
                raise CommandError(f"port {port} of {host} is in use or not allowed; choose another: --port {port + 1}")
            self._load(with_demo=not options["no_demo"])
            self._serve(supervisor, lock)
        finally:
            lock.release()

    def _lock(self) -> ServeLock:
        try:
            return ServeLock(Path(settings.VAR_DIR))
        except AlreadyRunning as other:
            where = f"already running at {other.address}" if other.address else "another start is under way"
            raise CommandError(f"{where} (process {other.pid})") from None
        except OSError as fault:
            raise CommandError(f"cannot write to {settings.VAR_DIR}: {fault.strerror}") from None

    def _load(self, *, with_demo: bool) -> None:
        try:
            self.say("preparing the database")
            call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
            self.say("loading the catalogue")
            call_command("load_catalogue", stdout=self.stdout, stderr=self.stderr)
            if with_demo:
                self.say("loading the demo")
                told = io.StringIO()
                call_command("load_demo", stdout=told, stderr=self.stderr)
                # The sign-ins it names belong next to the address, where people look.
                self.demo = told.getvalue().strip()
        except DatabaseError as fault:
            raise CommandError(f"the database does not work: {fault}") from fault
        finally:
            # The children open connections of their own.
            connections.close_all()

    def _serve(self, supervisor: Supervisor, lock: ServeLock) -> None:
        variables = {
            **os.environ,
            "VAR_DIR": str(settings.VAR_DIR),
            "DJANGO_SETTINGS_MODULE": "changping.settings",
        }
        if supervisor.host not in LOOPBACK and "ALLOWED_HOSTS" not in os.environ:
            names = {*settings.ALLOWED_HOSTS, supervisor.host, socket.gethostname(), socket.getfqdn()}
            variables["ALLOWED_HOSTS"] = ",".join(sorted(names - {"0.0.0.0", "::"}))
        try:
            supervisor.prepare(variables)
            supervisor.on_change = lambda pids: lock.write(supervisor.address, pids)
            self.say("starting broker, worker, timetable and web server")
            supervisor.start()
            if not supervisor.stopping:
                self._welcome(supervisor.address)
            supervisor.run()
        except (BrokerUnavailable, StartFailed) as fault:
            raise CommandError(str(fault)) from fault
        finally:
            self.say("stopping")
            supervisor.stop()
            self.say("stopped")

    def _welcome(self, address: str) -> None:
        self.stdout.write("")
        self.stdout.write(self.style.SUCCESS(f"Changce 昌策 is ready: {address}"))
        if self.demo:
            self.stdout.write(self.demo)
        self.stdout.write("Ctrl-C stops it.")
        self.stdout.flush()

    def say(self, sentence: str) -> None:
        self.stdout.write(f"serve: {sentence}")
        self.stdout.flush()
