"""Requests that nobody should send, to every address of the API: always an answer, always a problem that says so, never slowly."""

from __future__ import annotations

import gzip
import json
import re
import resource
import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from changping import api
from companies.api.problems import MOST_ERRORS
from companies.api.views import ApiPage
from tests.api.catalogue import release_of, shipped_snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PROBLEM = "application/problem+json"
# Of this process's work, so that a busy machine makes no fault.
SLOWEST_SECONDS = 3.0
MOST_MEMORY_KB = 150 * 1024
JSON = "application/json"
FORM = "multipart/form-data; boundary=x"

BODIES: dict[str, tuple[str, bytes]] = {
    "nothing": (JSON, b""),
    "cut off": (JSON, b'{"facts": {'),
    "deep": (JSON, b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
    "deep lists": (JSON, b"[" * 200_000),
    "NUL": (JSON, b'{"name": "a\\u0000b", "facts": {}}'),
    "half a surrogate": (JSON, b'{"name": "\\ud800", "facts": {}}'),
    "turned text": (JSON, '{"name": "\u202eabc", "facts": {}}'.encode()),
    "huge number": (JSON, b'{"facts": {"employees": ' + b"9" * 4_000 + b"}}"),
    "forty digits": (JSON, b'{"facts": {"employees": ' + b"9" * 40 + b'}, "release": ' + b"9" * 40 + b"}"),
    "endless exponent": (JSON, b'{"facts": {"employees": 1e999999999}}'),
    "no number": (JSON, b'{"facts": {"employees": NaN}}'),
    "twice": (JSON, b'{"facts": {}, "facts": {}, "name": "a", "name": "b"}'),
    "ten megabytes": (JSON, b'{"name": "' + b"a" * 10_000_000 + b'"}'),
    "many keys": (JSON, json.dumps({f"k{at}": at for at in range(30_000)}).encode()),
    "many facts": (JSON, json.dumps({"facts": {f"k{at}": at for at in range(20_000)}}).encode()),
    "bad UTF-8": (JSON, b'{"name": "\xff\xfe"}'),
    "UTF-16": (JSON, '{"name": "a"}'.encode("utf-16")),
    "text": (JSON, b'"words"'),
    "list": (JSON, b"[1, 2]"),
    "null": (JSON, b"null"),
    "true": (JSON, b"true"),
    "number": (JSON, b"12"),
    "XML": ("application/xml", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"),
    "form": ("application/x-www-form-urlencoded", b"a=1&" * 5_000),
    "broken multipart": (FORM, b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n"),
    "multipart without boundary": ("multipart/form-data", b"--x"),
    "file with a wild name": (
        FORM,
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../\x00a.csv"\r\n\r\na\r\n--x--\r\n',
    ),
    "no type": ("", b"{}"),
    "nonsense type": ("a/b/c;;;=,\x01", b"{}"),
    "wild charset": ("application/json; charset=klingon", b"{}"),
    "CSV": ("text/csv", b"a,b\n1\n\x00,\xff\n"),
    "Parquet that is none": ("application/vnd.apache.parquet", b"PAR1" + b"\x00" * 100 + b"PAR1"),
    "NDJSON": ("application/x-ndjson", b'{"a": 1}\n{"a"'),
}
GZIPPED = gzip.compress(b'{"facts": {}}')
HEADERS: dict[str, dict[str, str]] = {
    "truncated gzip": {"Content-Encoding": "gzip"},
    "unknown encoding": {"Content-Encoding": "br, klingon"},
    "only HTML": {"Accept": "text/html"},
    "no Accept at all": {"Accept": ""},
    "broken Accept": {"Accept": "*/*;q=zzz, ///, application/json;q=-1;;;"},
    "long Accept": {"Accept": "text/x-" + "a" * 20_000},
    "many languages": {"Accept-Language": ",".join(f"l{at};q=0.{at}" for at in range(500))},
    "wild language": {"Accept-Language": "zh-\x00-\xff;q=9e99"},
    "no key": {"Authorization": "Bearer"},
    "long key": {"Authorization": "Bearer cck_" + "a" * 20_000},
    "odd key": {"Authorization": "Bearer cck_\x00\xff_x"},
    "other scheme": {"Authorization": "Digest username=a"},
    "blank key": {"Authorization": "   "},
    "etags": {"If-None-Match": 'W/"' * 3_000, "If-Match": "*"},
    "dates": {"If-Modified-Since": "Thu, 99 Foo 99999 99:99:99 GMT"},
    "ranges": {"Range": "bytes=" + "0-1," * 2_000},
    "long idempotency key": {"Idempotency-Key": "a" * 10_000},
    "odd idempotency key": {"Idempotency-Key": "\x00\xff"},
    "endless patience": {"Prefer": "wait=99999999999999999999, wait=-1, respond-async; x=y"},
    "odd patience": {"Prefer": "wait=\x00; wait=１２"},
    "another method": {"X-HTTP-Method-Override": "DELETE"},
    "another host": {"Host": "evil.example\x00, a@b"},
    "forwarded": {"X-Forwarded-For": "1.2.3.4, ::::, \xff", "X-Forwarded-Proto": "gopher"},
    "odd request id": {"X-Request-ID": "\n" + "a" * 5_000, "X-Correlation-ID": "\x00"},
    "odd length": {"Content-Length": "-5"},
    "no length": {"Content-Length": "abc"},
}  # fmt: skip
QUERIES = (
    "a=1", "cursor=x", "cursor=" + "a" * 5_000, "cursor=%00", "cursor=bnVsbA:1t:x&cursor=y", "limit=0", "limit=-1", "limit=1e9", "limit=" + "9" * 500,
    "limit=１２", "q=%00", "q=%ff%fe", "q=" + "%E6%9C%BA" * 5_000, "on=0000-00-00", "on=9999-99-99", "on=2026-11-30T00:00", "release=-1",
    "release=" + "9" * 400, "zone[]=1&zone[$ne]=x", "level=%27%20OR%201=1--", "since=%F0%9F%92%A5", "&".join(f"p{at}=1" for at in range(3_000)),
    "&".join(["level=district"] * 1_900), "%", "&&&==;;", "key=cck_abc", "format=xml", "format=api", "a=" + "b" * 100_000,
)  # fmt: skip
METHODS = (
    "HEAD",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "FOO",
    "get",
    "PUT",
    "PATCH",
    "DELETE",
    "POST",
    "GET",
    "\u00e9",
)
NAMES = (
    "x",
    "%00",
    "%ff%fe",
    "..%2f..%2fetc%2fpasswd",
    "a" * 200,
    "%F0%9F%92%A5",
    "%27%22%3Cscript%3E",
    "-",
    "%0a%0d",
    "１",
)
IDS = (str(uuid.UUID(int=0)), "-" * 36, "f" * 36, "0" * 36)
VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 10**39, 0.5, "", " ", "x" * 100_000, "\u202e", "💥", "１２", "2026-02-30", "9999-12-31T23:59:59+99:99", "http://[::1", "../..",
    [], [None], [[[]]], ["x"] * 3_000, {}, {"": None}, {"value": {"value": {}}}, {"value": 1, "source": [], "on": {}},
)  # fmt: skip


def addresses(pattern: Any) -> Iterator[str]:
    """The address of a route, filled with what its form lets through."""
    text = str(pattern.pattern).removeprefix("^").removesuffix("$").replace("/?", "")
    text = re.sub(r"<(?:\w+:)?(\w+)>", r"(?P<\1>slug)", text)
    parts = re.findall(r"\(\?P<\w+>([^)]*)\)", text)
    fill = [
        IDS
        if "36" in part
        else ("1", "0", "2147483648", "9999999999")
        if "0-9" in part
        else ("invalid", "x")
        if part == "slug"
        else NAMES
        for part in parts
    ]
    for at in range(max(map(len, fill), default=1)):
        values = iter([one[at % len(one)] for one in fill])
        yield re.sub(r"\(\?P<\w+>[^)]*\)", lambda _found, values=values: next(values), text)


ROUTES = {pattern.name: pattern for pattern in api.urlpatterns if pattern.name != "nothing"}


@pytest.fixture
def send(client, key, vocabulary, monkeypatch):
    """Sends one request and looks at its answer; the key is the partner's unless a header says otherwise."""
    monkeypatch.setattr(
        "companies.api.throttling.CallerThrottle.THROTTLE_RATES", {"api": "999999/min", "api_public": "999999/min"}
    )
    client.raise_request_exception = False

    def send_one(
        method: str, path: str, what: str, *, kind: str = JSON, body: bytes = b"", headers: dict[str, str] | None = None
    ):
        begun = time.process_time()
        given = {"Authorization": f"Bearer {key}", **(headers or {})}
        answer = client.generic(method, f"/api/v1/{path}", body, kind, headers=given)
        content = answer.content if not answer.streaming else b"".join(answer.streaming_content)
        taken = time.process_time() - begun
        told = f"{method[:10]} {path[:80]} ({what}): {answer.status_code} {content[:300]!r}"
        assert answer.status_code < 500, told
        assert taken < SLOWEST_SECONDS, f"{taken:.1f} s: {told}"
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"] == PROBLEM, told
            if method != "HEAD":
                said = json.loads(content)
                assert said["status"] == answer.status_code, told
                assert said["type"].startswith("/api/v1/problems/"), told
        return answer

    return send_one


def methods_of(pattern: Any) -> list[str]:
    return [
        name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(pattern.callback.view_class, name)
    ]


@pytest.mark.parametrize("name", ROUTES)
def test_every_address_answers_hostile_requests_with_problems(send, name):
    pattern = ROUTES[name]
    paths = list(addresses(pattern))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    for path in paths:
        for method in methods_of(pattern):
            send(method, path, "hostile path", body=b"{}")
    for method in METHODS:
        send(method, paths[0], "odd method", body=b"{}")
    for query in QUERIES:
        send(methods_of(pattern)[0], f"{paths[0]}?{query}", f"query {query[:60]}", body=b"{}")
    for method in methods_of(pattern):
        for what, headers in HEADERS.items():
            send(method, paths[0], what, body=GZIPPED[:-9] if "gzip" in what else b'{"facts": {}}', headers=headers)
        for what, (kind, body) in BODIES.items() if method != "GET" else ():
            send(method, paths[0], what, kind=kind, body=body)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY_KB


def bodies_of(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each operation that takes JSON, with the schema of its body."""
    for path, operations in document["paths"].items():
        for method, one in operations.items():
            schema = one.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema")
            if schema is not None:
                name = schema.get("$ref", "").rpartition("/")[2]
                yield (
                    method.upper(),
                    path.removeprefix("/api/v1/"),
                    document["components"]["schemas"][name] if name else schema,
                )


def test_every_field_of_every_body_refuses_values_of_the_wrong_kind(send):
    document = json.loads(send("GET", "schema", "the document").content)

    taken = list(bodies_of(document))

    assert "evaluate" in [path for _method, path, _schema in taken]
    for method, path, schema in taken:
        fields = schema.get("properties", {})
        usual = {name: {} if name == "facts" else "x" for name in schema.get("required", [])}
        path = re.sub(r"\{\w+\}", IDS[0], path)
        for field in [*fields, "no such field"]:
            for value in VALUES:
                send(method, path, f"{field}: {str(value)[:40]}", body=json.dumps({**usual, field: value}).encode())


@pytest.mark.parametrize("fact", ["established", "employees", "rd_expense_y1"])
def test_every_fact_refuses_values_of_the_wrong_kind(send, fact):
    for value in VALUES:
        send("POST", "evaluate", f"{fact}: {str(value)[:40]}", body=json.dumps({"facts": {fact: value}}).encode())


@pytest.mark.parametrize(
    "path",
    [
        "",
        "nowhere",
        "nowhere/at/all?q=1",
        quote("政策"),
        "facts/a/b",
        "%2e%2e/admin",
        "a" * 10_000,
        "facts%00",
        "//facts",
    ],
)
def test_addresses_that_are_not_there_are_problems_whatever_is_sent(send, path):
    for method in METHODS:
        answer = send(method, path, "nowhere", body=b"{")
        assert answer.status_code == 404
    for what, (kind, body) in BODIES.items():
        send("POST", path, what, kind=kind, body=body)


def test_a_body_of_nothing_but_unknown_facts_is_answered_at_once(send, db):
    release_of(shipped_snapshot())
    send("POST", "evaluate", "to make the rulebook", body=b'{"facts": {"employees": "x"}}')

    answer = send(
        "POST",
        "evaluate",
        "unknown facts",
        body=json.dumps({"facts": {f"employees{at}": at for at in range(999)}}).encode(),
    )

    assert len(answer.json()["errors"]) == MOST_ERRORS
    assert "employees" in answer.json()["errors"][0]["detail"]


def test_pages_for_people_are_the_only_ones_that_are_no_json():
    pages = {name for name, pattern in ROUTES.items() if issubclass(pattern.callback.view_class, ApiPage)}

    assert pages == {"documentation", "trial", "problem"}
