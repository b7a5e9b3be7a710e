"""Exports: all of a person's data as one file, made as a job and kept for some days."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models.jobs import Job, JobQuerySet, State, job_constraints, job_indexes

if TYPE_CHECKING:
    from companies.models import User

FOLDER = "exports"
"""Where the files are, in the storage of batches."""


class DataExportQuerySet(JobQuerySet):
    """Questions about exports."""

    def visible_to(self, user: "User") -> Self:
        """Only the person's own."""
        return self.filter(user=user)

    def ready(self) -> Self:
        """Those whose file is there to be fetched."""
        return self.filter(state=State.DONE, kept_until__gt=timezone.now())


class DataExport(Job):
    """One person's wish for all of their data, which is also the job that gathers it."""

    called = "export"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports")
    size = models.PositiveBigIntegerField(default=0, editable=False)
    # Until when the file is there; NULL while it is not made.
    kept_until = models.DateTimeField(null=True, editable=False)

    objects = DataExportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("export of a person's data")
        verbose_name_plural = _("exports of people's data")
        indexes = job_indexes("export")
        constraints = job_constraints("export")

    def __str__(self) -> str:
        return f"export {self.public_id}"

    @property
    def is_ready(self) -> bool:
        """Whether the file is there to be fetched."""
        return self.state == State.DONE and self.kept_until is not None and self.kept_until > timezone.now()

    @property
    def file(self) -> str:
        """The name of its file in the storage."""
        return f"{FOLDER}/{self.public_id}.zip"
