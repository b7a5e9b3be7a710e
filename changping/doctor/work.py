"""The work itself: a release, a worker, what waits, webhooks and their secrets, and a document with its fonts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from changping.doctor.findings import Finding, ill, well
from changping.health import WORKER_SILENCE
from companies.account import second_factor
from companies.facts import Profile
from matching.engine.report import make_report
from matching.models import Delivery, MatchRequest, WorkerPulse
from matching.rendering.forms import FORMS
from matching.webhooks import resealing
from policies import rulebook
from policies.models import Release

LONGEST_WAIT = timedelta(minutes=2)


def release(part: str) -> Finding:
    """Whether there is one, and it can be read."""
    newest = Release.objects.defer("snapshot", "changes").order_by("-number").first()
    if newest is None:
        return ill(part, "no release has been published")
    return well(
        part, f"number {newest.number} of {newest.created_at:%Y-%m-%d}, {len(rulebook.current().offers)} offers"
    )


def worker(part: str) -> Finding:
    """Whether one gave a sign of life lately."""
    if not WorkerPulse.objects.alive(within=WORKER_SILENCE).exists():
        return ill(part, f"no sign of life within {WORKER_SILENCE.total_seconds():.0f} s")
    return well(part, "alive")


def waiting(part: str) -> Finding:
    """Whether a match waits for longer than it should."""
    late = MatchRequest.objects.runnable().filter(run_after__lt=Now() - LONGEST_WAIT).count()
    if late:
        return ill(part, f"{late} have waited for more than {LONGEST_WAIT.total_seconds():.0f} s")
    return well(part, f"{MatchRequest.objects.live().count()} at work or waiting")


def webhooks(part: str) -> Finding:
    """Whether a delivery has been due for longer than it should."""
    late = Delivery.objects.runnable().filter(run_after__lt=Now() - LONGEST_WAIT).count()
    if late:
        return ill(
            part,
            f"{late} deliveries have been due for more than {LONGEST_WAIT.total_seconds():.0f} s",
        )
    return well(part, "nothing is overdue")


def documents(part: str) -> Finding:
    """A report that says little, set as PDF in Chinese: program, process and fonts."""
    report: Any = make_report(
        rulebook.current(), Profile({}), timezone.localdate(), {"name": "昌策", "profile_version": "0"}, compare=False
    )
    made = FORMS["pdf"].make(report, "zh-hans")
    size = len(made)
    return well(part, f"a PDF of {size:,} bytes was set")


def secrets(part: str) -> Finding:
    """Whether the secrets of webhooks can be read with the keys that are set, and second factors outlive an earlier one."""
    found, factors = resealing.counted(), len(second_factor.not_of_key_in_force())
    if found.unreadable:
        return ill(part, f"{found.unreadable} of webhooks cannot be read with SECRET_KEY or its fallbacks")
    if found.earlier:
        return well(
            part, f"{found.earlier} are still sealed with an earlier key; before that key goes: manage.py reseal"
        )
    if factors:
        return well(
            part, f"{factors} second factors are not sealed with the key in force; before a key goes: manage.py reseal"
        )
    return well(part, "all can be read with SECRET_KEY")
