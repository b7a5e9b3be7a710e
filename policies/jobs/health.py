"""Looking through the whole catalogue once for each release and day, and keeping what was found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import structlog
from django.db import transaction

from companies.facts import Text, read_vocabulary
from policies.jobs.publication import faults_of
from policies.lint import WorkItem, lint_snapshot
from policies.models import HealthCheck, PolicyVersion, Release, State
from policies.rules.book import Snapshot, snapshot_digest

# Nobody asks what was to be done long ago; the history says what was done.
KEPT = timedelta(days=30)

log = structlog.get_logger(__name__)


def health_of_the_day(day: date) -> HealthCheck | None:
    """Look the current release through as of the day, unless that was done; None without a release or anything to do."""
    number = Release.objects.order_by("-number").values_list("number", flat=True).first()
    if number is None or HealthCheck.objects.filter(release__number=number, day=day).exists():
        return None
    return check_health(day)


def check_health(day: date) -> HealthCheck | None:
    """Look the current release through as of the day, once more if need be; None without a release.

    Safe to run twice at once: both find the same, and the later row stands.
    """
    release = Release.objects.order_by("-number").first()
    if release is None:
        return None
    items = [*_in_review(release.snapshot, day), *lint_snapshot(release.snapshot, day)]
    items.sort(key=lambda item: item.urgency)
    with transaction.atomic():
        check, _made = HealthCheck.objects.update_or_create(
            release=release, day=day, defaults={"items": [item.to_plain() for item in items]}
        )
        HealthCheck.objects.filter(day__lt=day - KEPT).delete()
    log.info("health_checked", release=release.number, found=len(items))
    return check


def _in_review(snapshot: Snapshot, day: date) -> Iterator[WorkItem]:
    """Versions that could not be published any more as they are; a draft may have faults, it is being written."""
    versions = PolicyVersion.objects.filter(state=State.IN_REVIEW).select_related("policy").order_by("policy__key")
    vocabulary, _faults = read_vocabulary(snapshot["vocabulary"], snapshot["lists"])
    for version in versions:
        faults = faults_of(version, day, snapshot, vocabulary)
        if not faults:
            continue
        first, others = faults[0].message, len(faults) - 1
        more = (f" (and {others} more)", f"（另有 {others} 项）") if others else ("", "")
        message = Text(f"version {version.number}: {first.en}{more[0]}", f"第 {version.number} 版：{first.zh}{more[1]}")
        key = snapshot_digest(["review-faulty", version.policy.key, version.number, message.en])
        title = Text(version.title_en, version.title_zh)
        severity = "fault" if version.publish_on is not None else "soon"
        yield WorkItem(
            key, "review-faulty", severity, message, policy=version.policy.key, title=title, due=version.publish_on
        )
