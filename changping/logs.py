"""Structured logs: one line per event with the request's id; no query strings, secrets, bodies or personal data."""

from __future__ import annotations

import logging.config
import re
from typing import Any
from urllib.parse import unquote

import structlog
from django.urls import Resolver404, resolve
from structlog.types import EventDict, WrappedLogger

# Addresses whose next word opens something for whoever has it.
_SECRET_LINK = re.compile(
    r"(/(?:shared|invitations|claims|resume|news/calendar|news/no-letters|accounts/confirm-email|accounts/password/reset/key)/)"
    r"[^/\s]+"
)


def without_secret_links(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Cuts the secret out of the address of a request: whoever reads a log opens no link with it."""
    request = event.get("request")
    if isinstance(request, str):
        event["request"] = _SECRET_LINK.sub(r"\1…", request)
    return event


def without_query_string(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Cuts what follows the `?` in a request line: people type into it."""
    request = event.get("request")
    if isinstance(request, str) and "?" in request:
        event["request"] = request.split("?", 1)[0]
    event.pop("user_agent", None)
    return event


def without_unknown_addresses(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Says of an address that is none of ours only that: people paste names, keys and cut-off links into it."""
    request = event.get("request")
    if isinstance(request, str):
        method, _blank, path = request.partition(" ")
        if not _is_ours(unquote(path)):
            event["request"] = f"{method} (no such address)"
    return event


def _is_ours(path: str) -> bool:
    try:
        found = resolve(path)
    except Resolver404:
        return False
    # Two addresses take whatever no other one does.
    return found.view_name != "api:nothing" and "url" not in found.kwargs


def without_health_checks(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Drops the line of a health check that went well: there is one every few seconds."""
    if event.get("code") == 200 and event.get("request") in {"GET /healthz", "GET /readyz", "GET /metrics"}:
        raise structlog.DropEvent
    return event


_BEFORE: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    without_query_string,
    without_secret_links,
    without_unknown_addresses,
    without_health_checks,
]


def logging_settings(*, level: str, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, as JSON or as readable lines."""
    # structlog's usual tracebacks show local variables, and with them passwords and figures of companies.
    bare_dicts = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    last: list[Any] = (
        [structlog.processors.ExceptionRenderer(bare_dicts), structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _BEFORE,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
            }
        },
        "handlers": {"standard_error": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["standard_error"], "level": level},
        "loggers": {
            # A 404's path may hold a secret link, and each request has its own line already.
            "django.request": {"level": "ERROR"},
            # Somebody sent too much and is told so; the line of the request says 400.
            "django.security.RequestDataTooBig": {"level": "CRITICAL"},
            # The name that was asked for is whatever somebody wrote there; the line of the request says 400 too.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.server": {"level": "WARNING", "handlers": [], "propagate": True},
            "celery": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
        },
    }


def configure(config: dict[str, Any]) -> None:
    """Sets up the standard library's logging and structlog on top of it."""
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[
            *_BEFORE,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
