"""Asking for all of one's own data."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from companies import security
from companies.models import User
from matching import tasks
from matching.models import DataExport

EXPORTS_A_DAY = 5


class TooManyExports(Exception):
    """The person has asked as often today as one may."""


@transaction.atomic
def ask_for_export(*, by: User) -> DataExport:
    """All of the person's data as a file, made in the background; one that is under way is given again. Raises TooManyExports."""
    User.objects.select_for_update().get(pk=by.pk)  # two clicks at once are one wish
    own = DataExport.objects.visible_to(by)
    if (live := own.live().first()) is not None:
        return live
    if own.filter(created_at__gt=timezone.now() - timedelta(days=1)).count() >= EXPORTS_A_DAY:
        raise TooManyExports
    export = DataExport.objects.create(user=by, max_attempts=settings.JOB_MAX_ATTEMPTS)
    transaction.on_commit(tasks.ring, robust=True)
    security.note("export_asked", export=str(export.public_id), by=by.pk)
    return export
