"""Every address of the desk, the forms on its pages, and texts that nobody should send."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import html5lib
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django.urls.resolvers import URLPattern

_HTML = "{http://www.w3.org/1999/xhtml}"
TEXTS = {
    "markup and a formula": "=cmd|' /C calc'!A0\"><script>alert('zq')</script><b zq>'",
    "right to left and emoji": "\u202eevil\u2066x 👩‍🔬🏳️‍🌈",
    "20,000 characters": "长" * 20_000,
    "more than can be kept": "x" * 60_000,
    "NUL": "a\x00b",
    "half a surrogate pair": "a\ud800b",
    "deep brackets": "(" * 3_000 + ")" * 3_000,
    "deep lists": "[" * 3_000,
}
KEPT = ("markup and a formula", "right to left and emoji")
"""Those that can be stored."""
# Where one of these stands in a page, what was typed was taken for markup.
TAKEN_FOR_MARKUP = ("<script>alert('zq')", "<b zq")


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the desk: its name, and the words in its path that the scene must fill in."""

    name: str
    words: tuple[str, ...]


def desk_addresses() -> list[Address]:
    """All of them, from the table of addresses, so that a new one cannot be forgotten."""
    return [
        Address(one.name or "", tuple(one.pattern.converters)) for path, one in _patterns() if path.startswith("desk/")
    ]


def _patterns(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in (resolver or get_resolver()).url_patterns:
        here = prefix + str(one.pattern)
        if isinstance(one, URLPattern):
            yield here, one
        else:
            yield from _patterns(one, here)


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes, how, what stands in it, and its buttons (one of each kind)."""

    page: str
    action: str
    method: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)
    """Name, kind (text, hidden, chosen), and what stands there."""
    buttons: list[tuple[str, str]] = field(default_factory=list)
    file: str = ""
    """The name of the field that takes a file."""

    @property
    def address(self) -> str:
        """The name of the address that it is sent to."""
        return resolve(re.split("[?#]", self.action)[0]).url_name

    def sent(self, button: tuple[str, str] | None, hostile: str, kinds: tuple[str, ...]) -> str:
        """What a browser (or somebody who is none) sends, with this text in all fields of these kinds."""
        pairs = [(name, _put(name, hostile) if kind in kinds else value) for name, kind, value in self.fields]
        return urlencode(pairs + ([button] if button else []), errors="surrogatepass")


def _put(name: str, hostile: str) -> str:
    # What a page keeps of a part is JSON, in which also half a pair of surrogates can be written.
    if name == "base" and hostile.startswith("[["):
        return hostile + "]" * len(hostile)
    return json.dumps({"label": {"en": hostile, hostile: [hostile]}, "title": hostile}) if name == "base" else hostile


def forms_of(path: str, text: str) -> list[Form]:
    """The forms of a page, and what its buttons send by themselves where scripts run."""
    found: list[Form] = []
    for node in html5lib.parse(text).iter(f"{_HTML}form"):
        form = Form(path, node.get("action") or path, (node.get("method") or "get").lower())
        others: set[str] = set()
        for one in node.iter():
            kind, name = one.tag.removeprefix(_HTML) if isinstance(one.tag, str) else "", one.get("name")
            if one.get("hx-post"):
                others.add(one.get("hx-post"))
            if one.get("formaction"):
                others.add(one.get("formaction"))
            if kind == "button" and name and one.get("disabled") is None:
                _add_button(form, name, one.get("value", ""))
            elif name and one.get("type") == "file":
                form.file = name
            elif name and kind in ("input", "textarea", "select"):
                form.fields += _field(one, kind, name)
        found.append(form)
        found += [
            Form(path, other, "post", list(form.fields), list(form.buttons)) for other in others if other != form.action
        ]
    return [form for form in found if form.action.startswith("/desk/")]


def _field(node: Any, kind: str, name: str) -> list[tuple[str, str, str]]:
    value = node.get("value", "")
    if kind == "textarea":
        return [(name, "text", node.text or "")]
    if kind == "select":
        options = list(node.iter(f"{_HTML}option"))
        chosen = [one for one in options if one.get("selected") is not None] or options[:1]
        return [(name, "chosen", chosen[0].get("value", "") if chosen else "")]
    match node.get("type"):
        case "submit":
            return []
        case "hidden":
            return [] if name == "csrfmiddlewaretoken" else [(name, "hidden", value)]
        case "checkbox" | "radio":
            return [(name, "chosen", value)] if node.get("checked") is not None else []
    return [(name, "text", value)]


def _add_button(form: Form, name: str, value: str) -> None:
    verb = re.split(r"[:\-/]", value)[0]
    if all((name, verb) != (known, re.split(r"[:\-/]", was)[0]) for known, was in form.buttons):
        form.buttons.append((name, value))


def send(client: Client, form: Form, body: str, file: bytes = b"", called: str = "") -> Any:
    """Send a form as a browser does."""
    if form.method == "get":
        return client.get(form.action, QUERY_STRING=body)
    if form.file:
        sent = dict(parse_qsl(body, keep_blank_values=True, errors="replace"))
        return client.post(form.action, {**sent, form.file: SimpleUploadedFile(called or "x.yaml", file)})
    return client.post(form.action, body, content_type="application/x-www-form-urlencoded")


def address_of(address: Address, words: dict[str, Any]) -> str:
    """The path of an address with these words in it."""
    return reverse(f"desk:{address.name}", kwargs={name: words[name] for name in address.words})
