"""The rows of the vocabulary: stored, changed and put in order, each change with its line of the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Max

from companies.facts import Fact, Section, Vocabulary
from companies.models import (
    FACTS,
    SECTIONS,
    FactRecord,
    ListLine,
    SectionRecord,
    User,
    add_lines,
    line_of_change,
    line_of_order,
)

log = structlog.get_logger(__name__)


@transaction.atomic
def store_vocabulary(*, vocabulary: Vocabulary, by: User | None, why: str = "") -> dict[str, list[str]]:
    """Make the rows of the vocabulary equal to this one, with a line of history for each entry or order that changes.

    Returns the fact names added, changed and removed.
    """
    changes: dict[str, list[str]] = {"added": [], "changed": [], "removed": []}
    lines: list[ListLine | None] = []
    were = {record.key: record for record in SectionRecord.objects.all()}
    orders = orders_now()
    sections: dict[str, SectionRecord] = {}
    stems = {section.key: section.stem for section in vocabulary.sections}
    for record in were.values():
        if record.stem != stems.get(record.key, record.stem):
            # No two rows may have one stem, not even for a moment.
            record.stem = f"~{record.pk}"
            record.save()
    for position, section in enumerate(vocabulary.sections):
        columns = _section_columns(section, position)
        record = sections[section.key] = (
            were.pop(section.key) if section.key in were else SectionRecord(key=section.key)
        )
        before = record.to_plain() if record.pk else None
        if _put(record, columns):
            record.save()
        lines.append(line_of_change(SECTIONS, section.key, before, record.to_plain(), by=by, why=why))
    stored = {record.name: record for record in FactRecord.objects.select_related("section")}
    for position, fact in enumerate(vocabulary):
        fact_record = stored.pop(fact.name, None) or FactRecord(name=fact.name)
        before = fact_record.to_entry() if fact_record.pk else None
        if _put(fact_record, _columns(fact, sections[fact.section], position)):
            fact_record.save()
            changes["changed" if before else "added"].append(fact.name)
        lines.append(line_of_change(FACTS, fact.name, before, fact_record.to_entry(), by=by, why=why))
    for gone in stored.values():
        lines.append(line_of_change(FACTS, gone.name, gone.to_entry(), None, by=by, why=why))
        gone.delete()
        changes["removed"].append(gone.name)
    for key, left in were.items():
        lines.append(line_of_change(SECTIONS, key, left.to_plain(), None, by=by, why=why))
        left.delete()
    now = {"": [one.key for one in vocabulary.sections]}
    now |= {one.key: [fact.name for fact in vocabulary.in_section(one.key)] for one in vocabulary.sections}
    lines += [line_of_order(SECTIONS, key, orders.get(key, []), names, by=by, why=why) for key, names in now.items()]
    _add(lines)
    log.info("vocabulary_stored", **{what: len(names) for what, names in changes.items()})
    return changes


@transaction.atomic
def store_fact(*, fact: Fact, section: SectionRecord, by: User | None, why: str = "") -> FactRecord:
    """Add this fact at the end of the section, or change it, with a line of history; it moves only to another section."""
    record = FactRecord.objects.select_related("section").filter(name=fact.name).first()
    before = record.to_entry() if record is not None else None
    if record is None or record.section_id != section.pk:
        last = FactRecord.objects.aggregate(last=Max("position"))["last"]
        record = record or FactRecord(name=fact.name)
        record.position = 0 if last is None else last + 1
    if _put(record, _columns(fact, section, record.position)):
        record.save()
    _add([line_of_change(FACTS, fact.name, before, record.to_entry(), by=by, why=why)])
    return record


@transaction.atomic
def store_section(*, section: Section, by: User | None, why: str = "") -> SectionRecord:
    """Add this section as the last one, or change its words where it stands, with a line of history."""
    record = SectionRecord.objects.filter(key=section.key).first()
    before = record.to_plain() if record is not None else None
    if record is None:
        last = SectionRecord.objects.aggregate(last=Max("position"))["last"]
        record = SectionRecord(key=section.key, stem=section.stem, position=0 if last is None else last + 1)
    if _put(record, {**_section_columns(section, record.position), "stem": record.stem}):
        record.save()
    _add([line_of_change(SECTIONS, section.key, before, record.to_plain(), by=by, why=why)])
    return record


@transaction.atomic
def order_sections(*, stems: Mapping[str, str], by: User | None, why: str = "") -> None:
    """Give the sections these stems, which are their order, with a line of history. Every section must be named."""
    before = orders_now()[""]
    rows = {record.key: record for record in SectionRecord.objects.all()}
    after = sorted(rows, key=lambda key: stems[key])
    moved = [key for key in after if rows[key].stem != stems[key]]
    for key in moved:
        # No two rows may have one stem, not even for a moment.
        SectionRecord.objects.filter(key=key).update(stem=f"~{rows[key].pk}")
    for position, key in enumerate(after):
        SectionRecord.objects.filter(key=key).update(stem=stems[key], position=position)
    _add([line_of_order(SECTIONS, "", before, after, by=by, why=why)])


@transaction.atomic
def order_facts(*, section: SectionRecord, names: Sequence[str], by: User | None, why: str = "") -> None:
    """Put the facts of the section in this order, with a line of history; each of its facts must be named once."""
    before = list(section.facts.order_by("position", "name").values_list("name", flat=True))
    if sorted(before) != sorted(names):
        raise ValueError("an order names each fact of the section once")
    for position, name in enumerate(names):
        section.facts.filter(name=name).update(position=position)
    _add([line_of_order(SECTIONS, section.key, before, names, by=by, why=why)])


def orders_now() -> dict[str, list[str]]:
    """The order of the sections (under "") and, by section, of its facts, as they stand."""
    found: dict[str, list[str]] = {"": []}
    for key in SectionRecord.objects.order_by("stem").values_list("key", flat=True):
        found[""].append(key)
        found[key] = []
    for key, name in FactRecord.objects.order_by("position", "name").values_list("section__key", "name"):
        found[key].append(name)
    return found


def _add(lines: Iterable[ListLine | None]) -> None:
    add_lines([line for line in lines if line is not None])


def _put(record: SectionRecord | FactRecord, columns: Mapping[str, Any]) -> bool:
    """Give the row these columns; whether that makes it another one than is stored."""
    is_other = record.pk is None or any(getattr(record, name) != value for name, value in columns.items())
    for name, value in columns.items():
        setattr(record, name, value)
    return is_other


def _section_columns(section: Section, position: int) -> dict[str, Any]:
    return {
        "stem": section.stem,
        "position": position,
        "title_en": section.title.en,
        "title_zh": section.title.zh,
        "help_en": section.help.en if section.help else "",
        "help_zh": section.help.zh if section.help else "",
    }


def _columns(fact: Fact, section: SectionRecord, position: int) -> dict[str, Any]:
    plain = fact.to_plain()
    definition = {key: value for key, value in plain.items() if key not in ("fact", "kind", "label")}
    return {
        "section": section,
        "position": position,
        "kind": fact.kind.value,
        "label_en": fact.label.en,
        "label_zh": fact.label.zh,
        "definition": definition,
        "listed": [choice.to_plain() for choice in fact.choices] if fact.choices_from else [],
        "named_papers": [paper.to_plain() for paper in fact.named_papers],
    }
