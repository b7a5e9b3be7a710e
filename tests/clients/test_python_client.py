"""The Python client against a server that misbehaves, and against the real service."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from changce_client import ApiProblem, Client, NotGenuine, NotReached, read_event

from matching.webhooks.secrets import new_secret, signed_headers

README = (Path(__file__).resolve().parents[2] / "clients" / "python" / "README.md").read_text(encoding="utf-8")


@dataclass
class Server:
    """Answers one after the other as planned; None hangs up."""

    url: str = ""
    plan: list[tuple[int, dict[str, str], Any] | None] = field(default_factory=list)
    calls: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            made.calls.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            planned = made.plan.pop(0)
            if planned is None:
                self.close_connection = True
                return
            status, headers, content = planned
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if content is not None:
                with contextlib.suppress(OSError):
                    self.wfile.write(json.dumps(content).encode())

        do_GET = do_POST = do_PATCH = answer

        def log_message(self, *_: object) -> None:
            """Nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{running.server_port}"
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    running.shutdown()
    running.server_close()
    thread.join(5)


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def client(server, slept) -> Client:
    return Client(server.url, key="cck_x", retries=3, sleep=slept.append)


def test_what_comes_too_often_is_repeated_after_as_long_as_the_service_asks(server, client, slept):
    server.plan = [(429, {"Retry-After": "7"}, {}), (503, {"Retry-After": "2"}, {}), (200, {}, {"ok": True})]

    assert client.call("GET", "facts") == {"ok": True}
    assert slept == [7.0, 2.0]


def test_a_repeated_post_carries_the_same_key_and_body(server, client):
    server.plan = [None, (409, {}, {"type": "/api/v1/problems/in-progress/"}), (201, {}, {"id": "1"})]

    client.send_company("绿洲生物", facts={"employees": 40})

    keys = {headers["idempotency-key"] for _method, _path, headers, _body in server.calls}
    assert len(server.calls) == 3
    assert len(keys) == 1
    assert {body for *_rest, body in server.calls} == {'{"name": "绿洲生物", "facts": {"employees": 40}}'.encode()}


def test_two_posts_have_two_keys(server, client):
    server.plan = [(201, {}, {}), (201, {}, {})]

    client.send_company("A")
    client.send_company("B")

    first, second = (headers["idempotency-key"] for _method, _path, headers, _body in server.calls)
    assert first != second


def test_after_all_retries_it_says_that_nothing_was_reached(server, client, slept):
    server.plan = [None] * 4

    with pytest.raises(NotReached):
        client.call("GET", "facts?key=secret")
    assert len(slept) == 3
    assert all(0 < pause <= 4 for pause in slept)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500])
def test_other_problems_are_told_at_once(server, client, status):
    problem = {
        "type": "/api/v1/problems/invalid/",
        "title": "No",
        "errors": [{"pointer": "/a", "code": "b", "detail": "c"}],
    }
    server.plan = [(status, {"Content-Type": "application/problem+json"}, problem)]

    with pytest.raises(ApiProblem) as told:
        client.call("GET", "facts")

    assert (told.value.status, told.value.key, told.value.errors[0]["code"]) == (status, "invalid", "b")
    assert "/a: c" in str(told.value)


def test_a_redirect_is_not_followed_and_another_host_not_called(server, client):
    server.plan = [(302, {"Location": "http://127.0.0.1:9/"}, None)]

    with pytest.raises(ApiProblem):
        client.call("GET", "facts")
    with pytest.raises(ValueError, match="another service"):
        client.call("GET", "http://127.0.0.1:9/api/v1/facts")
    assert len(server.calls) == 1


def test_pages_are_followed_to_the_end(server, client):
    server.plan = [
        (200, {}, {"results": [1, 2], "next": "/api/v1/companies?cursor=x"}),
        (200, {}, {"results": [3], "next": None}),
    ]

    assert list(client.companies(limit=2)) == [1, 2, 3]
    assert [path for _method, path, *_rest in server.calls] == [
        "/api/v1/companies?limit=2",
        "/api/v1/companies?cursor=x",
    ]


SECRET, OTHER = new_secret(), new_secret()
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
BODY = '{"type":"match.done","timestamp":"x","data":{"match":"m"}}'


def test_a_webhook_of_ours_is_read_also_while_its_secret_is_rotated():
    headers = signed_headers("e1", NOW, BODY, [SECRET, OTHER])

    for secrets in (SECRET, OTHER, [new_secret(), OTHER]):
        event = read_event(headers, BODY.encode(), secrets, now=NOW.timestamp())
        assert (event["id"], event["type"], event["data"]) == ("e1", "match.done", {"match": "m"})


@pytest.mark.parametrize(
    "change",
    [
        {"body": BODY.encode() + b" "}, {"secret": OTHER}, {"now": NOW.timestamp() + 301}, {"now": NOW.timestamp() - 301},
        {"webhook-id": "e2"}, {"webhook-timestamp": "x"}, {"webhook-timestamp": "9" * 40}, {"webhook-signature": "v1,x é"},
        {"webhook-signature": "v1a,x"}, {"webhook-signature": ""}, {"webhook-id": ""},
    ],
)  # fmt: skip
def test_a_webhook_that_is_not_genuine_is_refused(change):
    headers = {
        **signed_headers("e1", NOW, BODY, [SECRET]),
        **{k: v for k, v in change.items() if k.startswith("webhook")},
    }

    with pytest.raises(NotGenuine):
        read_event(
            headers,
            change.get("body", BODY.encode()),
            change.get("secret", SECRET),
            now=change.get("now", NOW.timestamp()),
        )


@pytest.mark.slow
@pytest.mark.stack
@pytest.mark.xdist_group("stack")
def test_with_the_real_service_as_the_readme_says(stack, capsys):
    made = stack.manage(
        "api_key",
        "Client",
        "--contact",
        "it@example.com",
        "--scope",
        "companies",
        "--scope",
        "webhooks",
        "--scope",
        "evaluate",
    )
    names: dict[str, Any] = {"BASE": stack.url, "KEY": made.stdout.strip()}
    (example,) = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)

    exec(compile(example, "clients/python/README.md", "exec"), names)

    assert "offers" in capsys.readouterr().out
    client: Client = names["client"]
    for name in ("B", "C"):
        client.send_company(name, reference=name)
    assert [one["name"] for one in client.companies(limit=1)] == ["绿洲生物", "B", "C"]
    assert [one["name"] for one in client.companies(reference="B")] == ["B"]
    first, again = (client.call("POST", "companies", {"name": "D"}, headers={"Idempotency-Key": "d"}) for _ in range(2))
    assert first == again
    assert client.answer(names["company"]["id"], {"employees": 41})
    assert len(client.evaluate({"employees": 40})["offers"]) > 10
    with pytest.raises(ApiProblem) as told:
        client.evaluate({"employes": 40})
    assert (told.value.key, told.value.errors[0]["pointer"]) == ("invalid", "/facts/employes")
    endpoint = client.add_webhook("https://example.com/hook", ["match.done"])
    assert endpoint["secret"].startswith("whsec_")
    assert [one["id"] for one in client.webhooks()] == [endpoint["id"]]
    assert list(client.deliveries(endpoint["id"])) == []
    assert client.replay(endpoint["id"], **{"from": "2026-01-01T00:00:00Z"}) == 0
    ((changes, cursor),) = client.changes()
    assert changes == []
    assert list(client.changes(cursor)) == [([], cursor)]
