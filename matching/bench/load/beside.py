"""What goes on beside the clients: a partner's batch that never ends, and another partner's single reports."""

import http.client
import threading
import time
from pathlib import Path
from typing import Any

from matching.bench.load.visitors import Line, Told

_EVERY_SECONDS = 2.0
_PATIENCE_SECONDS = 60.0


class Batches(threading.Thread):
    """Sends the same file again whenever the batch before has ended, so that one is always at work."""

    def __init__(self, port: int, key: str, file: Path, stop: threading.Event) -> None:
        super().__init__(name="batches", daemon=True)
        self.file, self.stop = file, stop
        self.urls: list[str] = []
        self.line = Line(port, Told(), keep=False, Authorization=f"Bearer {key}")
        self.begun = threading.Event()

    def run(self) -> None:
        """Until told to stop."""
        while not self.stop.is_set():
            answer = self.line.ask("POST", "/api/v1/batches", self.file.read_bytes(), Content_Type="text/csv")
            self.urls.append(answer.plain["url"])
            self.begun.set()
            while not self.stop.wait(1.0) and self.standing(self.urls[-1])["state"] in ("queued", "running"):
                pass

    def rows(self) -> int:
        """How many rows of all of them were matched or rejected so far."""
        return sum(one["accepted"] + one["rejected"] for one in map(self.standing, self.urls))

    def standing(self, url: str) -> dict[str, Any]:
        """What the API says of a batch."""
        told: dict[str, Any] = self.line.ask("GET", url).plain
        return told


class SingleReports(threading.Thread):
    """Another partner, who asks for one report every other second and waits for it."""

    def __init__(self, port: int, known: dict[str, Any], stop: threading.Event) -> None:
        super().__init__(name="single reports", daemon=True)
        self.known, self.stop = known, stop
        self.line = Line(port, Told(), keep=False, Authorization=f"Bearer {known['key']}")
        self.seconds: list[float] = []
        self.failures = 0

    def run(self) -> None:
        """Until told to stop."""
        for company in self.known["companies"]:
            began = time.monotonic()
            try:
                self.seconds.append(self._one(company))
            except (OSError, http.client.HTTPException, TimeoutError, KeyError, ValueError):
                self.failures += 1
            if self.stop.wait(max(_EVERY_SECONDS - (time.monotonic() - began), 0)):
                return

    def _one(self, company: str) -> float:
        began = time.monotonic()
        asked = b'{"company": "%s"}' % company.encode()
        url = self.line.ask("POST", "/api/v1/matches", asked, Content_Type="application/json").plain["url"]
        while self.line.ask("GET", url).plain["state"] != "done":
            if time.monotonic() - began > _PATIENCE_SECONDS:
                raise TimeoutError(url)
            time.sleep(0.2)
        return time.monotonic() - began
