"""Reading the JSON of a request: exact numbers, limits on everything, nothing that a database could not store."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from rest_framework.parsers import BaseParser

from companies.api.problems import Problem
from companies.facts import Text

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_DIGITS = 40
MAX_KEYS = 1_000
# PostgreSQL cannot store NUL, UTF-8 cannot carry half a surrogate pair.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")


class ExactJSONParser(BaseParser):
    """JSON of at most `MAX_BYTES`: numbers become int or Decimal, a key said twice or anything odd is refused."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The value; raises Problem (malformed, too-large)."""
        limit = getattr((parser_context or {}).get("view"), "max_bytes", MAX_BYTES)
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise Problem("too-large", Text(f"At most {limit:,} bytes.", f"最多 {limit:,} 字节。"))
        return read_json(body)


def read_json(body: bytes) -> Any:
    """The value of a JSON text in UTF-8; raises Problem (malformed) that says where it breaks off."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        _refuse(f"not UTF-8, from byte {fault.start} on", f"自第 {fault.start} 字节起不是 UTF-8 编码")
    if _too_deep(text):
        _refuse(f"nested more than {MAX_DEPTH} deep", f"嵌套超过 {MAX_DEPTH} 层")
    try:
        value = json.loads(text, parse_float=_decimal, parse_int=_whole, parse_constant=_odd, object_pairs_hook=_once)
    except json.JSONDecodeError as fault:
        where_en, where_zh = f"line {fault.lineno}, column {fault.colno}", f"第 {fault.lineno} 行第 {fault.colno} 列"
        _refuse(f"{where_en}: {fault.msg}", f"{where_zh}：不符合 JSON 语法")
    except RecursionError:
        _refuse(f"nested more than {MAX_DEPTH} deep", f"嵌套超过 {MAX_DEPTH} 层")
    return _storable(value)


def plain_json(value: Any) -> Any:
    """What `read_json` gave, with numbers that have a fraction as their digits: a value that can be digested."""
    if isinstance(value, Mapping):
        return {name: plain_json(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain_json(one) for one in value]
    return str(value) if isinstance(value, Decimal) else value


def _too_deep(text: str) -> bool:
    """Counted before the text is read, so that the reader never nests deeper than that."""
    depth = deepest = 0
    for sign in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if sign in "[{" else -1
        deepest = max(deepest, depth)
    return deepest > MAX_DEPTH


def _decimal(digits: str) -> Decimal:
    if len(digits) > MAX_DIGITS or "e" in digits.lower():
        _refuse("a number is written out, with at most 40 digits", "数字须写全，最多 40 位")
    return Decimal(digits)


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        _refuse("a number has at most 40 digits", "数字最多 40 位")
    return int(digits)


def _odd(word: str) -> NoReturn:
    _refuse(f"{word} is no JSON", f"{word} 不是合法的 JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Each unknown key is told with what looks like it: a body of nothing but those would take seconds.
    if len(pairs) > MAX_KEYS:
        _refuse(f"an object has at most {MAX_KEYS:,} keys", f"一个对象最多 {MAX_KEYS:,} 个键")
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)[:80]
        _refuse(f"“{twice}” stands twice in one object", f"同一对象中“{twice}”出现两次")
    return found


def _storable(value: Any) -> Any:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and (bad := _UNSTORABLE.search(one)):
            code = f"U+{ord(bad.group()):04X}"
            _refuse(f"the character {code} cannot be stored", f"字符 {code} 无法存储")
    return value


def _refuse(en: str, zh: str) -> NoReturn:
    raise Problem("malformed", Text(f"{en}.", f"{zh}。"))
