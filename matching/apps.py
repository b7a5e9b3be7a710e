from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_save
from django.utils import timezone


class MatchingConfig(AppConfig):
    """Whether a company can get an offer, and why: match requests, runs, the work, the reports."""

    name = "matching"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from matching.desk import doors  # models are there only now

        doors.open_doors()
        post_save.connect(run_what_was_published, sender="policies.Release", dispatch_uid="run_what_was_published")
        post_save.connect(send_what_was_written, sender="companies.Letter", dispatch_uid="send_what_was_written")
        post_save.connect(watch_what_was_asked, sender="companies.Membership", dispatch_uid="watch_what_was_asked")


def run_what_was_published(created: bool, instance: Any, raw: bool = False, **_: Any) -> None:
    """A new release is followed by a run over all companies, stored in the same transaction."""
    from matching import actions
    from matching.jobs import runs
    from matching.models import Cause

    if created and not raw and runs.has_population():
        actions.request_run(release=instance, day=timezone.localdate(), cause=Cause.PUBLISHED, by=None)


def send_what_was_written(created: bool, raw: bool = False, **_: Any) -> None:
    """A letter is sent soon after the commit that it was written in; where no bell rings, the sweep looks for it."""
    from matching import tasks

    if created and not raw:
        transaction.on_commit(lambda: tasks.ring_for_letters(), robust=True)


def watch_what_was_asked(created: bool, instance: Any, raw: bool = False, **_: Any) -> None:
    """Whoever asked for a report before they had an account watches the company once it is theirs."""
    from companies.models import Role
    from matching.models import MatchRequest
    from matching.news import actions

    asked = MatchRequest.objects.filter(company=instance.company_id, asked_by=None, partner=None)
    if created and not raw and instance.role == Role.OWNER and asked.exists():
        actions.watch_if_undecided(company=instance.company, by=instance.user)
