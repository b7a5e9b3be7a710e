"""Signs of life of the processes without pages, and what they have counted."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Part(models.TextChoices):
    """What kind of process gave the sign of life."""

    WORKER = "worker", _("worker")
    WEBHOOKS = "webhooks", _("sender of webhooks")


class WorkerPulseQuerySet(models.QuerySet["WorkerPulse"]):
    """Questions about the heartbeats."""

    def alive(self, *, within: timedelta = timedelta(seconds=30), part: Part = Part.WORKER) -> Self:
        """The workers (or other processes) that gave a sign of life lately, by the database's clock."""
        return self.filter(beat_at__gte=Now() - within, part=part)

    def alive_in_any_part(self, *, within: timedelta) -> Self:
        """All processes that gave a sign of life lately."""
        return self.filter(beat_at__gte=Now() - within)

    def older_than(self, age: timedelta) -> Self:
        """The workers that have been silent for that long."""
        return self.filter(beat_at__lt=Now() - age)


class WorkerPulse(models.Model):
    """The last sign of life of one worker, or of a process that sends webhooks; what `/readyz` looks at."""

    name = models.CharField(max_length=200, unique=True)
    part = models.CharField(max_length=10, choices=Part, default=Part.WORKER, db_default=Part.WORKER)
    beat_at = models.DateTimeField(db_default=Now())

    objects = WorkerPulseQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("worker's sign of life")
        verbose_name_plural = _("workers' signs of life")

    def __str__(self) -> str:
        return self.name


class Tally(models.Model):
    """How often something happened since the installation was made, over all processes: a counter for the metrics."""

    # Of our own making, never from outside: "fenced", "webhook_received", "ended:match:done".
    name = models.CharField(max_length=80, unique=True)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["name"]
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")

    def __str__(self) -> str:
        return f"{self.name}: {self.count}"
