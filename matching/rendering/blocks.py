"""Blocks of a document, and the PDF that a process of its own (`typesetting`) sets from them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

_TYPESETTER = Path(__file__).with_name("typesetting.py")
TIME_LIMIT = 30
# Each takes a core and 200 MB for a moment: so many at once in one process of the web, the others wait their turn.
_AT_ONCE = 2
_places = BoundedSemaphore(_AT_ONCE)

Block = dict[str, Any]


class NotSet(Exception):
    """The document could not be made in time, or the typesetter failed; the message says what it told."""


def set_blocks(*, title: str, foot: str, blocks: Iterable[Block], day: str, language: str) -> bytes:
    """The file (PDF/A-2a and PDF/UA-1); the same blocks give the same bytes. Raises NotSet.

    Called where the language is the active one: lazy sentences become text here.
    """
    chinese = language.startswith("zh")
    content = {
        "title": title,
        "lang": "zh" if chinese else "en",
        "region": "cn" if chinese else "gb",
        "foot": foot,
        "blocks": list(blocks),
    }
    sent = json.dumps({"content": content, "day": day}, default=str).encode()
    if not _places.acquire(timeout=TIME_LIMIT):
        raise NotSet(f"others were being set for {TIME_LIMIT} seconds")
    try:
        return _set(sent)
    finally:
        _places.release()


def _set(sent: bytes) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, str(_TYPESETTER)], input=sent, capture_output=True, timeout=TIME_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotSet(f"not set within {TIME_LIMIT} seconds") from None
    if done.returncode:
        raise NotSet(done.stderr.decode(errors="replace")[-500:])
    return done.stdout


def heading(text: str) -> Block:
    """The title of a part."""
    return {"kind": "heading", "said": text}


def paragraph(text: str) -> Block:
    """A paragraph."""
    return {"kind": "said", "said": text}


def lead(text: str) -> Block:
    """A paragraph that stays on the page of what it leads to."""
    return {"kind": "lead", "said": text}


def bullets(items: Iterable[str]) -> Block:
    """A list."""
    return {"kind": "list", "items": list(items)}


def table(head: list[str], widths: list[int], rows: list[list[Any]]) -> Block:
    """A table: its head, how wide its columns are to each other, its rows."""
    return {"kind": "rows", "head": head, "widths": widths, "rows": [[str(cell) for cell in row] for row in rows]}
