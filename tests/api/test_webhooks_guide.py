"""The examples of the guide to webhooks are run as they stand there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from matching.jobs.deliveries import Messenger
from matching.models import Delivery, WebhookEndpoint
from matching.webhooks.posting import Answer, Outcome

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
CURLS = [one for kind, block in BLOCKS if kind == "sh" for one in re.split(r"\n(?=curl )", block.replace("\\\n", " "))]
STATUSES = {"/webhooks": 201, "/replay": 202, "/test": 202}

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(client, key) -> list[dict]:
    """The answers to all of the guide's calls, in their order."""
    answers: list[dict] = []
    for line in CURLS:
        endpoint = answers[0]["id"] if answers else ""
        written = line.replace("$KEY", key).replace("$BASE", "").replace("$ENDPOINT", endpoint)
        _curl, *words = shlex.split(written)
        method = words.pop(0) if words[0] == "-X" and words.pop(0) else None
        address, pairs = words[0], list(zip(words[1::2], words[2::2], strict=True))
        body = "".join(value for flag, value in pairs if flag == "-d")
        headers = dict(value.split(": ", 1) for flag, value in pairs if flag == "-H")
        kind = headers.pop("Content-Type", "application/json")
        answer = client.generic(method or ("POST" if body else "GET"), address, body, kind, headers=headers)
        assert answer.status_code == STATUSES.get(address[address.rindex("/") :], 200), (line, answer.content)
        answers.append(answer.json())
    return answers


def test_every_call_of_the_guide_is_answered_well(sent):
    assert len(sent) == 6


def test_the_receiver_of_the_guide_takes_what_is_sent_once_and_nothing_else(sent):
    (example,) = [block for kind, block in BLOCKS if kind == "python"]
    names: dict = {}
    exec(compile(example, "docs/webhooks.md", "exec"), names)
    letters: list[tuple[dict, bytes]] = []

    def send(url, body, headers):
        letters.append((headers, body))
        return Answer(Outcome.RECEIVED, 204, 1)

    messenger = Messenger(slots=1, send=send)
    while messenger.step(patience=5):
        pass
    messenger.finish()
    ((headers, body),) = letters
    seen: set[str] = set()

    took = names["receive"](headers, body, sent[-1]["secret"], seen)
    again = names["receive"](headers, body, sent[-1]["secret"], seen)
    forged = names["receive"](headers, body + b" ", sent[-1]["secret"], set())

    assert (took[0], took[1]["type"]) == (204, "webhook.test")
    assert (again, forged) == ((204, None), (400, None))
    assert Delivery.objects.get().endpoint == WebhookEndpoint.objects.get()
