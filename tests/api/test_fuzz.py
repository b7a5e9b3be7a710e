"""Schemathesis asks a running service whatever its own document allows and forbids; every check it knows must hold.

A few examples of each operation here, always the same ones; `./run fuzz [EXAMPLES]` makes 100 of each, other ones each time, and follows the
links between operations. With DATABASE_URL the service has a PostgreSQL database of its own for it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from changce_client import Client

from companies.models.partners import Scope
from tests.stack import Stack, running_stack

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
PROGRAM = Path(sys.executable).with_name("st")
SETTINGS = Path(__file__).with_name("schemathesis.toml")
HOOKS = Path(__file__).with_name("fuzz_hooks.py")


@contextlib.contextmanager
def own_database() -> Iterator[dict[str, str]]:
    """The variable that names a new, empty database, where tests run on PostgreSQL."""
    address = os.environ.get("DATABASE_URL", "")
    if not address.startswith("postgres"):
        yield {}
        return
    import psycopg

    name = f"fuzz_{uuid.uuid4().hex}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield {"DATABASE_URL": address.rpartition("/")[0] + "/" + name}
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def made_for(stack: Stack, key: str) -> dict[str, str]:
    """The variables that name what is there: a report of this partner's, and an offer."""
    client = Client(stack.url, key)
    client.report_on(client.send_company("绿洲生物")["id"])
    (match,) = client.pages("matches")
    report = str(match["report"]).rstrip("/").rpartition("/")[2]
    return {"FUZZ_REPORT": report, "FUZZ_OFFER": next(client.pages("offers"))["id"], "FUZZ_HOOKS": str(HOOKS)}


def ask(stack: Stack, folder: Path) -> subprocess.CompletedProcess[str]:
    scopes = [word for scope in Scope.values for word in ("--scope", scope)]
    key = stack.manage("api_key", "Fuzz", "--contact", "it@example.com", *scopes).stdout.strip()
    how = (
        ["--phases=examples,fuzzing,stateful", f"--max-examples={EXAMPLES}", "--max-response-time=3"]
        if EXAMPLES
        else ["--phases=fuzzing", "--max-examples=6", "--seed=1"]
    )
    return subprocess.run(
        [
            str(PROGRAM), f"--config-file={SETTINGS}", "run", f"{stack.url}/api/v1/schema", "--header", f"Authorization: Bearer {key}", "--checks=all",
"--suppress-health-check=all", "--continue-on-failure", "--no-color", *how,
        ],
        cwd=folder, env={**stack.environment, "HOME": str(folder), **made_for(stack, key)}, capture_output=True, text=True, timeout=7_200,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.stack
@pytest.mark.xdist_group("stack")
def test_whatever_the_document_allows_or_forbids_is_answered_as_it_says(tmp_path):
    with (
        own_database() as database,
        running_stack(
            seconds=400, API_RATE="9999999", API_PUBLIC_RATE="9999999", BATCH_MAX_LIVE="9999999", **database
        ) as stack,
    ):
        answer = ask(stack, tmp_path)

    assert answer.returncode == 0, answer.stdout[-12_000:] + answer.stderr[-2_000:]
    assert "Tested: " in answer.stdout
