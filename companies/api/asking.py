"""What can be asked for beside the body: parameters of the address and headers, declared once, read and described from that."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from rest_framework.request import Request

from companies.api.problems import FieldFault, Problem
from companies.facts import Text, ValueFault, nearest, quoted, typed_text
from companies.facts.days import read_day

LONGEST_WORDS = 200
LONGEST_KEY = 255  # as long as an Idempotency-Key may be
LARGEST_NUMBER = 2_147_483_647
MOST_TIMES = 50  # of one parameter in an address
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,10}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that can be asked for: its name, what it means, and which values it takes.

    `words` are text as people type it, a `key` is a name in the catalogue or of a row, a `day` is YYYY-MM-DD, a `whole` a number from
    `least` to `most`, a `flag` true or false; `one_of` lists the only values. With `many` it may be said several times, and any of them fits.
    """

    name: str
    said: Text
    kind: Literal["words", "key", "day", "whole", "flag"] = "key"
    one_of: tuple[str, ...] = ()
    many: bool = False
    least: int = 0
    most: int = LARGEST_NUMBER
    place: Literal["query", "path", "header"] = "query"
    example: str | None = None

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the values."""
        one = self._schema_of_one()
        return {"type": "array", "items": one, "maxItems": MOST_TIMES} if self.many else one

    def _schema_of_one(self) -> dict[str, Any]:
        if self.one_of:
            return {"type": "string", "enum": list(self.one_of)}
        match self.kind:
            case "words":
                # Without the signs that cannot be seen: those are refused.
                return {
                    "type": "string",
                    "maxLength": LONGEST_WORDS,
                    "pattern": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$",
                }
            case "day":
                return {"type": "string", "format": "date"}
            case "whole":
                return {"type": "integer", "minimum": self.least, "maximum": self.most}
            case "flag":
                return {"type": "boolean"}
        return {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}

    def read(self, raw: str) -> Any:
        """The value; raises ValueFault that says what to send instead."""
        if self.one_of:
            return _one_of(raw, self.one_of)
        match self.kind:
            case "words":
                return typed_text(raw, LONGEST_WORDS)
            case "day":
                return _day(raw)
            case "whole":
                return _whole(raw, self.least, self.most)
            case "flag":
                return _one_of(raw, ("true", "false")) == "true"
        key = typed_text(raw, LONGEST_KEY)
        if not key:
            raise ValueFault(
                "missing", Text("Write a value, or leave this parameter out.", "请填写取值，或不发送该参数。")
            )
        return key


def read_asked(request: Request, asks: Iterable[Asked]) -> dict[str, Any]:
    """What the address asks for, by name: None (or an empty tuple) for what is not there; raises Problem with every fault at once.

    A parameter that nobody declared is refused: a filter that is mistyped would otherwise let everything through.
    """
    known = {one.name: one for one in asks if one.place == "query"}
    faults = [_strange(name, known) for name in request.query_params if name not in known]
    found: dict[str, Any] = {}
    for name, one in known.items():
        sent = request.query_params.getlist(name)
        found[name] = () if one.many else None
        try:
            if len(sent) > MOST_TIMES:
                said = Text(f"This can be said at most {MOST_TIMES} times.", f"该参数最多出现 {MOST_TIMES} 次。")
                raise ValueFault("said_too_often", said)
            if one.many:
                found[name] = tuple(dict.fromkeys(one.read(raw) for raw in sent))
            elif len(sent) > 1:
                raise ValueFault("said_twice", Text("This can be said only once.", "该参数只能出现一次。"))
            elif sent:
                found[name] = one.read(sent[0])
        except ValueFault as fault:
            faults.append(FieldFault("", fault.code, fault.message, parameter=name))
    if faults:
        raise Problem("invalid", errors=faults)
    return found


def refuse_key(name: str, raw: str, known: Iterable[str]) -> FieldFault:
    """The fault of a key that the catalogue does not have, with those that look like it."""
    fault = _no_such(raw, known)
    return FieldFault("", fault.code, fault.message, parameter=name)


def _one_of(raw: str, known: tuple[str, ...]) -> str:
    if raw in known:
        return raw
    raise _no_such(raw, known)


def _no_such(raw: str, known: Iterable[str]) -> ValueFault:
    words = tuple(known)
    close = nearest(raw, words) or (list(words) if len(words) <= 12 else [])
    said = quoted(raw)
    if not close:
        return ValueFault("unknown_value", Text(f"There is no “{said}” here.", f"没有“{said}”。"))
    return ValueFault(
        "unknown_value",
        Text(f"There is no “{said}” here; there is {', '.join(close)}.", f"没有“{said}”；可用：{'、'.join(close)}。"),
    )


def _day(raw: str) -> date:
    if not _ISO_DAY.fullmatch(raw):
        raise ValueFault("not_a_day", Text("Write the day as 2026-11-30.", "日期写作 2026-11-30。"))
    return read_day(raw)


def _whole(raw: str, least: int, most: int) -> int:
    number = int(raw) if _WHOLE.fullmatch(raw) else None
    if number is None or not least <= number <= most:
        said = Text(f"Write a whole number from {least} to {most}.", f"请填写 {least} 至 {most} 的整数。")
        raise ValueFault("not_a_whole_number", said)
    return number


def _strange(name: str, known: dict[str, Asked]) -> FieldFault:
    listed = nearest(name, known) or list(known)
    said = (
        Text(
            f"There is no such parameter here; there is {', '.join(listed)}.",
            f"没有该参数；可用：{'、'.join(listed)}。",
        )
        if listed
        else Text("This address takes no parameters.", "该地址不接受参数。")
    )
    return FieldFault("", "unknown_parameter", said, parameter=quoted(name))
