"""What the timetable does for companies and partners."""

from allauth.usersessions.models import UserSession
from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from companies.jobs import erasing
from companies.models import KeptAnswer, Visit


@shared_task(name="companies.forget_answers", ignore_result=True, soft_time_limit=50, time_limit=55)
def forget_answers() -> None:
    """Take away answers to API requests that have been kept long enough. Safe at any time and twice."""
    KeptAnswer.objects.over().delete()


@shared_task(name="companies.erase_visits", ignore_result=True, soft_time_limit=240, time_limit=250)
def erase_visits() -> None:
    """Erase companies that were described without an account and have been kept long enough. Safe at any time and twice."""
    Visit.objects.erase_over()


@shared_task(name="companies.forget_sessions", ignore_result=True, soft_time_limit=50, time_limit=55)
def forget_sessions() -> None:
    """Take away sessions that are over, and what was kept of where somebody was signed in. Safe at any time and twice."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


@shared_task(name="companies.erase_due", ignore_result=True, soft_time_limit=240, time_limit=250)
def erase_due() -> None:
    """Erase companies and accounts whose cooling-off time is over. Safe at any time and twice."""
    erasing.erase_due()
