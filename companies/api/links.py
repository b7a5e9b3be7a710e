"""Which operation leads to which: links in the OpenAPI document, made from its addresses, so that clients and tests can follow them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_PARAMETER = re.compile(r"{(\w+)}")
_MADE = ("201", "202")
_WITH_ID: dict[str, dict[str, dict[str, Any]]] = {
    "send_company": {
        "ask_for_match": {"company": "$response.body#/id"},
        "send_batch": {"companies": ["$response.body#/id"]},
    },
}
"""Operations whose body names what another one made: its operation, the one that follows, and the body."""


def with_links(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """The document in which each answer that makes or lists things links to the operations on one of them.

    `POST /matches` leads to `/matches/{match}` and all below it by the `id` that it answers; `GET /zones` by the first row.
    """
    paths: Mapping[str, Any] = result["paths"]
    schemas = result["components"]["schemas"]
    by_name = {one["operationId"]: one for operations in paths.values() for one in operations.values()}
    for path, operations in paths.items():
        below = list(_below(path, paths))
        if "post" in operations:
            for name, parameter in below:
                _link(operations["post"], _MADE, name, {"parameters": {parameter: "$response.body#/id"}})
        if "get" in operations and below:
            row = _row_of(operations["get"], schemas)
            for name, parameter in below:
                column = parameter if parameter in row else "id"
                if column in row:
                    _link(
                        operations["get"],
                        ("200",),
                        name,
                        {"parameters": {parameter: f"$response.body#/results/0/{column}"}},
                    )
    for made, following in _WITH_ID.items():
        for name, body in following.items():
            if made in by_name and name in by_name:
                _link(by_name[made], _MADE, name, {"requestBody": body})
    return result


def _below(path: str, paths: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The operations on one of the things that this address makes or lists, and the one parameter they take."""
    for longer, operations in paths.items():
        rest = longer.removeprefix(path + "/")
        found = _PARAMETER.findall(longer)
        if rest != longer and len(found) == 1 and rest.startswith("{"):
            for one in operations.values():
                yield one["operationId"], found[0]


def _row_of(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties of one row of a list; none where the answer is no list."""
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    listed = schemas.get(_name(answer), answer).get("properties", {}).get("results", {}).get("items", {})
    row: Mapping[str, Any] = schemas.get(_name(listed), listed).get("properties", {})
    return row


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _link(operation: dict[str, Any], statuses: tuple[str, ...], name: str, how: Mapping[str, Any]) -> None:
    for status in statuses:
        if status in operation["responses"]:
            operation["responses"][status].setdefault("links", {})[name] = {"operationId": name, **how}
