"""Sections of the vocabulary added, changed and put in order, and the facts in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import structlog
from django.db import transaction

from companies.actions import order_facts, order_sections, store_section
from companies.facts import Text, digest_of, read_vocabulary
from companies.models import FactRecord, SectionRecord
from policies.actions.entries import EntryChanged, UnfitEntry, check_storable, locked_sections, moved_by_one
from policies.roles import Right, require
from policies.rules.faults import Fault
from policies.snapshots import lists_now

if TYPE_CHECKING:
    from companies.models import User

log = structlog.get_logger(__name__)

MOST_SECTIONS = 80
_KEY = re.compile(r"[a-z][a-z0-9_]{0,40}")
_STEM = re.compile(r"(\d\d)-(.+)")
_LONGEST_TITLE = 200


@transaction.atomic
def add_section(*, plain: Mapping[str, Any], by: User, why: str = "") -> SectionRecord:
    """Add a section as the last page of the company form; it is shown once it has a fact. Raises UnfitEntry."""
    require(by, Right.WRITE)
    check_storable(plain)
    sections = locked_sections()
    key = str(plain.get("key") or "")
    if not _KEY.fullmatch(key):
        said = Text("small letters, digits and _, beginning with a letter", "请用小写字母、数字和下划线，以字母开头")
        raise UnfitEntry([Fault(("key",), said, "bad_key")])
    if key in sections:
        raise UnfitEntry([Fault(("key",), Text(f"“{key}” exists already", f"“{key}”已存在"), "duplicate_section")])
    if len(sections) >= MOST_SECTIONS:
        said = Text(f"there are {MOST_SECTIONS} sections already", f"分组已达 {MOST_SECTIONS} 个")
        raise UnfitEntry([Fault((), said, "too_many")])
    stems = _stems([*sorted((row.stem, row.key) for row in sections.values()), ("", key)])
    order_sections(stems={other: stem for other, stem in stems.items() if other != key}, by=by, why=why)
    record = _store(key, stems[key], plain, by=by, why=why)
    log.info("section_added", section=key)
    return record


@transaction.atomic
def change_section(*, key: str, plain: Mapping[str, Any], by: User, seen: str, why: str = "") -> SectionRecord:
    """Change a section's title and help as the person saw them. Raises EntryChanged or UnfitEntry."""
    require(by, Right.WRITE)
    check_storable(plain)
    row = locked_sections()[key]
    if digest_of(row.to_plain()) != seen:
        raise EntryChanged(digest_of(row.to_plain()))
    return _store(key, row.stem, plain, by=by, why=why)


@transaction.atomic
def move_section(*, key: str, up: bool, by: User, seen: str, why: str = "") -> None:
    """Let a section change places with its neighbour; `seen` is the digest of the keys in their order."""
    require(by, Right.WRITE)
    rows = sorted(locked_sections().values(), key=lambda row: row.stem)
    before = [row.key for row in rows]
    if digest_of(before) != seen or key not in before:
        raise EntryChanged(digest_of(before))
    stems = {row.key: row.stem for row in rows}
    after = moved_by_one(before, key, up=up)
    order_sections(stems=_stems([(stems[one], one) for one in after]), by=by, why=why)


@transaction.atomic
def move_fact(*, section: str, name: str, up: bool, by: User, seen: str, why: str = "") -> None:
    """Let a fact change places with its neighbour in the section; `seen` is the digest of the names in their order."""
    require(by, Right.WRITE)
    row = locked_sections()[section]
    before = list(FactRecord.objects.filter(section=row).order_by("position", "name").values_list("name", flat=True))
    if digest_of(before) != seen or name not in before:
        raise EntryChanged(digest_of(before))
    order_facts(section=row, names=moved_by_one(before, name, up=up), by=by, why=why)


def _store(key: str, stem: str, plain: Mapping[str, Any], *, by: User, why: str) -> SectionRecord:
    words = {name: plain[name] for name in ("title", "help") if plain.get(name)}
    vocabulary, found = read_vocabulary({stem: {"section": {"key": key, **words}, "facts": []}}, lists_now())
    faults = [Fault(one.path[2:], one.message, one.code, one.suggestion) for one in found]
    section = vocabulary.section(key)
    if section is not None and max(len(section.title.en), len(section.title.zh)) > _LONGEST_TITLE:
        said = Text(f"longer than {_LONGEST_TITLE} characters", f"超过 {_LONGEST_TITLE} 字")
        faults.append(Fault(("title",), said, "too_long"))
    if faults or section is None:
        raise UnfitEntry(faults)
    return store_section(section=section, by=by, why=why)


def _stems(order: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Names of files that sort in this order, from pairs of stem (empty: none yet) and key; as few are new as can be.

    Where they do not sort already, the numbers change places and the words stay.
    """
    numbers = sorted(int(found[1]) for stem, _key in order if (found := _STEM.fullmatch(stem)))
    fresh = numbers[-1] + 1 if numbers else 10
    given = [(found[2], int(found[1])) if (found := _STEM.fullmatch(stem)) else (key, fresh) for stem, key in order]
    stems = [f"{number:02d}-{words}" for words, number in given]
    if not _ascends(stems):
        taken = sorted(number for _words, number in given)
        stems = [f"{number:02d}-{words}" for (words, _), number in zip(given, taken, strict=True)]
    if not _ascends(stems) or fresh > 99:
        stems = [f"{at:02d}-{words}" for at, (words, _) in enumerate(given, start=10)]
    return {key: stem for (_old, key), stem in zip(order, stems, strict=True)}


def _ascends(stems: Sequence[str]) -> bool:
    return all(one < other for one, other in pairwise(stems))
