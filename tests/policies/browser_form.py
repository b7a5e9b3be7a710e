"""A form of a page as a browser would send it, nothing touched."""

from __future__ import annotations

import html5lib
from django.http import QueryDict

_HTML = "{http://www.w3.org/1999/xhtml}"


def fields_of(page: str) -> QueryDict:
    """Every field of the page with what stands in it; buttons are left out."""
    sent = QueryDict(mutable=True)
    for node in html5lib.parse(page).iter():
        name, kind = node.get("name"), node.tag.removeprefix(_HTML)
        if not name:
            continue
        if kind == "textarea":
            sent.appendlist(name, (node.text or "").replace("\n", "\r\n"))
        elif kind == "select":
            options = list(node.iter(f"{_HTML}option"))
            chosen = [one for one in options if one.get("selected") is not None] or options[:1]
            sent.appendlist(name, chosen[0].get("value", ""))
        elif (kind == "input" and node.get("type") not in ("checkbox", "radio")) or (
            kind == "input" and node.get("checked") is not None
        ):
            sent.appendlist(name, node.get("value", ""))
    return sent
