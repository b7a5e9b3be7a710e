"""Facts added and changed at the desk, and taking over changed reference lists; each change is a line of the history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog
from django.db import transaction
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from companies.actions import store_fact, store_vocabulary
from companies.facts import Fact, Text, ValueFault, Vocabulary, digest_of, read_value, read_vocabulary
from companies.models import FactRecord, ProfileVersion
from policies.actions.entries import EntryChanged, UnfitEntry, check_storable, locked_sections, taken_out
from policies.lint.facts import check_fact, faults_in_force, with_fact
from policies.models import ReferenceEntry
from policies.roles import Right, require
from policies.rules.faults import Fault
from policies.snapshots import compose_snapshot, lists_now

if TYPE_CHECKING:
    from companies.models import User

log = structlog.get_logger(__name__)


@transaction.atomic
def add_fact(*, plain: Mapping[str, Any], section: str, by: User, why: str = "") -> FactRecord:
    """Add a fact to a section; it is asked from now on. Raises UnfitEntry.

    No release is made: rules that use the fact bring it into theirs when they are published.
    """
    require(by, Right.WRITE)
    check_storable(plain)
    sections = locked_sections()
    name = str(plain.get("fact"))
    if FactRecord.objects.filter(name=name).exists():
        raise UnfitEntry([Fault(("fact",), Text(f"“{name}” exists already", f"“{name}”已存在"), "duplicate_fact")])
    if section not in sections:
        raise UnfitEntry([Fault(("section",), Text("choose a section", "请选择分组"), "no_section")])
    row = sections[section]
    sheets = with_fact(FactRecord.objects.vocabulary().to_plain(), row.stem, row.to_plain(), plain)
    _vocabulary, fact, faults = check_fact(sheets, lists_now(), row.stem, name)
    if faults or fact is None:
        raise UnfitEntry(faults)
    record = store_fact(fact=fact, section=row, by=by, why=why)
    log.info("fact_added", fact=fact.name, kind=fact.kind.value)
    return record


@transaction.atomic
def change_fact(*, name: str, plain: Mapping[str, Any], by: User, seen: str, why: str = "") -> FactRecord:
    """Change a fact as the person saw it; its name and kind stay. In another section it goes to the end.

    Raises EntryChanged, or UnfitEntry: also where answers that companies gave could not be read any more, and where a
    policy in force would not be right any more.
    """
    require(by, Right.WRITE)
    check_storable(plain)
    sections = locked_sections()
    record = FactRecord.objects.select_related("section").filter(name=name).first()
    if record is None:
        raise taken_out()
    if digest_of(record.to_entry()) != seen:
        raise EntryChanged(digest_of(record.to_entry()))
    plain = dict(plain)
    section = sections.get(plain.pop("section", record.section.key))
    if section is None:
        raise UnfitEntry([Fault(("section",), Text("choose a section", "请选择分组"), "no_section")])
    stem, snapshot = section.stem, compose_snapshot()
    before, _faults = read_vocabulary(snapshot["vocabulary"], snapshot["lists"])
    kept = {"fact": record.name, "kind": record.kind}
    sheets = with_fact(snapshot["vocabulary"], stem, section.to_plain(), {**plain, **kept})
    after, fact, faults = check_fact(sheets, snapshot["lists"], stem, name)
    if faults or fact is None:
        raise UnfitEntry(faults)
    was = before.get(name)
    if was is not None:
        faults = _what_was_promised(was, fact) + _answers_lost(was, fact)
        faults += faults_in_force(snapshot, before, sheets, after, name, timezone.localdate())
    if faults:
        raise UnfitEntry(faults)
    record = store_fact(fact=fact, section=section, by=by, why=why)
    log.info("fact_changed", fact=fact.name)
    return record


def _what_was_promised(was: Fact, fact: Fact) -> list[Fault]:
    """A fact that is asked does not become a computed one: what companies answered would be lost."""
    if (was.derived is None) == (fact.derived is None):
        return []
    said = Text(
        "a fact that is asked stays asked, and a computed one stays computed; add another fact instead",
        "询问的事实项不能改为计算得出，反之亦然；请另加事实项",
    )
    return [Fault(("derived",), said, "asked_stays_asked")]


def _answers_lost(was: Fact, fact: Fact) -> list[Fault]:
    """Answers in the newest profiles that could be read so far and could not be read by the fact as it is to be."""
    narrowed = [name for name in ("minimum", "maximum") if _is_narrower(was, fact, name)]
    gone = {choice.key for choice in was.choices} - {choice.key for choice in fact.choices}
    if not narrowed and not gone:
        return []
    answer = KeyTransform("value", KeyTransform(was.name, "answers"))
    given = ProfileVersion.objects.newest().filter(answers__has_key=was.name).values_list(answer, flat=True)
    lost = sum(_reads(was, raw) and not _reads(fact, raw) for raw in given.iterator(chunk_size=2_000))
    if not lost:
        return []
    path = ("choices",) if gone else (narrowed[0],)
    said = Text(
        f"companies have answered otherwise ({lost}); what they said would be lost",
        f"已有企业的回答不符合此限制（{lost} 家），这些回答将会丢失",
    )
    return [Fault(path, said, "answers_lost")]


def _is_narrower(was: Fact, fact: Fact, name: str) -> bool:
    old, new = getattr(was, name), getattr(fact, name)
    if new is None or old == new:
        return False
    return old is None or bool(new > old if name == "minimum" else new < old)


def _reads(fact: Fact, raw: Any) -> bool:
    try:
        read_value(fact, raw)
    except ValueFault:
        return False
    return True


def entry_faults(entry: ReferenceEntry) -> list[Fault]:
    """What could not be read of the facts that take their choices from the list, with the entry in it."""
    lists = lists_now()
    others = [one for one in lists[entry.list_name] if one["key"] != entry.key]
    vocabulary = FactRecord.objects.vocabulary().to_plain()
    return _faults_with({**lists, entry.list_name: [*others, entry.to_plain()]}, vocabulary)[1]


def _faults_with(lists: Mapping[str, Any], stored: Mapping[str, Any]) -> tuple[Vocabulary, list[Fault]]:
    vocabulary, faults = read_vocabulary(stored, lists)
    return vocabulary, [Fault((), fault.message, fault.code, fault.suggestion) for fault in faults]


@transaction.atomic
def take_lists_over(*, by: User | None, why: str = "") -> Vocabulary:
    """Let the facts offer the reference lists as they stand now; raises UnfitEntry where they cannot be read."""
    vocabulary, faults = _faults_with(lists_now(), FactRecord.objects.vocabulary().to_plain())
    if faults:
        raise UnfitEntry(faults)
    store_vocabulary(vocabulary=vocabulary, by=by, why=why)
    return vocabulary
