"""Included by a worker, puts its clock off by SHIFT_SECONDS: what Python, Django and Celery ask there is no longer the time."""

import os
import time
from datetime import datetime, timedelta

from celery.worker import request
from django.utils import timezone

SECONDS = float(os.environ["SHIFT_SECONDS"])
_true_time, _true_now = time.time, timezone.now


class ShiftedDay(datetime):
    """Celery asks here whether a message is too old."""

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + timedelta(seconds=SECONDS)


time.time = lambda: _true_time() + SECONDS
timezone.now = lambda: _true_now() + timedelta(seconds=SECONDS)
request.datetime = ShiftedDay
