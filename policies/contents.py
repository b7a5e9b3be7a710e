"""The content of a draft as a plain value: what can be stored and shown at all, and an empty one to begin with. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from companies.facts import Text
from policies.catalogue_files import in_canonical_order
from policies.catalogue_files.reader import MAX_BYTES, MAX_DEPTH, MAX_SCALAR
from policies.rules.book import canonical_bytes
from policies.rules.faults import Fault

_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
# PostgreSQL cannot store NUL, UTF-8 cannot carry half a surrogate pair, and nobody sees a control character.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class UnfitContent(Exception):
    """Content that could not be stored or written to a file; `faults` say where and why."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.message.en for fault in faults))


def empty_content(key: str) -> dict[str, Any]:
    """A policy of which nothing is known but its key; raises UnfitContent for what cannot be a key."""
    if not _KEY.fullmatch(key):
        said = Text("a key has small letters, digits and hyphens", "标识只能用小写字母、数字和连字符")
        raise UnfitContent([Fault(("policy",), said, "bad_key", "cp-example-2026")])
    nothing = {"en": "", "zh": ""}
    return {
        "policy": key,
        "title": dict(nothing),
        "issuer": dict(nothing),
        "level": "district",
        "number": None,
        "issued": None,
        "effective": {"from": None, "to": None},
        "status": "unknown",
        "superseded_by": None,
        "superseded_on": None,
        "beneficiary": "company",
        "zones": [],
        "goals": [],
        "tags_basis": "unconfirmed",
        "pillar": None,
        "pillar_basis": "unconfirmed",
        "text_seen": None,
        "checked": None,
        "confidence": "low",
        "sources": [],
        "offers": [],
        "cases": [],
    }


def check_content(content: Mapping[str, Any], *, key: str) -> dict[str, Any]:
    """The content in canonical order; raises UnfitContent for what a catalogue file could not hold either."""
    faults: list[Fault] = []
    if not isinstance(content, Mapping):
        said = Text("a policy is a mapping", "政策应为映射")
        raise UnfitContent([Fault((), said, "wrong_shape")])
    _check(content, (), faults)
    if not faults and len(canonical_bytes(content)) > MAX_BYTES:
        said = Text(f"longer than {MAX_BYTES:,} bytes", f"超过 {MAX_BYTES:,} 字节")
        faults.append(Fault((), said, "file-too-big"))
    if content.get("policy") != key:
        said = Text(f"the key of this policy is “{key}”", f"本政策的键应为“{key}”")
        faults.append(Fault(("policy",), said, "file-name", key))
    if faults:
        raise UnfitContent(faults)
    return dict(in_canonical_order(content))


def unstorable(value: Any) -> list[Fault]:
    """What of a plain value could not be stored or shown: control characters, endless text, nesting, odd kinds."""
    faults: list[Fault] = []
    _check(value, (), faults)
    return faults


def _check(value: Any, path: tuple[str | int, ...], faults: list[Fault]) -> None:
    if len(faults) >= 20:
        return
    if len(path) > MAX_DEPTH:
        faults.append(Fault(path, Text(f"nested more than {MAX_DEPTH} deep", f"嵌套超过 {MAX_DEPTH} 层"), "too_deep"))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if not isinstance(name, str):
                faults.append(Fault(path, Text("every key is text", "键必须是文本"), "wrong_shape"))
                continue
            _check_text(name, path, faults)
            _check(item, (*path, name), faults)
    elif isinstance(value, list | tuple):
        for at, item in enumerate(value):
            _check(item, (*path, at), faults)
    elif isinstance(value, str):
        _check_text(value, path, faults)
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**30:
        faults.append(Fault(path, Text("the number is too long", "数字过长"), "value"))
    elif value is not None and not isinstance(value, bool | int):
        said = Text("write numbers with a point as text: '0.5'", "小数请写成文本：'0.5'")
        faults.append(Fault(path, said, "value"))


def _check_text(value: str, path: tuple[str | int, ...], faults: list[Fault]) -> None:
    if len(value) > MAX_SCALAR:
        said = Text(f"longer than {MAX_SCALAR:,} characters", f"超过 {MAX_SCALAR:,} 字")
        faults.append(Fault(path, said, "too_long"))
    elif bad := _UNSTORABLE.search(value):
        code = f"U+{ord(bad.group()):04X}"
        faults.append(Fault(path, Text(f"the control character {code}", f"控制字符 {code}"), "control-char"))
