"""Every address of the product, found by walking the table of addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """One address: its name with namespaces, its written form and its view."""

    name: str
    written: str
    view: Callable[..., Any]
    words: tuple[str, ...]
    """What is to be filled in."""
    namespaces: tuple[str, ...] = ()


def every_address(urlconf: Any = None) -> list[Address]:
    """All of them; those of a library too."""
    return list(_walk(get_resolver(urlconf), "/", ()))


def _walk(resolver: URLResolver, prefix: str, namespaces: tuple[str, ...]) -> Iterator[Address]:
    for one in resolver.url_patterns:
        here = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one, here, (*namespaces, one.namespace) if one.namespace else namespaces)
        elif isinstance(one, URLPattern):
            name = ":".join((*namespaces, one.name or ""))
            yield Address(name, here, one.callback, _words_of(one, prefix), namespaces)


def _words_of(pattern: URLPattern, prefix: str) -> tuple[str, ...]:
    whole = prefix + str(pattern.pattern)
    return tuple(a or b for a, b in re.findall(r"\(\?P<(\w+)>|<(?:\w+:)?(\w+)>", whole))


# Words that lead to nothing of anybody in particular.
ANYWHERE: dict[str, list[object]] = {
    "key": ["cp-small-2026"], "policy": ["cp-small-2026"], "offer": ["founding-reward"], "number": [1], "at": [0],
    "step": ["comment", "approve"], "list_name": ["pillars"], "entry": ["x"], "section": ["basics"], "name": ["employees"],
    "object_id": [1], "content_type_id": [7], "app_label": ["companies", "matching"], "url": ["companies/"], "id": [1],
    "token": ["a" * 43], "secret": ["a" * 43], "mark": ["x"], "uidb36": ["1"], "session": [1, 2], "prefix": ["a"],
    "public_id": ["8e1f0f9c-0000-4000-8000-000000000000"], "form": ["json", "pdf", "xlsx", "ics", "csv"], "ending": ["csv"], "zone": ["x"], "fact": ["employees"], "slug": ["not-found"],
}  # fmt: skip


def paths_of(address: Address, words: dict[str, list[object]]) -> Iterator[str]:
    """Where the address leads with each of the words; fails for a word that nobody has given a value.

    A word of which each part of the product has its own, such as an id, is given with the part: `reports/public_id`.
    """
    part = address.written.split("/")[1]
    found = [words.get(f"{part}/{word}") or words.get(word) or ANYWHERE.get(word) for word in address.words]
    missing = [word for word, values in zip(address.words, found, strict=True) if not values]
    assert not missing, f"{address.written} has {missing} in it: give the scene a value for it"
    most = max((len(one or []) for one in found), default=1)
    for at in range(most):
        values = [(one or [])[at % len(one or [])] for one in found]
        path = address.written.replace("^", "").replace("$", "").replace("/?", "")
        for word, value in zip(address.words, values, strict=True):
            path = re.sub(rf"<(?:\w+:)?{word}>|\(\?P<{word}>[^)]*\)", str(value), path, count=1)
        yield path.replace(".*", "x")
