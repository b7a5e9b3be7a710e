"""Partners that send through the real API: each request under a key of its own, repeated until it is answered, some on purpose."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

POISON = "Poison"
"""What the company is called whose matches kill the worker."""
FIRST_DAY = date(2026, 1, 1)
THROWN_AWAY, AT_ONCE = 0.1, 0.05
"""Of so many answers the sender loses the first; so many requests are sent four times at once."""
ANSWER_SECONDS, PATIENCE_SECONDS = 20.0, 150.0


@dataclass
class Sent:
    """One request: what it asked, and all that was ever answered to its key."""

    company: str
    day: str
    poison: bool
    ids: set[str] = field(default_factory=set)
    seconds: float = 0.0
    """Of the answer that was kept: the last try, not the wait before it."""


@dataclass
class Traffic:
    """All that was sent: requests, statuses of the answers, calls without an answer."""

    sent: list[Sent] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0
    answered: int = 0
    slowest: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def refused(self) -> int:
        """Answers that say no. 409 says that the first request with the key is still at work."""
        return sum(count for status, count in self.statuses.items() if status not in (200, 201, 202, 409))

    def note(self, status: int | None, seconds: float) -> None:
        """Count an answer, or a call without one."""
        with self._lock:
            if status is None:
                self.unanswered += 1
            else:
                self.statuses[status] += 1
                self.slowest = max(self.slowest, seconds)

    def note_end(self) -> None:
        """One request has all its answers."""
        with self._lock:
            self.answered += 1


class Partner:
    """Calls the service with one key."""

    def __init__(self, port: int, key: str, traffic: Traffic) -> None:
        self.port, self.traffic = port, traffic
        self.headers = {"Host": "127.0.0.1", "Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int | None, Mapping[str, Any]]:
        """Status and JSON of one try; None where no whole answer came."""
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        try:
            headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            said, status = answer.read(), answer.status
            read = json.loads(said) if "json" in answer.headers.get("Content-Type", "") else {}
        except (OSError, http.client.HTTPException, ValueError):
            self.traffic.note(None, 0.0)
            return None, {}
        finally:
            connection.close()
        self.traffic.note(status, time.monotonic() - began)
        return status, read

    def insist(self, path: str, body: Any, key: str) -> tuple[Mapping[str, Any], float]:
        """The answer to a POST, sent again under its key until there is one, and its seconds; raises TimeoutError."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            began = time.monotonic()
            status, read = self.call("POST", path, body, key)
            if status in (200, 201, 202):
                return read, time.monotonic() - began
            if status is not None and status not in (409, 429) and status < 500:
                raise RuntimeError(f"{path}: {status} {read}")
            time.sleep(0.3)
        raise TimeoutError(f"{path} was not answered within {PATIENCE_SECONDS:.0f} s")

    def ask(self, sent: Sent, key: str, dice: Random) -> None:
        """Ask for one match, now and then as a sender does who lost the answer, or whose four threads send at once."""
        body = {"company": sent.company, "on": sent.day, "release": 1}
        if dice.random() < AT_ONCE:
            with ThreadPoolExecutor(4) as four:
                answers = list(four.map(lambda _: self.insist("/api/v1/matches", body, key), range(4)))
        else:
            answers = [
                self.insist("/api/v1/matches", body, key) for _ in range(2 if dice.random() < THROWN_AWAY else 1)
            ]
        sent.ids |= {read["id"] for read, _ in answers}
        sent.seconds = answers[-1][1]
        self.traffic.note_end()


def companies_of(partner: Partner, count: int, name: str = "Storm") -> tuple[list[str], str]:
    """Ids of so many companies with a few facts, and of the one whose matches are poison."""
    facts = {"employees": 40, "revenue_y1": "30000000.00"}
    names = [f"{name} {number}" for number in range(count)]
    made = [
        partner.insist("/api/v1/companies", {"name": one, "facts": facts}, f"company-{one}".replace(" ", "-"))[0]
        for one in (*names, POISON)
    ]
    ids = [str(one["id"]) for one in made]
    return ids[:-1], ids[-1]


def requests_of(companies: list[str], poisoned: str, jobs: int, poison: int, dice: Random) -> list[Sent]:
    """So many different questions; the poisoned ones come early, because setting them aside takes longest."""
    early = set(dice.sample(range(max(jobs // 5, poison)), poison))
    days = [(FIRST_DAY + timedelta(days=number)).isoformat() for number in range(jobs)]
    return [
        Sent(poisoned, days[number], poison=True)
        if number in early
        else Sent(companies[number % len(companies)], days[number // len(companies)], poison=False)
        for number in range(jobs)
    ]


def send_all(
    partner: Partner, requests: list[Sent], *, rate: float, threads: int, dice: Random, key: str = "storm"
) -> Callable[[], None]:
    """Begin to send them, so many a second; gives a function that waits for the end and raises what went wrong."""
    began, each = time.monotonic(), [Random(dice.random()) for _ in requests]
    partner.traffic.sent += requests

    def one(number: int) -> None:
        time.sleep(max(began + number / rate - time.monotonic(), 0.0))
        partner.ask(requests[number], f"{key}-{number}", each[number])

    pool = ThreadPoolExecutor(threads)
    futures = [pool.submit(one, number) for number in range(len(requests))]

    def finish() -> None:
        with pool:
            for future in futures:
                future.result()

    return finish
