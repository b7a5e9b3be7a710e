"""One canonical way to write a plain value as YAML: block style, no wrapping, the same bytes every time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

# Words and shapes that some YAML reader turns into something other than text. They are quoted even though our own
# reader would not be fooled, so that the files mean the same to every tool.
_SPECIAL = re.compile(
    r"""(?: y | n | yes | no | on | off | true | false | null | none | ~ | = | << | \.nan | [-+]?\.inf
      | [-+.]?[0-9][0-9_,.:eE+\-]*
      | [-+]?0[xXoObB][0-9a-fA-F_]+
      | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt\ ].*)?
    )\Z""",
    re.VERBOSE | re.IGNORECASE,
)
_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`")
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def write_yaml(plain: Any) -> str:
    """The canonical YAML text of JSON-like values (no floats); keys in the order given."""
    if isinstance(plain, (Mapping, list, tuple)) and plain:
        return "\n".join(_lines(plain, "")) + "\n"
    return _inline(plain) + "\n"


def _lines(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, (Mapping, list, tuple)) and item:
                yield f"{indent}{_text(str(key))}:"
                # A list sits under its key without further indentation, a mapping two spaces in.
                yield from _lines(item, indent + "  " if isinstance(item, Mapping) else indent)
            else:
                yield f"{indent}{_text(str(key))}: {_inline(item)}"
        return
    for item in value:
        if isinstance(item, (Mapping, list, tuple)) and item:
            first, *rest = _lines(item, indent + "  ")
            yield f"{indent}- {first.removeprefix(indent + '  ')}"
            yield from rest
        else:
            yield f"{indent}- {_inline(item)}"


def _inline(value: Any) -> str:
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, (list, tuple)):
        return "[]"
    raise TypeError(f"the catalogue cannot hold a {type(value).__name__}: {value!r}")


def _text(value: str) -> str:
    if _ODD.search(value):
        return '"' + "".join(map(_escaped, value)) + '"'
    return value if _is_safe_bare(value) else "'" + value.replace("'", "''") + "'"


def _is_safe_bare(value: str) -> bool:
    return not (
        not value
        or value[0] in _INDICATORS
        or value != value.strip()
        or value.endswith(":")
        or value.startswith("...")
        or ": " in value
        or " #" in value
        or _SPECIAL.match(value)
    )


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character == "\n":
        return "\\n"
    return f"\\u{ord(character):04x}" if _ODD.match(character) else character
