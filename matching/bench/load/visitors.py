"""The clients: each asks one thing after the other on a connection that it keeps, reads and writes in turn."""

import gzip
import http.client
import itertools
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

_FIRST_DAY = date(2026, 12, 1)
_MOST_EMPLOYEES = 50_000


@dataclass(slots=True)
class Told:
    """What the clients have seen, together."""

    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    by_kind: dict[str, list[float]] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)
    """Ids of matches that were accepted."""
    saved: dict[str, int] = field(default_factory=dict)
    """The number of employees last saved of each company."""
    again: int = 0
    """Requests sent again because a connection that was kept had been closed by the server meanwhile, as every client does."""

    @property
    def count(self) -> int:
        """How many requests were answered well."""
        return len(self.reads) + len(self.writes)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The page."""
        return self.body.decode()

    @property
    def plain(self) -> Any:
        """The JSON."""
        return json.loads(self.body)


class Line:
    """A connection that is kept, with the headers that go with every request on it."""

    def __init__(self, port: int, told: Told, *, keep: bool = True, **headers: str) -> None:
        self.port, self.told, self.keep = port, told, keep
        self.headers = {"Accept-Encoding": "gzip", **headers}
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Send a request; raises OSError or HTTPException where no answer comes."""
        for turn in (0, 1):
            fresh = self._connection is None
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                named = {name.replace("_", "-"): value for name, value in headers.items()}
                self._connection.request(method, path, body, {**self.headers, **named})
                got = self._connection.getresponse()
                content = got.read()
                break
            except (OSError, http.client.HTTPException):
                self.close()
                # A server may close a kept connection at any moment; a fresh one that breaks is a failure.
                if fresh or turn:
                    raise
                self.told.again += 1
        if got.will_close or not self.keep:
            self.close()
        if got.getheader("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        return Answer(got.status, dict(got.getheaders()), content)

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Visitor(threading.Thread):
    """One client: asks in a fixed turn of kinds until told to stop, three reads to each write."""

    def __init__(
        self, at: int, known: dict[str, Any], policies: list[str], port: int, told: Told, stop: threading.Event,
        keep: bool = True, pause: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(name=f"visitor-{at}", daemon=True)
        self.known, self.policies, self.told, self.stop, self.pause = known, policies, told, stop, pause
        self._numbers = itertools.count(at * 100_000 + 1)
        self._match = ""
        self._csrf = uuid.uuid4().hex
        cookies = f"sessionid={known['session']}; csrftoken={self._csrf}"
        self.browser = Line(port, told, keep=keep, Cookie=cookies)
        self.api = Line(port, told, keep=keep, Authorization=f"Bearer {known['key']}")
        self._turn = at

    def run(self) -> None:
        """Until told to stop."""
        kinds = self._kinds()
        for _ in range(self._turn):
            next(kinds)
        while not self.stop.is_set():
            self._do(*next(kinds))
            self.stop.wait(self.pause)
        self.browser.close()
        self.api.close()

    def _do(self, name: str, writes: bool, act: Callable[[], str]) -> None:
        began = time.perf_counter()
        try:
            wrong = act()
        except (OSError, http.client.HTTPException, ValueError, KeyError) as fault:
            wrong = type(fault).__name__
        if wrong:
            self.told.failures[f"{name}: {wrong}"] += 1
            return
        took = time.perf_counter() - began
        (self.told.writes if writes else self.told.reads).append(took)
        self.told.by_kind.setdefault(name, []).append(took)

    def _kinds(self) -> Iterator[tuple[str, bool, Callable[[], str]]]:
        turn: list[tuple[str, bool, Callable[[], str]]] = [
            ("ask for a match", True, self._ask),
            ("match", False, self._look),
            ("company page", False, lambda: self._page(f"/companies/{self.known['own']}/")),
            ("policies", False, lambda: self._read("/api/v1/policies?limit=10")),
            ("save a profile", True, self._save),
            ("catalogue page", False, lambda: self._page("/policies/")),
            ("my companies page", False, lambda: self._page("/companies/")),
            ("report page", False, lambda: self._page(f"/reports/{self.known['report']}/")),
            ("ask on the page", True, self._ask_on_the_page),
            ("match", False, self._look),
            ("policy page", False, self._policy),
            ("list of matches", False, lambda: self._read("/api/v1/matches?limit=10")),
            ("save a profile", True, self._save),
            ("profile", False, lambda: self._read(f"/api/v1/companies/{self._company()}/profile")),
            ("front page", False, lambda: self._page("/")),
            ("news page", False, lambda: self._page("/news/")),
        ]
        return itertools.cycle(turn)

    def _company(self) -> str:
        sent: list[str] = self.known["companies"]
        return sent[next(self._numbers) % len(sent)]

    def _ask(self) -> str:
        number = next(self._numbers)
        company = self.known["companies"][number % len(self.known["companies"])]
        day = _FIRST_DAY + timedelta(days=number % 365)
        answer = self._post("POST", "/api/v1/matches", {"company": company, "on": day.isoformat()})
        if answer.status != 202:
            return str(answer.status)
        self._match = answer.plain["id"]
        self.told.accepted.append(self._match)
        return ""

    def _ask_on_the_page(self) -> str:
        number = next(self._numbers)
        day = _FIRST_DAY + timedelta(days=number % 365)
        sent = {"csrfmiddlewaretoken": self._csrf, "day": day.isoformat(), "key": uuid.uuid4().hex}
        kind = {"Content_Type": "application/x-www-form-urlencoded"}
        path = f"/companies/{self.known['own']}/matches/"
        answer = self.browser.ask("POST", path, urlencode(sent).encode(), **kind)
        if answer.status != 302:
            return str(answer.status)
        self.told.accepted.append(answer.headers["Location"].strip("/").split("/")[-1])
        return ""

    def _save(self) -> str:
        number = next(self._numbers) % _MOST_EMPLOYEES + 1
        company = self.known["companies"][number % len(self.known["companies"])]
        answer = self._post("PATCH", f"/api/v1/companies/{company}/profile", {"facts": {"employees": number}})
        if answer.status not in (200, 201):
            return str(answer.status)
        self.told.saved[company] = number
        return ""

    def _post(self, method: str, path: str, plain: dict[str, Any]) -> Answer:
        kind = {"Content_Type": "application/json"}
        key = {"Idempotency_Key": uuid.uuid4().hex} if method == "POST" else {}
        return self.api.ask(method, path, json.dumps(plain).encode(), **kind, **key)

    def _look(self) -> str:
        return self._read(f"/api/v1/matches/{self._match}" if self._match else "/api/v1/matches?limit=1")

    def _read(self, path: str) -> str:
        answer = self.api.ask("GET", path)
        return "" if answer.status == 200 else str(answer.status)

    def _policy(self) -> str:
        return self._page(f"/policies/{self.policies[next(self._numbers) % len(self.policies)]}/")

    def _page(self, path: str) -> str:
        answer = self.browser.ask("GET", path)
        return "" if answer.status == 200 and b"</html>" in answer.body[-200:] else str(answer.status)
