"""The examples of the API guide are run as they stand there."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from companies import actions as company_actions
from companies.models.partners import Partner
from policies import actions
from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
CURLS = [one for kind, block in BLOCKS if kind == "sh" for one in re.split(r"\n(?=curl )", block.replace("\\\n", " "))]


@pytest.fixture
def key(db):
    actions.load_catalogue(snapshot=read_catalogue_folder(CATALOGUE_DIR).to_snapshot(), by=None)
    partner = Partner.objects.create(name="Guide", contact="it@example.com")
    return company_actions.make_key(partner=partner, label="guide", scopes=["evaluate"], by=None)[1]


@pytest.mark.slow
def test_every_curl_of_the_guide_is_answered_well(client, key):
    assert CURLS
    for line in CURLS:
        _curl, address, *words = shlex.split(line.replace("$KEY", key).replace("$BASE", ""))
        pairs = list(zip(words[::2], words[1::2], strict=True))
        sent = [value for flag, value in pairs if flag == "-d"]
        headers = dict(value.split(": ", 1) for flag, value in pairs if flag == "-H")
        method = "POST" if sent else "GET"
        kind = headers.pop("Content-Type", "")
        answer = client.generic(method, address, "".join(sent), content_type=kind, headers=headers)
        assert answer.status_code == 200, answer.content


@pytest.mark.slow
@pytest.mark.stack
@pytest.mark.xdist_group("stack")
@pytest.mark.parametrize("example", [block for kind, block in BLOCKS if kind == "python"])
def test_the_python_of_the_guide_prints_something_of_the_running_service(stack, capsys, example):
    made = stack.manage("api_key", "Guide", "--contact", "it@example.com", "--scope", "evaluate")

    exec(compile(example, "docs/api.md", "exec"), {"BASE": stack.url, "KEY": made.stdout.strip()})

    assert capsys.readouterr().out.strip()


def test_the_problem_of_the_guide_is_what_the_api_answers(client, key):
    (shown,) = [json.loads(block) for kind, block in BLOCKS if kind == "json"]

    headers = {"authorization": f"Bearer {key}", "accept-language": "en"}
    answer = client.generic(
        "POST", "/api/v1/evaluate", '{"facts": {"employes": 40}}', "application/json", headers=headers
    )

    assert answer.json() == shown
