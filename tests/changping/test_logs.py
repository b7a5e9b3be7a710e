"""What the log holds of a fault: where it happened, and nothing a company told us."""

from __future__ import annotations

import logging.config
import re
import sys

import pytest
from django.urls import URLResolver, get_resolver

from changping.logs import logging_settings, without_secret_links, without_unknown_addresses


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


def _addresses_with_a_free_word(resolver=None, prefix="/") -> list[str]:
    """Of people's pages, those with a word in them that is no id and no key of ours: it may be what opens the page."""
    found = []
    for one in (resolver or get_resolver()).url_patterns:
        here = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            found += _addresses_with_a_free_word(one, here)
        elif here.startswith("/accounts/password/reset/key/^") or "<str:" in here:
            found.append(here)
    return [one for one in found if not one.startswith(("/admin/", "/desk/", "/policies/"))]


@pytest.mark.parametrize(
    "address",
    [*_addresses_with_a_free_word(), "/accounts/confirm-email/<str:key>/", "/accounts/password/reset/key/<str:key>/"],
)
def test_a_link_that_opens_something_is_not_in_the_log(address: str):
    secret = "Ab3-c9x7_secret"
    path = re.sub(r"<str:\w+>|\^?\(\?P<.*?\)(?=/|-|\$|$)", secret, address).rstrip("$")
    event = {"event": "request_finished", "request": f"GET {path}", "code": 200}

    told = without_secret_links(None, "info", event)

    assert secret in path
    assert secret not in str(told)
    assert told["request"].startswith("GET /" + address.split("/")[1])


@pytest.mark.parametrize(
    "path", ["/Qinghe%20Biotech/", "/shared/cut-off", "/api/v1/cck_abc", "/admin/nowhere/x/", "/nowhere"]
)
def test_of_an_address_that_is_none_nothing_is_in_the_log(path: str):
    told = without_unknown_addresses(None, "info", {"request": f"GET {path}", "code": 404})

    assert told["request"] == "GET (no such address)"


@pytest.mark.parametrize(
    "path", ["/", "/policies/", "/companies/8e1f0f9c-0000-4000-8000-000000000000/", "/api/v1/facts", "/admin/"]
)
def test_an_address_of_ours_is_in_the_log(path: str):
    assert without_unknown_addresses(None, "info", {"request": f"GET {path}"})["request"] == f"GET {path}"
