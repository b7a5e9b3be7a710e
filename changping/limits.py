"""Every limit in force: what is limited, how much, which variable changes it, and where it is enforced.

No value stands here: each is read from the one place that defines it, so this list cannot say anything else than what happens.
`manage.py limits` prints it, `docs/limits.md` is made of it, and `tests/limits` holds each at its value and one beyond.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db.models import Field, Model

from changping import retention


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: `source` is `module:NAME`, with `.attribute`, `.key` or `.field` after it where the value lies deeper."""

    part: str
    what: str
    source: str
    unit: str = ""
    variable: str = ""

    @property
    def value(self) -> Any:
        """What is in force now."""
        module, _, path = self.source.partition(":")
        found: Any = settings if module == "settings" else import_module(module)
        for name in path.split("."):
            found = _step(found, name)
        return found.max_length if isinstance(found, Field) else found

    @property
    def said(self) -> str:
        """The value with its unit, as people read it."""
        return f"{_written(self.value)} {self.unit}".strip()

    @property
    def changed_by(self) -> str:
        """The variable of the environment that changes it; nothing where it is part of the product."""
        module, _, name = self.source.partition(":")
        return self.variable or (name if module == "settings" and "." not in name and name not in _FIXED else "")


# Settings of the framework that no variable of ours changes.
_FIXED = frozenset(
    {
        "DATA_UPLOAD_MAX_MEMORY_SIZE",
        "DATA_UPLOAD_MAX_NUMBER_FIELDS",
        "DATA_UPLOAD_MAX_NUMBER_FILES",
        "ACCOUNT_REAUTHENTICATION_TIMEOUT",
        "CELERY_WORKER_MAX_TASKS_PER_CHILD",
        "EMAIL_TIMEOUT",
    }
)


def _step(found: Any, name: str) -> Any:
    if isinstance(found, type) and issubclass(found, Model):
        return found._meta.get_field(name)
    if isinstance(found, dict):
        return found[name]
    return found[int(name)] if name.isdigit() else getattr(found, name)


def _written(value: Any) -> str:
    match value:
        case timedelta():
            days = f"{value.days} day{'s' if value.days > 1 else ''}"
            return days if value.days and not value.seconds else f"{value.total_seconds():g} s"
        case float():
            return f"{value:g}"
        case int():
            return f"{value:,}"
        case tuple() | list():
            return ", ".join(map(_written, value))
    return str(value)


def _of(part: str, *rows: tuple[str, ...]) -> tuple[Limit, ...]:
    return tuple(Limit(part, *row) for row in rows)


LIMITS: tuple[Limit, ...] = (
    *_of(
        "Requests to the API",
        ("body of a request", "companies.api.parsing:MAX_BYTES", "bytes"),
        ("JSON: nesting", "companies.api.parsing:MAX_DEPTH", "levels"),
        ("JSON: digits of a number", "companies.api.parsing:MAX_DIGITS"),
        ("JSON: keys of one object", "companies.api.parsing:MAX_KEYS"),
        ("errors told in one answer", "companies.api.problems:MOST_ERRORS"),
        ("text of a parameter in the address", "companies.api.asking:LONGEST_WORDS", "characters"),
        ("times that a parameter is said", "companies.api.asking:MOST_TIMES"),
        ("Idempotency-Key", "companies.api.asking:LONGEST_KEY", "characters"),
        ("rows of a page of a list", "companies.api.pages:MOST"),
        ("rows of a page, unless said", "companies.api.pages:USUAL"),
        ("name of a company", "companies.api.companies:_LONGEST_NAME", "characters"),
        ("reference of a company", "companies.api.companies:_LONGEST_REFERENCE", "characters"),
        ("name in a stateless evaluation", "matching.api.evaluate:LONGEST_NAME", "characters"),
        ("waiting for a match in one request (`Prefer: wait`)", "matching.api.waiting:LONGEST_WAIT", "s"),
        ("requests waiting in one process", "matching.api.waiting:_WAITING_AT_ONCE"),
        ("life of a key, from the console", "companies.console.forms:LONGEST_DAYS", "days"),
        ("life of a key, from the command", "companies.management.commands.api_key:LONGEST_DAYS", "days"),
    ),
    *_of(
        "Rates",
        ("requests of one partner, over all its keys", "settings:API_RATE", "a minute"),
        ("requests of one address without a key", "settings:API_PUBLIC_RATE", "a minute"),
        ("failed sign-ins, of an address and for an account", "settings:ACCOUNT_RATE_LIMITS.login_failed"),
        ("letters for a new password, of an address and for an account", "settings:ACCOUNT_RATE_LIMITS.reset_password"),
        ("new accounts, of an address", "settings:ACCOUNT_RATE_LIMITS.signup"),
        ("links that open nothing, of a network", "companies.guessing:MISSES_A_MINUTE", "a minute"),
        ("companies described without an account, of a network", "matching.interview.views:STARTS_AN_HOUR", "an hour"),
        ("companies that one browser holds without an account", "companies.visitors:MOST_HELD"),
        ("links to one mailbox", "companies.keeping:TO_ONE_MAILBOX", "an hour"),
        ("links of one company", "companies.keeping:OF_ONE_COMPANY", "an hour"),
        ("links from one network", "companies.keeping:FROM_ONE_NETWORK", "an hour"),
        ("invitations that a person writes", "companies.actions.members:INVITATIONS_A_DAY", "a day"),
        ("exports that a person asks for", "matching.actions.exports:EXPORTS_A_DAY", "a day"),
    ),
    *_of(
        "Answers of companies",
        ("one typed answer", "companies.facts.words:LONGEST_TYPED", "characters"),
        ("digits of a number", "companies.facts.numbers:MOST_DIGITS"),
        ("entries of one answer", "companies.facts.choosing:MOST_CHOSEN"),
        ("number of a certificate", "companies.facts.choosing:LONGEST_NUMBER", "characters"),
        ("kept of an answer that cannot be read", "companies.profile_form:MOST_KEPT", "characters"),
        ("kept of a page that was sent while signed out", "companies.views:_MOST_KEPT", "characters"),
        ("name of a company", "companies.models:Company.name", "characters"),
        ("note on a link", "matching.models:SharedLink.note", "characters"),
        ("file of answers", "matching.importing.tables:MOST_BYTES", "bytes"),
        ("file of answers: rows", "matching.importing.tables:MOST_ROWS"),
        ("file of answers: unpacked workbook", "matching.importing.tables:MOST_UNPACKED", "bytes"),
    ),
    *_of(
        "Pages",
        ("body of a form", "settings:DATA_UPLOAD_MAX_MEMORY_SIZE", "bytes"),
        ("fields of a form", "settings:DATA_UPLOAD_MAX_NUMBER_FIELDS"),
        ("files of a form", "settings:DATA_UPLOAD_MAX_NUMBER_FILES"),
        ("time to set a PDF", "matching.rendering.blocks:TIME_LIMIT", "s"),
        ("PDFs set at once by one process", "matching.rendering.blocks:_AT_ONCE"),
        ("life of a sign-in", "settings:SESSION_COOKIE_AGE", "s", "SESSION_SECONDS"),
        ("password asked again before something grave, after", "settings:ACCOUNT_REAUTHENTICATION_TIMEOUT", "s"),
        ("password, at least", "settings:AUTH_PASSWORD_VALIDATORS.1.OPTIONS.min_length", "characters"),
    ),
    *_of(
        "Links",
        ("life of a link to a report, one of", "matching.actions.shared:DAYS", "days"),
        ("openings kept of a link", "matching.actions.shared:KEPT_OPENINGS"),
        ("life of an invitation", "companies.models.invitations:LIFE"),
        ("life of a link by which a company is taken over", "companies.models.claims:LIFE"),
        ("life of a link to a mailbox", "companies.actions.visits:LINK_KEPT"),
        ("time to think better of erasing", "companies.actions.erasing:COOLING_OFF"),
    ),
    *_of(
        "Rules and the catalogue",
        ("expression", "policies.rules.parsing:LONGEST", "characters"),
        ("expression: parts", "policies.rules.parsing:MOST_NODES"),
        ("expression: terms of a sum or product", "policies.rules.parsing:MOST_TERMS"),
        ("expression: nesting", "policies.rules.typed:DEEPEST", "levels"),
        ("expression of a derived fact", "policies.rules.parsing:LONGEST_DERIVED", "characters"),
        ("expression of a derived fact: parts", "policies.rules.parsing:MOST_NODES_DERIVED"),
        ("number: digits before the point", "policies.rules.typed:MOST_WHOLE_DIGITS"),
        ("tree of requirements: depth", "policies.rules.requirement_files:DEEPEST_TREE", "levels"),
        ("tree of requirements: nodes, with those of expressions", "policies.rules.documents:MOST_NODES"),
        ("items of a score", "policies.rules.scores:MOST_ITEMS"),
        ("reason for a change", "policies.desk.forms:LONGEST_REASON", "characters"),
        ("file of the catalogue", "policies.catalogue_files.reader:MAX_BYTES", "bytes"),
        ("file of the catalogue: nesting", "policies.catalogue_files.reader:MAX_DEPTH", "levels"),
        ("file of the catalogue: one text", "policies.catalogue_files.reader:MAX_SCALAR", "characters"),
        ("file of the catalogue: values", "policies.catalogue_files.reader:MAX_VALUES"),
        ("upload at the desk", "policies.catalogue_files.archives:MAX_UPLOAD", "bytes"),
        ("upload at the desk: entries of an archive", "policies.catalogue_files.archives:MAX_ENTRIES"),
        ("upload at the desk: unpacked", "policies.catalogue_files.archives:MAX_UNPACKED", "bytes"),
    ),
    *_of(
        "Batches",
        ("unpacked file", "settings:BATCH_MAX_BYTES", "bytes"),
        ("rows", "settings:BATCH_MAX_ROWS"),
        ("batches of one partner that have not ended", "settings:BATCH_MAX_LIVE"),
        ("rows of a chunk", "settings:BATCH_CHUNK_ROWS"),
        ("one row", "matching.batches.files:LONGEST_LINE", "bytes"),
        ("columns", "matching.batches.headers:MOST_COLUMNS"),
        ("times larger that a packed file may become", "matching.api.batches.uploads:MOST_TIMES"),
        ("Parquet: footer", "matching.batches.parquet_rows:MOST_FOOTER", "bytes"),
        ("Parquet: memory of reading", "matching.batches.bounded_memory:MOST_BYTES", "bytes"),
        ("number or name of a company", "matching.batches.work:LONGEST_NAME", "characters"),
        ("companies named in a request", "matching.api.batches.references:MOST_IDS"),
    ),
    *_of(
        "Webhooks",
        ("endpoints of a partner", "matching.webhooks.actions:MOST_ENDPOINTS"),
        ("address of an endpoint", "matching.webhooks.addresses:LONGEST_ADDRESS", "characters"),
        ("attempts of a delivery", "matching.jobs.deliveries:ATTEMPTS"),
        ("failures before an endpoint is stopped", "matching.jobs.deliveries:PATIENCE"),
        ("pause that a receiver may ask for", "matching.jobs.deliveries:LONGEST_WISH"),
        ("deliveries at once to one receiver", "matching.jobs.deliveries:AT_ONCE"),
        ("deliveries at once by one process", "settings:WEBHOOK_SLOTS"),
        ("time for one answer", "matching.webhooks.posting:SECONDS", "s"),
        ("read of an answer", "matching.webhooks.posting:MAX_ANSWER", "bytes"),
        ("two secrets side by side", "matching.webhooks.actions:LONGEST_OVERLAP"),
    ),
    *_of(
        "Background work",
        ("lease: a job without a sign of life is another's after", "settings:JOB_LEASE_SECONDS", "s"),
        ("attempts of a job", "settings:JOB_MAX_ATTEMPTS"),
        ("pauses between attempts", "matching.jobs.leases:PAUSES"),
        ("time of one match", "matching.jobs.matches:TIME_LIMIT"),
        ("time of one step of a run", "matching.jobs.runs:TIME_LIMIT"),
        ("time of one step of a batch", "matching.jobs.batches:TIME_LIMIT"),
        ("time of one export", "matching.jobs.exports:TIME_LIMIT"),
        ("time of a task, then it is killed", "settings:CELERY_TASK_TIME_LIMIT", "s", "TASK_TIME_LIMIT"),
        ("time of a task, then it is told", "settings:CELERY_TASK_SOFT_TIME_LIMIT", "s", "TASK_SOFT_TIME_LIMIT"),
        ("bells of one sweep", "settings:JOB_WORKER_SLOTS"),
        ("a page waits for the broker", "settings:DOORBELL_TIMEOUT", "s"),
        (
            "memory of a worker's process, then it is replaced",
            "settings:CELERY_WORKER_MAX_MEMORY_PER_CHILD",
            "kB",
            "WORKER_MEMORY_MB",
        ),
        ("tasks of a worker's process, then it is replaced", "settings:CELERY_WORKER_MAX_TASKS_PER_CHILD"),
    ),
)


def table() -> Iterator[str]:
    """The list as Markdown, for `docs/limits.md`."""
    yield "# Limits"
    yield ""
    yield "Made by `manage.py limits --format markdown`; a test keeps it equal. Where no variable is named, the limit is part of the product."
    part = ""
    for limit in LIMITS:
        if limit.part != part:
            part = limit.part
            yield from ("", f"## {part}", "", "| what | at most | variable | defined in |", "| --- | --- | --- | --- |")
        variable = f"`{limit.changed_by}`" if limit.changed_by else ""
        yield f"| {limit.what} | {limit.said} | {variable} | `{limit.source.replace('settings:', 'changping.settings:')}` |"
    yield from (
        "",
        "## Kept for how long",
        "",
        "The timetable takes these away, and `manage.py prune` shows them first.",
        "",
    )
    yield from ("| rule | what | kept | variable |", "| --- | --- | --- | --- |")
    for rule in retention.RULES:
        variable = f"`{rule.setting}`" if rule.setting else ""
        yield f"| {rule.name} | {rule.what} | {rule.said} | {variable} |"
