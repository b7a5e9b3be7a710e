"""One part of a draft's content by its address, so that two people can write at two parts of one policy. Pure.

An address is a path from the policy down: a name (`("requires",)`), the key of an offer below "offers"
(`("offers", "hq-reward", "benefit")`), or several names that are written together (`(("title", "issuer"),)`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies.rules.book import snapshot_digest

Step = str | tuple[str, ...]
PartPath = tuple[Step, ...]


class PartGone(LookupError):
    """There is no such offer in the content any more: `path` is the address that led nowhere."""

    def __init__(self, path: PartPath) -> None:
        self.path = path
        super().__init__(f"nothing at {path}")


def part_at(content: Any, path: PartPath) -> Any:
    """What stands there; None where nothing is written yet. Raises PartGone below an offer that is not there."""
    if not path:
        return content
    step, rest = path[0], path[1:]
    if isinstance(step, tuple):
        block = _mapping(content, path)
        return {name: block[name] for name in step if name in block}
    if isinstance(content, list):
        return part_at(content[_place(content, step, path)], rest)
    return part_at(_mapping(content, path).get(step), rest)


def with_part(content: Any, path: PartPath, part: Any) -> Any:
    """A copy of the content with the part in its place; None takes the name, or the offer, out of it."""
    if not path:
        return part
    step, rest = path[0], path[1:]
    if isinstance(step, tuple):
        others = {name: value for name, value in _mapping(content, path).items() if name not in step}
        return {**others, **(part or {})}
    if isinstance(content, list):
        at = _place(content, step, path)
        inner = with_part(content[at], rest, part)
        return [*content[:at], *([] if inner is None else [inner]), *content[at + 1 :]]
    block = _mapping(content, path)
    inner = with_part(block.get(step), rest, part)
    if inner is None and block.get(step) is not None:
        return {name: value for name, value in block.items() if name != step}
    return block if inner is None else {**block, step: inner}


def part_digest(part: Any) -> str:
    """The digest of a part: who saves it says by this what they had before their eyes."""
    return snapshot_digest({"part": part})


def _mapping(content: Any, path: PartPath) -> Mapping[str, Any]:
    if not isinstance(content, Mapping):
        raise PartGone(path)
    return content


def _place(offers: list[Any], key: str, path: PartPath) -> int:
    for at, offer in enumerate(offers):
        if isinstance(offer, Mapping) and offer.get("offer") == key:
            return at
    raise PartGone(path)
