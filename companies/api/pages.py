"""Lists page by page: a cursor says after which row the next page begins, so that nothing is told twice or left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from companies.api.asking import Asked
from companies.api.problems import Problem
from companies.facts import Text

Row = TypeVar("Row", bound=Model)
USUAL, MOST = 50, 200
PAGE = (
    Asked(
        "cursor",
        Text("Where the page begins: from `next` of the page before.", "本页起点：取自上一页的 next。"),
    ),
    Asked(
        "limit", Text(f"How many rows, {USUAL} unless said.", f"行数，默认 {USUAL}。"), kind="whole", least=1, most=MOST
    ),
)
"""What the address of every such list takes."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: after which value it begins (None: from the start), and how many rows it has at most."""

    request: Request
    name: str
    after: int | str | None
    limit: int

    def answer(self, rows: QuerySet[Row], by: str, plain: Callable[[Row], Any]) -> Response:
        """`results`, each as `plain` says it, and `next`: the address of the page that follows, None on the last.

        `by` names the unique column that orders the list, with a minus for the other way round.
        """
        column = by.removeprefix("-")
        if self.after is not None:
            rows = rows.filter(**{f"{column}__{'lt' if by.startswith('-') else 'gt'}": self.after})
        found = list(rows.order_by(by)[: self.limit + 1])
        shown = found[: self.limit]
        following = None
        if len(found) > self.limit:
            following = next_address(self.request, write_cursor(self.name, getattr(shown[-1], column)))
        return Response({"results": [plain(row) for row in shown], "next": following})


def page_asked(request: Request, asked: Mapping[str, Any], name: str) -> Page:
    """The page that the address asks for (`PAGE`); raises Problem (bad-cursor).

    A cursor of another list, by its `name`, is no cursor of this one.
    """
    after = None if asked["cursor"] is None else read_cursor(name, asked["cursor"])
    return Page(request, name, after, asked["limit"] or USUAL)


def next_address(request: Request, cursor: str) -> str:
    """The address of the page that begins at this cursor: what was asked, however often a parameter stood there."""
    asked = [(name, one) for name, values in request.query_params.lists() if name != "cursor" for one in values]
    return f"{request.path}?{urlencode([*asked, ('cursor', cursor)])}"


def write_cursor(name: str, after: int | str) -> str:
    """The cursor that leads on from this value; signed, so that nobody reads rows by making one up."""
    return signing.dumps(after, salt=f"cursor:{name}")


def read_cursor(name: str, cursor: str) -> int | str:
    """The value that the cursor leads on from; raises Problem (bad-cursor)."""
    try:
        after = signing.loads(cursor, salt=f"cursor:{name}")
    except (signing.BadSignature, ValueError):
        after = None
    if not isinstance(after, int | str):
        raise Problem("bad-cursor")
    return after
