"""The picture of the four zones on the front page: which lies in which, drawn to explain and not to scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from policies.rules.closed_words import closed_word

WIDTH, HEIGHT = 360, 420
_LINE = 15
# A Chinese character is as wide as two letters.
_WIDE = 0x2E80


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a zone is drawn: a box or an ellipse, the place of its number, and its words with their width in letters."""

    key: str
    box: tuple[int, int, int, int]
    is_round: bool
    fill: str
    words: tuple[int, int, int]
    anchor: str = "middle"


# The first holds all the others, so it is drawn first.
_SHAPES = (
    Shape("services-demo-zone", (4, 4, 352, 412), False, "#eef4f5", (44, 30, 44), "start"),
    Shape("zgc-changping-park", (118, 188, 98, 90), True, "#9fd3c7", (95, 184, 22)),
    Shape("ftz-changping-cluster", (242, 188, 98, 90), True, "#ffd166", (274, 184, 22)),
    Shape("talent-highland-core", (186, 312, 140, 66), True, "#c3b7e6", (186, 320, 32)),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A zone in the picture: its number in the list, its shape, its name in lines with their places."""

    number: int
    shape: Shape
    lines: Sequence[tuple[int, str]]
    is_stated: bool
    mark_at: tuple[int, int]


def draw(zones: Sequence[Mapping[str, Any]]) -> list[Drawn]:
    """The zones of the list that have a shape, in the active language; none where one of them is missing."""
    numbered = {str(zone["key"]): (number, zone) for number, zone in enumerate(zones, start=1)}
    if not all(shape.key in numbered for shape in _SHAPES):
        return []
    return [_drawn(shape, *numbered[shape.key]) for shape in _SHAPES]


def _drawn(shape: Shape, number: int, zone: Mapping[str, Any]) -> Drawn:
    language = get_language() or "en"
    x, y, width = shape.words
    name = zone["label"]["zh" if language.startswith("zh") else "en"]
    lines = list(wrapped(name, width))
    is_stated = zone.get("basis") == "stated"
    if not is_stated:
        lines.append(f"({closed_word(str(zone.get('basis'))).said(language)})")
    top = y - _LINE * (len(lines) - 1) // 2 if shape.anchor == "middle" else y
    placed = [(top + at * _LINE, line) for at, line in enumerate(lines)]
    mark = (x, top - 22) if shape.anchor == "middle" else (x - 20, y - 4)
    return Drawn(number, shape, placed, is_stated, mark)


def wrapped(words: str, width: int) -> Iterator[str]:
    """The words in lines no wider than so many letters: broken at blanks, in Chinese between any two characters."""
    line = ""
    for piece in _pieces(words):
        if line and _width(line + piece.rstrip()) > width:
            yield line.strip()
            line = ""
        line += piece
    if line.strip():
        yield line.strip()


def _pieces(words: str) -> Iterator[str]:
    piece = ""
    for sign in words:
        piece += sign
        if sign == " " or ord(sign) >= _WIDE:
            yield piece
            piece = ""
    if piece:
        yield piece


def _width(words: str) -> int:
    return sum(2 if ord(sign) >= _WIDE else 1 for sign in words)
