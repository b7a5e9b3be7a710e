"""`manage.py worker_alive`: exit 0 when a worker gave a sign of life lately, else 1."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from changping.health import WORKER_SILENCE
from matching.models import WorkerPulse


class Command(BaseCommand):
    help = "Has any worker given a sign of life lately? Exit 1 if not. For the health check of a container."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not WorkerPulse.objects.alive(within=WORKER_SILENCE).exists():
            raise CommandError(f"no sign of life from a worker within {WORKER_SILENCE.total_seconds():.0f} seconds")
        self.stdout.write("alive")
