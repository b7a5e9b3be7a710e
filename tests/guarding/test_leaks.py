"""Nothing confidential leaves the database: real processes are driven through what goes well, what is refused and what breaks, and
then all that they said, all that the broker and the cache hold, and all letters are searched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis
import requests

from tests.stack import Stack, running_stack, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.stack]

CANARIES = {
    "figure": "48151623.42",
    "name": "Nightingale-canary Optics",
    "password": "canary pass phrase 815",
    "e-mail": "canary-person@example.com",
}
"""Those that somebody types; the key, the shared link and the webhook's secret are made by the service and join them."""


@dataclass
class Driven:
    """What was sent, and everything that came to be said about it."""

    stack: Stack
    letters: Path
    secrets: dict[str, str] = field(default_factory=lambda: dict(CANARIES))
    browser: requests.Session = field(default_factory=requests.Session)

    def page(self, path: str, **fields: Any) -> requests.Response:
        """A form of the page, sent as a browser does."""
        shown = self.browser.get(self.stack.url + path, timeout=60)
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', shown.text)
        sent = {**fields, "csrfmiddlewaretoken": token[1] if token else ""}
        return self.browser.post(self.stack.url + path, sent, timeout=60)

    def api(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.secrets['API key']}", **more.pop("headers", {})}
        return requests.request(
            method, f"{self.stack.url}/api/v1/{path}", json=body, headers=headers, timeout=60, **more
        )


BROKEN = """
from companies.models import Company, ProfileVersion, User
from matching.actions import request_match
import datetime
company = Company.objects.filter(name__contains="canary").first()
last = company.latest_version
broken = ProfileVersion.objects.create(company=company, number=last.number + 1, answers={{"employees": {{"value": ["{figure}", "{name}"]}}, "x": "{figure}"}}, digest="0" * 64)
request_match(profile_version=broken, day=datetime.date(2026, 11, 25), by=User.objects.get(email="{email}"))
"""


def what_goes_well(driven: Driven) -> None:
    """The main trip, and a partner's."""
    said = driven.secrets
    signed = driven.page(
        "/accounts/signup/", email=said["e-mail"], password1=said["password"], password2=said["password"]
    )
    assert signed.status_code == 200
    made = driven.page("/companies/new/", name=said["name"], founded="yes")
    company = re.search(r"/companies/([0-9a-f-]{36})/", made.url + made.text)
    assert company is not None, made.url
    here = f"/companies/{company[1]}"
    profile = driven.browser.get(f"{driven.stack.url}{here}/profile/", timeout=60).text
    section = next(
        one
        for one in re.findall(rf"{here}/profile/([\w-]+)/", profile)
        if "money" in one or "finance" in one or "scale" in one
    )
    driven.page(f"{here}/profile/{section}/", revenue_y1=said["figure"])
    waiting = driven.page(f"{here}/matches/", day="2026-11-25")
    match = re.search(r"/(?:matches|reports)/([0-9a-f-]{36})/", waiting.url)
    assert match is not None, waiting.url

    def report() -> str:
        found = re.search(r"/reports/([0-9a-f-]{36})/", driven.browser.get(waiting.url, timeout=60).url)
        return found[1] if found else ""

    wait_until(report, what="the report")
    link = driven.page(f"/reports/{report()}/share/", days="7", shows="figures", named="on", note=said["name"])
    said["shared link"] = re.search(r"/shared/([\w-]{43})/", link.text)[1]  # type: ignore[index]
    assert requests.get(f"{driven.stack.url}/shared/{said['shared link']}/", timeout=60).status_code == 200
    driven.browser.get(f"{driven.stack.url}/reports/{report()}/pdf/", timeout=120)
    driven.page(f"{here}/members/", email="guest-" + said["e-mail"], role="reader")

    told = driven.stack.manage(
        "api_key",
        said["name"],
        "--contact",
        said["e-mail"],
        *[f"--scope={one}" for one in ("evaluate", "companies", "batches", "webhooks")],
    )
    said["API key"] = re.search(r"cck_[\w-]+", told.stdout)[0]  # type: ignore[index]
    sent = driven.api(
        "POST", "companies", {"name": said["name"], "reference": "r", "facts": {"revenue_y1": said["figure"]}}
    )
    assert sent.status_code in (200, 201), sent.text
    assert driven.api("POST", "matches", {"company": sent.json()["id"]}, headers={"Prefer": "wait=20"}).status_code in (
        201,
        202,
    )
    assert driven.api("POST", "evaluate", {"facts": {"revenue_y1": said["figure"]}}).status_code == 200
    hook = driven.api("POST", "webhooks", {"url": "https://hooks.example.com/x", "kinds": ["match.done"]})
    assert hook.status_code == 201, hook.text
    said["webhook secret"] = hook.json()["secret"]
    csv = f"id,name,revenue_y1\nx,{said['name']},{said['figure']}\n"
    batch = driven.api("POST", "batches", headers={"Content-Type": "text/csv"}, data=csv.encode())
    assert batch.status_code == 202, batch.text
    wait_until(lambda: driven.api("GET", f"batches/{batch.json()['id']}").json()["state"] == "done", what="the batch")


def what_is_refused(driven: Driven) -> None:
    """Wrong passwords, wrong values, wrong addresses."""
    said, url = driven.secrets, driven.stack.url
    other = Driven(driven.stack, driven.letters)
    other.page("/accounts/login/", login=said["e-mail"], password=said["password"] + "x")
    other.page("/accounts/login/", login=said["password"], password=said["e-mail"])
    other.page("/accounts/signup/", email=said["e-mail"], password1="1", password2="2")
    for path in (
        f"/shared/{said['shared link']}x/",
        f"/shared/{said['shared link']}",
        f"/nowhere/{said['name']}/",
        f"/policies/?q={said['figure']}",
        f"/invitations/{said['shared link']}/",
    ):
        requests.get(url + path, timeout=60)
    driven.api(
        "POST",
        "companies",
        {"name": said["name"], "facts": {"revenue_y1": said["figure"] + "x", said["name"]: said["figure"]}},
    )
    driven.api(
        "POST",
        "evaluate",
        {"facts": {"employees": said["name"], "revenue_y1": {"value": said["figure"], "source": said["e-mail"]}}},
    )
    driven.api("GET", f"companies?key={said['API key']}&q={said['figure']}")
    driven.api("GET", "companies", headers={"Authorization": f"Bearer {said['API key']}x"})
    driven.api("GET", "companies", headers={"Authorization": f"Basic {said['API key']}"})
    driven.api(
        "POST", "webhooks", {"url": f"https://{said['API key'].replace('_', '-')}.internal/", "kinds": [said["figure"]]}
    )
    driven.api(
        "POST", "batches", headers={"Content-Type": "text/csv"}, data=f"id,{said['name']}\n{said['figure']}".encode()
    )


def what_breaks(driven: Driven) -> None:
    """Bodies that are none, and stored answers that cannot be read."""
    said, url = driven.secrets, driven.stack.url
    for body in (
        f'{{"name": "{said["name"]}", "facts": {{"revenue_y1": {said["figure"]}',
        f'"{said["figure"]}"',
        "\x00" + said["e-mail"],
    ):
        driven.api("POST", "companies", headers={"Content-Type": "application/json"}, data=body.encode())
        driven.api("POST", "evaluate", headers={"Content-Type": "application/json"}, data=body.encode())
    requests.post(f"{url}/accounts/login/", data={"login": said["e-mail"], "password": said["password"]}, timeout=60)
    requests.get(url, headers={"Host": f"{said['figure']}.example", "X-Request-ID": said["API key"]}, timeout=60)
    requests.post(
        f"{url}/companies/new/",
        data=b"--x\r\n" + said["name"].encode(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
        timeout=60,
    )
    before = driven.stack.output.count("\n")
    done = driven.stack.manage(
        "shell", "-c", BROKEN.format(figure=said["figure"], name=said["name"], email=said["e-mail"])
    )
    assert done.returncode == 0, done.stderr
    wait_until(lambda: driven.stack.output.count("\n") > before + 1, what="the worker saying that it failed")


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    letters = tmp_path_factory.mktemp("letters")
    with running_stack(EMAIL_URL=f"filemail:///{letters}", JOB_MAX_ATTEMPTS="1") as stack:
        driven = Driven(stack, letters)
        what_goes_well(driven)
        what_is_refused(driven)
        what_breaks(driven)
        yield driven


def held_by_broker_and_cache(stack: Stack) -> str:
    """Every key and value of every database of the server behind broker and cache."""
    variables = psutil.Process(stack.pids["web"]).environ()
    told = []
    for number in range(4):
        with redis.Redis.from_url(variables["REDIS_URL"] + f"?db={number}") as server:
            for key in server.scan_iter():
                told.append(repr(key))
                match server.type(key):
                    case b"string":
                        told.append(repr(server.get(key)))
                    case b"list":
                        told.append(repr(server.lrange(key, 0, -1)))
                    case b"hash":
                        told.append(repr(server.hgetall(key)))
                    case b"set":
                        told.append(repr(server.smembers(key)))
                    case b"zset":
                        told.append(repr(server.zrange(key, 0, -1, withscores=True)))
                    case other:
                        told.append(repr((other, server.dump(key))))
    return "\n".join(told)


def found_in(text: str, secrets: dict[str, str]) -> list[str]:
    """Which of them stand there, also as they are written in an address or as whole number."""
    shapes = {
        what: {said, said.replace(" ", "+"), said.replace(" ", "%20"), said.replace("@", "%40")}
        for what, said in secrets.items()
    }
    shapes["figure"] |= {secrets["figure"].replace(".", ""), secrets["figure"].partition(".")[0]}
    return sorted(what for what, written in shapes.items() if any(one in text for one in written))


def test_seven_canaries_were_driven_through(driven: Driven):
    assert set(driven.secrets) == {*CANARIES, "API key", "shared link", "webhook secret"}
    stored = driven.stack.manage("dumpdata", "--all").stdout
    assert found_in(stored, driven.secrets) == ["e-mail", "figure", "name"], (
        "the database has them, and no secrets in clear"
    )


def test_none_is_in_what_the_processes_say(driven: Driven):
    told = driven.stack.output

    lines = [line for line in told.splitlines() if found_in(line, driven.secrets)]
    assert lines == []
    assert "request_finished" in told, "the log is the one that is searched"


def test_none_is_in_any_file_beside_the_database(driven: Driven):
    kept = {"changce.sqlite3", "changce.sqlite3-wal", "changce.sqlite3-shm"}
    company_files = driven.stack.var_dir / "batches", driven.stack.var_dir / "snapshots"
    for path in driven.stack.var_dir.rglob("*"):
        if path.is_file() and path.name not in kept and not any(one in path.parents for one in company_files):
            assert found_in(path.read_bytes().decode(errors="replace"), driven.secrets) == [], path


def test_none_is_in_the_broker_or_the_cache(driven: Driven):
    told = held_by_broker_and_cache(driven.stack)

    assert found_in(told, driven.secrets) == []
    assert len(told) > 200, "there is something in it to be searched"


def test_letters_hold_only_what_their_reader_is_to_have(driven: Driven):
    told = "".join(path.read_text(errors="replace") for path in driven.letters.rglob("*") if path.is_file())

    assert "guest-" in told
    assert not {"figure", "password", "API key", "shared link", "webhook secret"} & set(found_in(told, driven.secrets))


def test_the_search_finds_one_that_was_planted(driven: Driven):
    for what, said in driven.secrets.items():
        assert found_in(f"… {said} …", driven.secrets) == [what] or what in found_in(f"… {said} …", driven.secrets)
