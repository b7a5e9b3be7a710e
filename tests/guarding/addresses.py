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
    return tuple(re.findall(r"<(?:\w+:)?(\w+)>", whole))
