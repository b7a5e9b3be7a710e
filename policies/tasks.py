"""Celery's front door: what the timetable rings for."""

from celery import shared_task
from django.utils import timezone

from policies import jobs


@shared_task(name="policies.publish_due", ignore_result=True, soft_time_limit=120, time_limit=150)
def publish_due() -> None:
    """Publish the versions that are planned for today or before."""
    jobs.publish_due(timezone.localdate())


@shared_task(name="policies.health_of_the_day", ignore_result=True, soft_time_limit=120, time_limit=150)
def health_of_the_day() -> None:
    """Look the catalogue through, once for each release and day."""
    jobs.health_of_the_day(timezone.localdate())
