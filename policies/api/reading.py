"""Which release and day a read of the catalogue is about, and its lists page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from companies.api.asking import Asked, refuse_key
from companies.api.facts import CatalogueView
from companies.api.pages import USUAL, next_address, read_cursor, write_cursor
from companies.api.problems import FieldFault, Problem
from companies.facts import Text, digest_of
from policies import rulebook
from policies.rules.book import Rulebook

Row = TypeVar("Row")

ON = Asked(
    "on",
    Text("As of this day; today where none is given.", "截至该日；未填写则为今天。"),
    kind="day",
    example="2026-11-30",
)
RELEASE = Asked(
    "release",
    Text("The number of a release; the current one where none is given.", "发布版编号；未填写则为当前发布版。"),
    kind="whole",
    least=1,
)
AS_OF = (ON, RELEASE)
WORDS = Asked(
    "q",
    Text("Words in English or Chinese; the best fit comes first.", "中文或英文检索词；最相关的排在最前。"),
    kind="words",
    example="机器人 rent",
)


@dataclass(frozen=True, slots=True)
class AsOf:
    """A release and a day."""

    book: Rulebook
    day: date

    def mark(self) -> dict[str, Any]:
        """How an answer says what it is about."""
        return {"release": {"number": self.book.number, "digest": self.book.digest}, "on": self.day.isoformat()}


class ReleaseView(CatalogueView):
    """A read of one release as of one day."""

    def as_of(self) -> AsOf:
        """The release and the day that are asked for; raises Problem (unavailable, invalid)."""
        return AsOf(_book(self.asked["release"]), self.asked["on"] or timezone.localdate())

    def page(
        self, request: Request, name: str, find: Callable[[AsOf], Sequence[Row]], plain: Callable[[AsOf, Row], Any]
    ) -> HttpResponse:
        """One page of what is found, with the address of the next.

        The cursor keeps release and day: a list that is being read stays one list over a publication and over midnight.
        """
        # Another question is another list, in which a place of this one means nothing.
        filters = {key: value for key, value in self.asked.items() if key not in ("cursor", "limit", "release", "on")}
        name = f"{name}:{digest_of(_plain(filters))[:16]}"
        where, start = self.as_of(), 0
        if self.asked["cursor"] is not None:
            number, day, start = _place(read_cursor(name, self.asked["cursor"]))
            where = AsOf(_book(number), day)
        found, limit = find(where), self.asked["limit"] or USUAL
        end = start + limit
        following = None
        if end < len(found):
            cursor = write_cursor(name, f"{where.book.number} {where.day.isoformat()} {end}")
            following = next_address(request, cursor)
        rows = [plain(where, row) for row in found[start:end]]
        return self.answer(request, {"results": rows, "next": following, **where.mark(), "count": len(found)})


def known_keys(book: Rulebook, asked: Mapping[str, Any], lists: Mapping[str, str]) -> None:
    """Raises Problem (invalid) for keys that the lists of the release do not have; `lists` is a list for each parameter."""
    faults: list[FieldFault] = []
    for name, listed in lists.items():
        known = [str(entry["key"]) for entry in book.lists.get(listed, ())]
        faults += [refuse_key(name, key, known) for key in asked[name] if key not in known]
    if faults:
        raise Problem("invalid", errors=faults)


def labelled(book: Rulebook, name: str, key: str | None) -> dict[str, Any] | None:
    """A key of a reference list with its label."""
    if key is None:
        return None
    said = book.label(name, key) or Text(key, key)
    return {"key": key, "label": said.to_plain()}


def each_labelled(book: Rulebook, name: str, keys: Iterable[str]) -> list[dict[str, Any] | None]:
    """The keys of a reference list with their labels."""
    return [labelled(book, name, key) for key in keys]


def plain_text(text: Text | None) -> dict[str, str] | None:
    """Words in both languages as JSON."""
    return None if text is None else text.to_plain()


def _book(number: int | None) -> Rulebook:
    try:
        return rulebook.current() if number is None else rulebook.of_release(number)
    except rulebook.NoRelease:
        if number is None:
            raise Problem("unavailable", Text("No release has been published yet.", "尚未发布任何版本。")) from None
        said = Text("There is no release with this number.", "没有这一编号的发布版。")
        raise Problem("invalid", errors=[FieldFault("", "unknown_release", said, parameter="release")]) from None


def _place(after: int | str) -> tuple[int, date, int]:
    number, day, start = str(after).split(" ")
    return int(number), date.fromisoformat(day), int(start)


def _plain(filters: Mapping[str, Any]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in filters.items()}
