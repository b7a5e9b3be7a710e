"""What the log holds of a fault: where it happened, and nothing a company told us."""

from __future__ import annotations

import logging.config
import sys

import pytest

from changping.logs import logging_settings


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
