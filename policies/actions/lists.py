"""Entries of the reference lists added, changed, moved and taken out; facts that choose from a list follow at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from companies.facts import Text, Vocabulary, digest_of, read_vocabulary
from companies.models import ListLine, ProfileVersion, add_lines, line_of_change, line_of_order
from policies.actions.entries import (
    EntryChanged,
    UnfitEntry,
    check_storable,
    locked_sections,
    moved_by_one,
    taken_out,
)
from policies.actions.vocabulary import take_lists_over
from policies.lint.drafts import new_faults_in_force
from policies.lint.entries import LONGEST_KEY, check_entry, with_entry
from policies.lint.uses import facts_choosing, keys_answered, uses_in_facts, uses_in_lists, uses_in_policy
from policies.models import LISTS, PolicyVersion, ReferenceEntry, State
from policies.roles import Right, require
from policies.rules.faults import Fault
from policies.rules.readable import read_offers
from policies.snapshots import compose_snapshot

if TYPE_CHECKING:
    from companies.models import User

log = structlog.get_logger(__name__)

_READ_BY_RULES = ("label", "aliases", "validity_years")


@transaction.atomic
def add_entry(*, list_name: str, plain: Mapping[str, Any], by: User, why: str = "") -> ReferenceEntry:
    """Add an entry at the end of a list; facts that choose from the list offer it from now on. Raises UnfitEntry."""
    require(by, Right.WRITE)
    check_storable(plain)
    locked_sections()
    key, model = str(plain.get("key") or ""), LISTS[list_name]
    try:
        model._meta.get_field("key").run_validators(key)
    except ValidationError:
        key = ""
    if not key or len(key) > LONGEST_KEY:
        said = Text(
            f"letters, digits, _ and - only, at most {LONGEST_KEY}", f"只能用字母、数字、_ 和 -，最多 {LONGEST_KEY} 个"
        )
        raise UnfitEntry([Fault(("key",), said, "bad_key")])
    if model._default_manager.filter(key=key).exists():
        raise UnfitEntry([Fault(("key",), Text(f"“{key}” exists already", f"“{key}”已存在"), "duplicate-id")])
    _check(list_name, plain)
    last = model._default_manager.aggregate(last=Max("position"))["last"]
    row = model(key=key, **model.columns(plain, 0 if last is None else last + 1))
    row.save()
    _record(list_name, [line_of_change(list_name, key, None, row.to_plain(), by=by, why=why)], by=by, why=why)
    return row


@transaction.atomic
def change_entry(
    *, list_name: str, key: str, plain: Mapping[str, Any], by: User, seen: str, why: str = ""
) -> ReferenceEntry:
    """Change an entry as the person saw it; its key stays.

    Raises EntryChanged, or UnfitEntry: also where a policy in force would not be right any more.
    """
    require(by, Right.WRITE)
    check_storable(plain)
    locked_sections()
    row = LISTS[list_name]._default_manager.filter(key=key).first()
    if row is None:
        raise taken_out()
    before = row.to_plain()
    if digest_of(before) != seen:
        raise EntryChanged(digest_of(before))
    _check(list_name, {**plain, "key": key})
    for column, value in row.columns({**plain, "key": key}, row.position).items():
        setattr(row, column, value)
    row.save()
    _record(list_name, [line_of_change(list_name, key, before, row.to_plain(), by=by, why=why)], by=by, why=why)
    return row


@transaction.atomic
def remove_entry(*, list_name: str, key: str, by: User, seen: str, why: str = "") -> None:
    """Take an entry out of its list. Raises EntryChanged, or UnfitEntry naming whatever still uses it."""
    require(by, Right.WRITE)
    locked_sections()
    row = LISTS[list_name]._default_manager.filter(key=key).first()
    if row is None:
        raise taken_out()
    before = row.to_plain()
    if digest_of(before) != seen:
        raise EntryChanged(digest_of(before))
    snapshot = compose_snapshot()
    vocabulary, _faults = read_vocabulary(snapshot["vocabulary"], snapshot["lists"])
    if faults := _uses(snapshot, vocabulary, list_name, key):
        raise UnfitEntry(faults)
    row.delete()
    _record(list_name, [line_of_change(list_name, key, before, None, by=by, why=why)], by=by, why=why)


@transaction.atomic
def move_entry(*, list_name: str, key: str, up: bool, by: User, seen: str, why: str = "") -> None:
    """Let an entry change places with the one before or after it; `seen` is the digest of the keys in their order."""
    require(by, Right.WRITE)
    locked_sections()
    model = LISTS[list_name]
    rows = {row.key: row for row in model._default_manager.all()}
    before = list(rows)
    if digest_of(before) != seen or key not in rows:
        raise EntryChanged(digest_of(before))
    after = moved_by_one(before, key, up=up)
    for position, one in enumerate(after):
        if rows[one].position != position:
            model._default_manager.filter(key=one).update(position=position)
    _record(list_name, [line_of_order(list_name, "", before, after, by=by, why=why)], by=by, why=why)


def versions_using(
    vocabulary: Vocabulary, lists: Mapping[str, Any], list_name: str, key: str
) -> list[tuple[PolicyVersion, list[Text]]]:
    """The versions in force or on their way that name the entry, each with the places where."""
    found = []
    for version in (
        PolicyVersion.objects.exclude(state=State.RETIRED).select_related("policy").order_by("policy__key", "number")
    ):
        policy = read_offers(version.content, vocabulary, lists).policy
        if places := uses_in_policy(version.content, policy, vocabulary, list_name, key):
            found.append((version, places))
    return found


def _check(list_name: str, plain: Mapping[str, Any]) -> None:
    """Raise UnfitEntry unless the entry can stand in its list, and everything in force stays right with it."""
    snapshot = compose_snapshot()
    before, _faults = read_vocabulary(snapshot["vocabulary"], snapshot["lists"])
    lists = {**snapshot["lists"], list_name: with_entry(snapshot["lists"][list_name], plain)}
    if faults := check_entry(snapshot, list_name, plain, before, timezone.localdate()):
        raise UnfitEntry(faults)
    after, unread = read_vocabulary(snapshot["vocabulary"], lists)
    if unread:
        raise UnfitEntry([Fault((), fault.message, fault.code, fault.suggestion) for fault in unread])
    key = str(plain["key"])
    was = next((one for one in snapshot["lists"][list_name] if one["key"] == key), None)
    # Policies point to keys, which stay; rules also read the words and the years of what a fact chooses from.
    if (
        was is None
        or not facts_choosing(before, list_name)
        or all(was.get(name) == plain.get(name) for name in _READ_BY_RULES)
    ):
        return
    faults = new_faults_in_force(
        snapshot,
        before,
        {**snapshot, "lists": lists},
        after,
        timezone.localdate(),
        lambda content, policy: bool(uses_in_policy(content, policy, before, list_name, key)),
    )
    if faults:
        raise UnfitEntry(faults)


def _uses(snapshot: Mapping[str, Any], vocabulary: Vocabulary, list_name: str, key: str) -> list[Fault]:
    """A fault for each use that keeps the entry from being taken out."""
    said: list[Text] = []
    for version, places in versions_using(vocabulary, snapshot["lists"], list_name, key):
        where = f"{version.policy.key} {version.number}"
        en, zh = "; ".join(one.en for one in places), "；".join(one.zh for one in places)
        said.append(Text(f"the policy {where} uses it: {en}", f"政策 {where} 使用了它：{zh}"))
    for fact in uses_in_facts(vocabulary, list_name, key):
        said.append(Text(f"the fact “{fact.label.en}” uses it", f"事实项“{fact.label.zh}”使用了它"))
    for _other, entry in uses_in_lists(snapshot["lists"], vocabulary, list_name, key):
        label = entry["label"]
        said.append(Text(f"the entry “{label['en']}” names it", f"条目“{label['zh']}”引用了它"))
    if answered := companies_choosing(vocabulary, list_name, key):
        said.append(Text(f"companies have chosen it ({answered})", f"已有企业选择了它（{answered} 家）"))
    return [Fault((), one, "entry-used") for one in said]


def companies_choosing(vocabulary: Vocabulary, list_name: str, key: str) -> int:
    """How many companies say it in their newest profile."""
    count = 0
    for name in facts_choosing(vocabulary, list_name):
        fact = vocabulary.get(name)
        answer = KeyTransform("value", KeyTransform(name, "answers"))
        given = ProfileVersion.objects.newest().filter(answers__has_key=name).values_list(answer, flat=True)
        count += sum(fact is not None and key in keys_answered(fact, raw) for raw in given.iterator(chunk_size=2_000))
    return count


def _record(list_name: str, lines: list[ListLine | None], *, by: User, why: str) -> None:
    add_lines([line for line in lines if line is not None])
    take_lists_over(by=by, why=why)
    log.info("list_changed", list=list_name)
