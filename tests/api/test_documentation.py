"""The examples of the API guide are run as they stand there."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from urllib.parse import urlencode

import pytest

from companies import actions as company_actions
from companies.models.partners import Partner
from matching import jobs, tasks
from matching.models import MatchReport
from policies import actions
from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
CURLS = [one for kind, block in BLOCKS if kind == "sh" for one in re.split(r"\n(?=curl )", block.replace("\\\n", " "))]
SCOPES = ["evaluate", "companies", "batches"]


@pytest.fixture
def key(db):
    actions.load_catalogue(snapshot=read_catalogue_folder(CATALOGUE_DIR).to_snapshot(), by=None)
    partner = Partner.objects.create(name="Guide", contact="it@example.com")
    return company_actions.make_key(partner=partner, label="guide", scopes=SCOPES, by=None)[1]


@pytest.mark.slow
def test_every_curl_of_the_guide_is_answered_well(client, key, monkeypatch):
    monkeypatch.setattr(tasks, "ring", lambda: True)
    names = {"$KEY": key, "$BASE": ""}
    assert CURLS
    for line in CURLS:
        for name, value in names.items():
            line = line.replace(name, value)
        _curl, *words = shlex.split(line)
        method, sent, headers, address = "", "", {}, ""
        while words:
            match words.pop(0):
                case "-X":
                    method = words.pop(0)
                case "-d":
                    sent = words.pop(0)
                case "-G":
                    method = "GET"
                case "--data-urlencode":
                    name, _equals, value = words.pop(0).partition("=")
                    address += f"&{urlencode({name: value})}"
                case "-H":
                    name, _colon, value = words.pop(0).partition(": ")
                    headers[name] = value
                case word:
                    address = word
        # The server refuses an address that is not: curl sends it as it stands.
        assert address.isascii(), line
        kind = headers.pop("Content-Type", "")
        method = method or ("POST" if sent else "GET")
        answer = client.generic(method, address, sent, content_type=kind, headers=headers)
        assert 200 <= answer.status_code < 300, answer.content
        if method == "POST":
            names |= _names_of(address, answer)


def _names_of(address, answer) -> dict[str, str]:
    """What the guide calls the things that were made, once the worker has done its part."""
    match address.rpartition("/")[2]:
        case "companies":
            return {"$COMPANY": answer.json()["id"]}
        case "matches":
            jobs.do_next()
            return {"$MATCH": answer.json()["id"], "$REPORT": str(MatchReport.objects.get().public_id)}
        case batches if batches.startswith("batches"):
            while jobs.do_next():
                pass
            return {"$BATCH": answer.json()["id"]}
    return {}


@pytest.mark.slow
@pytest.mark.stack
@pytest.mark.xdist_group("stack")
@pytest.mark.parametrize("example", [block for kind, block in BLOCKS if kind == "python"])
def test_the_python_of_the_guide_prints_something_of_the_running_service(stack, capsys, example):
    wanted = [word for scope in SCOPES for word in ("--scope", scope)]
    made = stack.manage("api_key", "Guide", "--contact", "it@example.com", *wanted)

    exec(compile(example, "docs/api.md", "exec"), {"BASE": stack.url, "KEY": made.stdout.strip()})

    assert capsys.readouterr().out.strip()


def test_the_problem_of_the_guide_is_what_the_api_answers(client, key):
    (shown,) = [json.loads(block) for kind, block in BLOCKS if kind == "json"]

    headers = {"authorization": f"Bearer {key}", "accept-language": "en"}
    answer = client.generic(
        "POST", "/api/v1/evaluate", '{"facts": {"employes": 40}}', "application/json", headers=headers
    )

    assert answer.json() == shown
