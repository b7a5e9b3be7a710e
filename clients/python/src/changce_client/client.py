"""The client: one method for each thing a partner does, over one that calls."""

from __future__ import annotations

import http.client
import json
import random
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from changce_client.errors import ApiProblem, MatchFailed, NotReached

Json = dict[str, Any]
# Asked too often; not available just now; the first request with the same key is still at work.
_AGAIN = (429, 503)
_IN_PROGRESS = 409
_LONGEST_WAIT = 60.0


class _Straight(urllib.request.HTTPRedirectHandler):
    """A redirect is never followed: it would carry the key elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Client:
    """Calls the API with one key. Every POST carries an Idempotency-Key, so that a repeated one makes nothing twice.

    `retries` is how often a call is repeated after 429, 503 or no answer; it waits as long as the service asks, or longer each time.
    """

    def __init__(
        self,
        base: str,
        key: str,
        *,
        language: str = "en",
        timeout: float = 30.0,
        retries: int = 5,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base = base.rstrip("/") + "/"
        self.timeout, self.retries, self._sleep = timeout, retries, sleep
        self._headers = {
            "Authorization": f"Bearer {key}",
            "Accept-Language": language,
            "User-Agent": "changce-client/0.1",
        }
        self._opener = urllib.request.build_opener(_Straight)

    # --- Calling ---------------------------------------------------------------------------------------------

    def call(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None, **query: Any
    ) -> Any:
        """The answer's JSON (None where it has no body); raises ApiProblem and NotReached.

        `path` is what stands behind /api/v1/, or an address from an answer, such as `next`.
        """
        return _read(*self.fetch(method, path, body, headers=headers, **query)[1:])

    def fetch(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None, **query: Any
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and bytes of the answer; raises as `call` does."""
        sent = {**self._headers, **(headers or {})}
        content = None
        if body is not None:
            content = json.dumps(body, ensure_ascii=False, default=str).encode()
            sent.setdefault("Content-Type", "application/json")
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
        request = urllib.request.Request(self._address(path, query), content, sent, method=method)
        for attempt in range(self.retries + 1):
            pause = min(2.0**attempt, _LONGEST_WAIT) * random.uniform(0.5, 1.0)
            try:
                with self._opener.open(request, timeout=self.timeout) as answer:
                    return answer.status, answer.headers, answer.read()
            except urllib.error.HTTPError as refused:
                with refused:
                    problem = ApiProblem(refused.code, _problem(refused), refused.headers)
                waits = refused.code in _AGAIN or (refused.code == _IN_PROGRESS and problem.key == "in-progress")
                if not waits or attempt == self.retries:
                    raise problem from None
                pause = _asked_to_wait(refused.headers.get("Retry-After"), pause)
            except (OSError, http.client.HTTPException) as fault:
                if attempt == self.retries:
                    raise NotReached(f"{method} {request.full_url.partition('?')[0]}: {fault}") from fault
            self._sleep(pause)
        raise AssertionError("not reached")

    def pages(self, path: str, **query: Any) -> Iterator[Json]:
        """Each row of a list, page after page."""
        piece = self.call("GET", path, **query)
        while True:
            yield from piece["results"]
            if piece["next"] is None:
                return
            piece = self.call("GET", piece["next"])

    # --- Catalogue and evaluation ------------------------------------------------------------------------------

    def facts(self, **query: Any) -> Iterator[Json]:
        """What can be asked of a company."""
        return self.pages("facts", **query)

    def evaluate(self, facts: Mapping[str, Any], **more: Any) -> Json:
        """The report on one profile, of which nothing is stored; `on`, `release`, `name`, `compare` as the guide says."""
        return dict(self.call("POST", "evaluate", {"facts": dict(facts), **more}))

    # --- Companies, matches, reports ---------------------------------------------------------------------------

    def companies(self, **query: Any) -> Iterator[Json]:
        """Those you sent and those that agreed; `reference` keeps the one that you call so."""
        return self.pages("companies", **query)

    def send_company(self, name: str, **more: Any) -> Json:
        """Send a company: `reference`, `other_name`, `founded`, `uscc`, `facts`."""
        return dict(self.call("POST", "companies", {"name": name, **more}))

    def answer(self, company: str, facts: Mapping[str, Any]) -> Json:
        """Write these facts into its profile; None makes a fact unknown again."""
        return dict(self.call("PATCH", f"companies/{company}/profile", {"facts": dict(facts)}))

    def ask_for_match(self, company: str, **more: Any) -> Json:
        """Ask for a match; `on` and what else the guide names."""
        return dict(self.call("POST", "matches", {"company": company, **more}))

    def report_on(self, company: str, *, patience: float = 120.0, **more: Any) -> Json:
        """Ask for a match, wait for it, and give its report; raises MatchFailed, and TimeoutError when it is not done in time."""
        match = self.ask_for_match(company, **more)
        end = time.monotonic() + patience
        while match["state"] in ("queued", "running"):
            if time.monotonic() > end:
                raise TimeoutError(f"the match {match['id']} is still {match['state']}")
            match = self.call("GET", match["url"], headers={"Prefer": "wait=10"})
        if match["state"] != "done":
            raise MatchFailed(match)
        return dict(self.call("GET", match["report"]))

    # --- Changes and webhooks ----------------------------------------------------------------------------------

    def changes(self, cursor: str | None = None, *, limit: int = 100) -> Iterator[tuple[list[Json], str]]:
        """What changed since the cursor, piece by piece: keep each piece's cursor once you have worked through the piece."""
        query = {"limit": limit} if cursor is None else {"limit": limit, "cursor": cursor}
        piece = self.call("GET", "changes", **query)
        while True:
            yield piece["results"], piece["cursor"]
            if piece["next"] is None:
                return
            piece = self.call("GET", piece["next"])

    def webhooks(self) -> Iterator[Json]:
        """Your endpoints."""
        return self.pages("webhooks")

    def add_webhook(self, url: str, kinds: list[str], **more: Any) -> Json:
        """Add an endpoint; `secret` is in this answer only (None where the call was repeated: rotate it then)."""
        return dict(self.call("POST", "webhooks", {"url": url, "kinds": kinds, **more}))

    def deliveries(self, endpoint: str, **query: Any) -> Iterator[Json]:
        """What was delivered to an endpoint, the newest first."""
        return self.pages(f"webhooks/{endpoint}/deliveries", **query)

    def replay(self, endpoint: str, **what: Any) -> int:
        """Send again `event=…`, or a period (`**{"from": …, "to": …}`); how many deliveries were queued."""
        return int(self.call("POST", f"webhooks/{endpoint}/replay", what)["queued"])

    # -------------------------------------------------------------------------------------------------------------

    def _address(self, path: str, query: Mapping[str, Any]) -> str:
        address = urljoin(self.base, path if path.startswith(("/", "http")) else f"api/v1/{path}")
        if urlsplit(address)[:2] != urlsplit(self.base)[:2]:
            raise ValueError("this address belongs to another service, which must not see the key")
        asked = urlencode({name: value for name, value in query.items() if value is not None}, doseq=True)
        return f"{address}{'&' if '?' in address else '?'}{asked}" if asked else address


def _read(headers: Mapping[str, str], content: bytes) -> Any:
    return json.loads(content) if content else None


def _problem(answer: urllib.error.HTTPError) -> Json:
    try:
        read = json.loads(answer.read())
    except (ValueError, OSError, http.client.HTTPException):
        read = None
    return read if isinstance(read, dict) else {"title": answer.reason}


def _asked_to_wait(written: str | None, usual: float) -> float:
    if written is None:
        return usual
    try:
        seconds = float(written) if written.isdigit() else parsedate_to_datetime(written).timestamp() - time.time()
    except (ValueError, OverflowError):
        return usual
    return min(max(seconds, 0.0), _LONGEST_WAIT)
