"""What can go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiProblem(Exception):
    """The service answered with a problem (RFC 9457)."""

    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        self.status, self.body, self.headers = status, dict(body), headers
        super().__init__(self._said())

    @property
    def key(self) -> str:
        """Which problem it is, such as “invalid” or “not-found”: stable, unlike the words."""
        return str(self.body.get("type", "")).rstrip("/").rpartition("/")[2]

    @property
    def errors(self) -> list[dict[str, Any]]:
        """Each value that cannot be used: `pointer` (or `parameter`), `code`, `detail`."""
        return list(self.body.get("errors", ()))

    def _said(self) -> str:
        parts = [f"{self.status} {self.body.get('title', '')}".strip(), self.body.get("detail", "")]
        parts += [f"{one.get('pointer') or one.get('parameter')}: {one.get('detail')}" for one in self.errors]
        return "; ".join(part for part in parts if part)


class NotReached(Exception):
    """No answer came, after all retries. Whether the service did what was asked is not known: the same call may be repeated."""


class MatchFailed(Exception):
    """A match ended without a report; `match` says why."""

    def __init__(self, match: Mapping[str, Any]) -> None:
        self.match = dict(match)
        super().__init__(f"the match {match.get('id')} is {match.get('state')}: {match.get('reason')}")
