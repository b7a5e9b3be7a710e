"""How long things are kept: the one list of rules, which the timetable applies and `manage.py prune` shows and applies.

Not here: what is trimmed whenever something newer is written (the bitmaps of runs, workers' signs of life, what the catalogue's
health check found), and counters in the cache, which end by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db.models import Min, QuerySet
from django.utils import timezone

from companies.actions.erasing import COOLING_OFF
from companies.jobs import erasing, forgetting
from companies.models import Company, KeptAnswer, User, Visit
from companies.models.answers import KEPT as ANSWERS_KEPT
from companies.models.visitors import KEPT as VISITS_KEPT
from matching.jobs import batches, exports, notices, old_reports, shared_links

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """What a rule would take away now: how much, and the moment from which the oldest counts, where rows say it."""

    count: int
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of thing, how long it is kept after it ended (None: for ever), and what is due; each safe at any time and twice."""

    name: str
    what: str
    kept: Callable[[], timedelta | None]
    due: Callable[[], Due]
    apply: Callable[[], int]
    setting: str = ""

    @property
    def said(self) -> str:
        """How long, in words."""
        kept = self.kept()
        if kept is None:
            return "for ever"
        return f"{kept.days} days" if kept else "until they end"


def _rows(found: Callable[[], QuerySet[Any]], moment: str) -> Callable[[], Due]:
    def due() -> Due:
        rows = found()
        return Due(rows.count(), rows.order_by().aggregate(oldest=Min(moment))["oldest"])

    return due


def _deleted(found: Callable[[], QuerySet[Any]]) -> Callable[[], int]:
    def apply() -> int:
        rows = found()
        return rows.delete()[1].get(rows.model._meta.label, 0)

    return apply


def _to_be_erased() -> Due:
    dues = [
        _rows(lambda m=model: m.objects.filter(erase_at__lte=timezone.now()), "erase_at")() for model in (Company, User)
    ]
    return Due(sum(due.count for due in dues), min((due.oldest for due in dues if due.oldest), default=None))


def _report_days() -> timedelta | None:
    return timedelta(days=settings.REPORT_KEEP_DAYS) if settings.REPORT_KEEP_DAYS else None


RULES: tuple[Rule, ...] = (
    Rule(
        "sessions",
        "sessions that are over, and where somebody was signed in",
        lambda: timedelta(0),
        _rows(forgetting.sessions_over, "expire_date"),
        forgetting.forget_sessions,
    ),
    Rule(
        "answers",
        "answers to API requests with an Idempotency-Key",
        lambda: ANSWERS_KEPT,
        _rows(KeptAnswer.objects.over, "created_at"),
        _deleted(KeptAnswer.objects.over),
    ),
    Rule(
        "invitations",
        "invitations that were used, taken back or are over",
        lambda: forgetting.KEPT,
        _rows(forgetting.invitations_over, "created_at"),
        _deleted(forgetting.invitations_over),
    ),
    Rule(
        "letters",
        "that a letter was sent, or was not; what it said is forgotten when it leaves",
        lambda: forgetting.KEPT,
        _rows(forgetting.letters_over, "finished_at"),
        _deleted(forgetting.letters_over),
    ),
    Rule(
        "claims",
        "links by which a company is taken over, used, taken back or over",
        lambda: forgetting.KEPT,
        _rows(forgetting.claims_over, "created_at"),
        _deleted(forgetting.claims_over),
    ),
    Rule(
        "links",
        "links to reports that are over or revoked, with the log of their openings",
        lambda: shared_links.KEPT,
        _rows(shared_links.long_over, "created_at"),
        shared_links.forget,
    ),
    Rule(
        "events",
        "events for webhooks, with their deliveries",
        lambda: notices.KEPT,
        _rows(notices.old_events, "created_at"),
        notices.forget_old,
    ),
    Rule(
        "exports",
        "files of people's own data, and files that belong to nobody",
        lambda: exports.KEPT,
        lambda: Due(len(exports.old_files())),
        exports.forget_old,
    ),
    Rule(
        "batches",
        "uploads, results and rejections of ended batches; their counts stay",
        lambda: timedelta(days=settings.BATCH_KEEP_DAYS),
        _rows(batches.old_batches, "finished_at"),
        batches.prune,
        setting="BATCH_KEEP_DAYS",
    ),
    Rule(
        "reports",
        "reports that are not the newest of their company and that no link opens",
        _report_days,
        _rows(old_reports.old_requests, "finished_at"),
        old_reports.forget,
        setting="REPORT_KEEP_DAYS",
    ),
    Rule(
        "visits",
        "companies described without an account, from their last answer",
        lambda: VISITS_KEPT,
        _rows(Visit.objects.over, "expires_at"),
        Visit.objects.erase_over,
    ),
    Rule(
        "erasing",
        "companies and accounts that were asked to be erased",
        lambda: COOLING_OFF,
        _to_be_erased,
        erasing.erase_due,
    ),
)


def apply(rules: Iterable[Rule] = RULES) -> dict[str, int | None]:
    """Take away what is due, rule by rule; how much by each, None where a rule failed: the others go on."""
    gone: dict[str, int | None] = {}
    for rule in rules:
        try:
            gone[rule.name] = rule.apply()
        except SoftTimeLimitExceeded:
            raise
        except Exception as fault:
            # The kind only: messages of drivers hold what was in the row.
            log.error("not_pruned", rule=rule.name, fault=type(fault).__name__)
            gone[rule.name] = None
    if any(gone.values()):
        log.info("pruned", **{name: count for name, count in gone.items() if count})
    return gone
