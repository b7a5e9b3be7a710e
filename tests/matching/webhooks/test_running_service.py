"""The running service really sends: to a receiver on this machine, also after its sender was killed."""

from __future__ import annotations

import json
import os
import signal
import urllib.request

import pytest
import standardwebhooks

from tests.matching.webhooks.receiver import a_receiver
from tests.stack import running_stack, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.stack, pytest.mark.xdist_group("stack")]


def test_a_test_arrives_signed_and_the_next_one_too_after_the_sender_was_killed():
    with a_receiver() as receiver, running_stack(seconds=400, WEBHOOKS_LOCAL="on") as stack:
        made = stack.manage("api_key", "Park", "--contact", "it@example.com", "--scope", "webhooks")

        def call(path: str, body: object = None) -> dict:
            headers = {"Authorization": f"Bearer {made.stdout.strip()}", "Content-Type": "application/json"}
            sent = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(f"{stack.url}/api/v1/{path}", sent, headers, method="POST")
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)

        endpoint = call("webhooks", {"url": receiver.url, "kinds": ["match.done"]})
        call(f"webhooks/{endpoint['id']}/test")
        wait_until(lambda: len(receiver.letters) == 1, what="the first test")
        os.kill(stack.pids["webhooks"], signal.SIGKILL)
        call(f"webhooks/{endpoint['id']}/test")
        wait_until(lambda: len(receiver.letters) == 2, what="the test after the kill")

    for letter in receiver.letters:
        event = standardwebhooks.Webhook(endpoint["secret"]).verify(letter.body, letter.headers)
        assert (event["type"], event["data"]) == ("webhook.test", {"endpoint": endpoint["id"]})
