"""The workers' signs of life."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class WorkerPulseQuerySet(models.QuerySet["WorkerPulse"]):
    """Questions about the workers' heartbeats."""

    def alive(self, *, within: timedelta = timedelta(seconds=30)) -> Self:
        """The workers that gave a sign of life lately, by the database's clock."""
        return self.filter(beat_at__gte=Now() - within)

    def older_than(self, age: timedelta) -> Self:
        """The workers that have been silent for that long."""
        return self.filter(beat_at__lt=Now() - age)


class WorkerPulse(models.Model):
    """The last sign of life of one worker; what `/readyz` looks at."""

    name = models.CharField(max_length=200, unique=True)
    beat_at = models.DateTimeField(db_default=Now())

    objects = WorkerPulseQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("worker's sign of life")
        verbose_name_plural = _("workers' signs of life")

    def __str__(self) -> str:
        return self.name
