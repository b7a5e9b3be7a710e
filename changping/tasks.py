"""What the timetable does for the whole installation."""

from celery import shared_task

from changping import retention


@shared_task(name="changping.prune", ignore_result=True, soft_time_limit=500, time_limit=510)
def prune() -> None:
    """Take away what was kept long enough. Safe at any time and twice; what the time does not suffice for comes the next time."""
    retention.apply()
