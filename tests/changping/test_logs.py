"""What the log holds of a fault: where it happened, and nothing a company told us."""

from __future__ import annotations

import logging.config
import sys

import pytest

from changping.logs import logging_settings, without_secret_links


@pytest.mark.parametrize("as_json", [False, True], ids=["lines", "json"])
def test_a_traceback_shows_no_local_variables(as_json: bool):
    settings = logging_settings(level="INFO", as_json=as_json)
    formatter = logging.config.DictConfigurator(settings).configure_formatter(settings["formatters"]["structured"])
    revenue = "-".join(["8600", "0000"])
    try:
        raise ValueError("no good")
    except ValueError:
        record = logging.LogRecord("matching", logging.ERROR, __file__, 1, "failed", None, sys.exc_info())

    said = formatter.format(record)

    assert "ValueError" in said
    assert "test_a_traceback_shows_no_local_variables" in said
    assert revenue not in said


@pytest.mark.parametrize(
    "path", ["/shared/{}/", "/accounts/confirm-email/{}/", "/accounts/password/reset/key/{}/", "/invitations/{}/"]
)
def test_a_link_that_opens_something_is_not_in_the_log(path: str):
    event = {"event": "request_finished", "request": "GET " + path.format("3-c9x7-secret"), "code": 200}

    told = without_secret_links(None, "info", event)

    assert "secret" not in str(told)
    assert told["request"].startswith("GET " + path.partition("{")[0])
