"""What the timetable does for companies and partners."""

from celery import shared_task

from companies.models import KeptAnswer, Visit


@shared_task(name="companies.forget_answers", ignore_result=True, soft_time_limit=50, time_limit=55)
def forget_answers() -> None:
    """Take away answers to API requests that have been kept long enough. Safe at any time and twice."""
    KeptAnswer.objects.over().delete()


@shared_task(name="companies.erase_visits", ignore_result=True, soft_time_limit=240, time_limit=250)
def erase_visits() -> None:
    """Erase companies that were described without an account and have been kept long enough. Safe at any time and twice."""
    Visit.objects.erase_over()
