"""One way to write a report down, so that equal reports are equal bytes."""

import hashlib
import json
from typing import Any


def canonical_text(report: dict[str, Any]) -> str:
    """The report as JSON with sorted keys and no spaces; raises TypeError on a float, ValueError on a bad key."""
    _check(report, "report")
    return json.dumps(report, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest_of(text: str) -> str:
    """The SHA-256 of the text's UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _check(value: Any, place: str) -> None:
    """Refuse what would not be the same bytes everywhere: floats, and anything JSON would turn into text."""
    match value:
        case None | bool() | int() | str():
            return
        case dict():
            for key, inner in value.items():
                if not isinstance(key, str):
                    raise ValueError(f"{place}: key {key!r} is not text")
                _check(inner, f"{place}.{key}")
        case list():
            for number, inner in enumerate(value):
                _check(inner, f"{place}[{number}]")
        case _:
            raise TypeError(f"{place}: {type(value).__name__} has no canonical form; write it as text")
