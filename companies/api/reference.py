"""The OpenAPI document as a page that people read: each operation with what it takes and answers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from companies.facts import Text

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter, or a field of a body or an answer: its name, where it stands, what it takes, what it means."""

    name: str
    place: str
    takes: str
    said: str
    is_needed: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """One status with what it means, and the fields of its body."""

    status: str
    said: str
    fields: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    name: str
    method: str
    path: str
    summary: Text
    description: str
    scope: str | None
    is_public: bool
    parameters: tuple[Row, ...]
    body: tuple[Row, ...]
    answers: tuple[Answered, ...]


def operations_by_tag(document: Plain) -> list[tuple[str, list[Operation]]]:
    """Every operation, under the first step of its address."""
    found = [
        (one["tags"][0], _operation(document, path, method, one))
        for path, methods in sorted(document["paths"].items())
        for method, one in methods.items()
    ]
    return [(tag, [one for _tag, one in rows]) for tag, rows in groupby(found, key=lambda pair: pair[0])]


def _operation(document: Plain, path: str, method: str, plain: Plain) -> Operation:
    scopes = [scope for way in plain.get("security", []) for scope in way.get("key", ())]
    contents = plain.get("requestBody", {}).get("content", {})
    return Operation(
        name=plain["operationId"],
        method=method.upper(),
        path=path,
        summary=Text(plain["summary"], plain["x-summary-zh"]),
        # The Chinese summary stands at its head, for tools that show nothing else.
        description=plain["description"].partition("\n\n")[2],
        scope=scopes[0] if scopes else None,
        is_public={} in plain.get("security", []),
        parameters=tuple(
            Row(
                one["name"],
                one["in"],
                _takes(document, one["schema"]),
                one.get("description", ""),
                one.get("required", False),
            )
            for one in plain.get("parameters", [])
        ),
        body=tuple(
            row for content in list(contents.values())[:1] for row in _fields(document, content.get("schema", {}))
        ),
        answers=tuple(_answered(document, status, one) for status, one in plain["responses"].items()),
    )


def _answered(document: Plain, status: str, plain: Plain) -> Answered:
    found = _led(document, plain)
    schema = next(iter(found.get("content", {}).values()), {}).get("schema", {})
    # Every problem looks the same: docs/api.md says how.
    return Answered(status, found.get("description", ""), () if status >= "400" else tuple(_fields(document, schema)))


def _fields(document: Plain, schema: Plain) -> Iterator[Row]:
    """The fields of an object, and for a page of a list those of each of its rows."""
    here = _led(document, schema)
    for name, part in here.get("properties", {}).items():
        row = _led(document, part)
        yield Row(name, "", _takes(document, part), row.get("description", ""), name in here.get("required", ()))
        if name == "results":
            rows = _led(document, row.get("items", {}))
            for inner, deeper in rows.get("properties", {}).items():
                said = _led(document, deeper).get("description", "")
                yield Row(f"results[].{inner}", "", _takes(document, deeper), said, inner in rows.get("required", ()))


def _takes(document: Plain, schema: Plain) -> str:
    """“string (date)”, “one of: a, b”, “list of …”."""
    here = _led(document, schema)
    if "enum" in here:
        return " | ".join("null" if one is None else str(one) for one in here["enum"])
    for name in ("anyOf", "oneOf", "allOf"):
        if name in here:
            return " | ".join(dict.fromkeys(_takes(document, one) for one in here[name]))
    kind = here.get("type", "any")
    kinds = [kind] if isinstance(kind, str) else list(kind)
    if "array" in kinds:
        return f"[{_takes(document, here.get('items', {}))}]"
    said = " | ".join(kinds)
    return f"{said} ({here['format']})" if "format" in here else said


def _led(document: Plain, plain: Plain) -> Plain:
    """What a reference leads to, with the words beside it."""
    if "$ref" not in plain:
        return plain
    here: Any = document
    for step in plain["$ref"].removeprefix("#/").split("/"):
        here = here[step]
    return {**here, **{name: part for name, part in plain.items() if name != "$ref"}}
