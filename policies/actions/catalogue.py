"""Catalogue files taken over: published at once, or as drafts that people review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from django.db import transaction
from django.utils import timezone

from companies.actions import store_vocabulary
from companies.facts import read_vocabulary
from companies.models import FactRecord, ListLine, add_lines, line_of_change, line_of_order
from policies.actions.drafts import AlreadyOpen, open_draft
from policies.contents import check_content, empty_content
from policies.jobs import make_release, next_number, retire, wait_for_others, write_history
from policies.models import LISTS, Deed, LoadedFile, Policy, PolicyVersion, Release, State
from policies.roles import Right, require
from policies.rules.book import canonical_snapshot, read_rulebook, snapshot_digest
from policies.snapshots import part_digests, snapshot_parts

if TYPE_CHECKING:
    from companies.models import User

log = structlog.get_logger(__name__)

FROM_FILES = "Loaded from files. 由文件载入。"
# A version, what happened to it, and the digests before and after, for the history.
_Step = tuple[PolicyVersion, Deed, str, str]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: the parts taken over, the parts withdrawn, and the release now current (new or not)."""

    changed: tuple[str, ...]
    withdrawn: tuple[str, ...]
    release: Release
    is_new_release: bool


@dataclass(frozen=True, slots=True)
class LoadedDrafts:
    """What a load of drafts did, by the names of parts: drafts begun, drafts in the way, and what only publishing takes over."""

    begun: tuple[str, ...]
    in_the_way: tuple[str, ...]
    left_alone: tuple[str, ...]


@transaction.atomic
def load_drafts(*, snapshot: Mapping[str, Any], by: User | None) -> LoadedDrafts:
    """Begin a draft of each policy whose file changed since it was last loaded and is not in force already.

    Publishes nothing. A policy that is being worked on at the desk is left alone and named, as are vocabulary, lists and
    files that are gone. A file taken over as a draft counts as loaded, so that a later load does not publish it past the review.
    Raises UnfitContent for a policy that could not be stored as a draft, and changes nothing.
    """
    if by is not None:
        require(by, Right.WRITE)
    parts, digests = snapshot_parts(snapshot), part_digests(snapshot)
    known = dict(LoadedFile.objects.values_list("name", "digest"))
    changed = sorted(name for name, digest in digests.items() if known.get(name) != digest)
    begun, in_the_way = [], []
    for name in changed:
        if not name.startswith("policies/"):
            continue
        key = name.partition("/")[2]
        content = check_content(parts[name], key=empty_content(key)["policy"])
        policy, _made = Policy.objects.get_or_create(key=key)
        published = policy.versions.published().first()
        if published is None or published.digest != digests[name]:
            try:
                open_draft(policy=policy, content=content, published=published, by=by, why=FROM_FILES)
            except AlreadyOpen as other:
                if other.version.digest != digests[name]:
                    in_the_way.append(name)
                continue
            begun.append(name)
        LoadedFile.objects.update_or_create(name=name, defaults={"digest": digests[name]})
    left_alone = [name for name in changed if not name.startswith("policies/")] + sorted(known.keys() - digests.keys())
    log.info("drafts_loaded", begun=len(begun), in_the_way=len(in_the_way))
    return LoadedDrafts(tuple(begun), tuple(in_the_way), tuple(left_alone))


@transaction.atomic
def load_catalogue(*, snapshot: Mapping[str, Any], by: User | None, overwrite: bool = False) -> Loaded:
    """Take over the parts of a catalogue that changed since they were last loaded, and release the result.

    All or nothing: raises UnreadableSnapshot and changes nothing when any part cannot be read. A part that is as it was
    at the last load is left alone, so that later work at the desk stays; `overwrite` takes every part.
    """
    wait_for_others()
    snapshot = canonical_snapshot(snapshot)
    read_rulebook(snapshot)
    digests = part_digests(snapshot)
    known = dict(LoadedFile.objects.values_list("name", "digest"))
    changed = sorted(name for name, digest in digests.items() if overwrite or known.get(name) != digest)
    withdrawn = sorted(known.keys() - digests.keys())
    parts = snapshot_parts(snapshot)
    _take_lists(parts, changed, withdrawn, by)
    _take_vocabulary(parts, changed, withdrawn, by)
    steps: list[_Step] = []
    for name in changed:
        if name.startswith("policies/"):
            steps.extend(_publish_content(content=parts[name], by=by))
    steps.extend(_withdraw_policies([name for name in withdrawn if name.startswith("policies/")], known))
    LoadedFile.objects.filter(name__in=withdrawn).delete()
    for name in changed:
        LoadedFile.objects.update_or_create(name=name, defaults={"digest": digests[name]})
    release, is_new = make_release(by=by)
    for version, deed, before, after in steps:
        write_history(version, deed, by=by, why=FROM_FILES, before=before, after=after, release=release)
    log.info("catalogue_loaded", changed=len(changed), withdrawn=len(withdrawn), release=release.number)
    return Loaded(tuple(changed), tuple(withdrawn), release, is_new)


def _take_lists(parts: Mapping[str, Any], changed: list[str], withdrawn: list[str], by: User | None) -> None:
    lines: list[ListLine | None] = []
    for list_name, model in LISTS.items():
        name = f"reference/{list_name}"
        if name not in changed and name not in withdrawn:
            continue
        stored = {row.key: row for row in model._default_manager.all()}
        before_keys, entries = list(stored), parts.get(name, [])
        for position, entry in enumerate(entries):
            row = stored.pop(entry["key"], None) or model(key=entry["key"])
            before = row.to_plain() if row.pk else None
            for column, value in model.columns(entry, position).items():
                setattr(row, column, value)
            row.save()
            lines.append(line_of_change(list_name, row.key, before, row.to_plain(), by=by, why=FROM_FILES))
        for gone in stored.values():
            lines.append(line_of_change(list_name, gone.key, gone.to_plain(), None, by=by, why=FROM_FILES))
            gone.delete()
        keys = [entry["key"] for entry in entries]
        lines.append(line_of_order(list_name, "", before_keys, keys, by=by, why=FROM_FILES))
    add_lines([line for line in lines if line is not None])


def _take_vocabulary(parts: Mapping[str, Any], changed: list[str], withdrawn: list[str], by: User | None) -> None:
    lists = {name: [row.to_plain() for row in model._default_manager.all()] for name, model in LISTS.items()}
    # A changed list changes the choices of facts that take them from it, so it is stored again with those too.
    if not any(name.startswith(("vocabulary/", "reference/")) for name in [*changed, *withdrawn]):
        return
    stored = FactRecord.objects.vocabulary().to_plain()
    sheets = {stem: sheet for stem, sheet in stored.items() if f"vocabulary/{stem}" not in withdrawn}
    taken = {name.partition("/")[2]: parts[name] for name in changed if name.startswith("vocabulary/")}
    sheets = {**_without(sheets, taken), **taken}
    vocabulary, faults = read_vocabulary(sheets, lists)
    if faults:
        raise ValueError("; ".join(fault.message.en for fault in faults[:5]))
    store_vocabulary(vocabulary=vocabulary, by=by, why=FROM_FILES)


def _without(sheets: Mapping[str, Any], taken: Mapping[str, Any]) -> dict[str, Any]:
    """The sheets without what the files say now: a section may stand under another name, a fact in another section."""
    sections = {sheet["section"].get("key") for sheet in taken.values()}
    facts = {fact.get("fact") for sheet in taken.values() for fact in sheet["facts"]}
    return {
        stem: {**sheet, "facts": [fact for fact in sheet["facts"] if fact["fact"] not in facts]}
        for stem, sheet in sheets.items()
        if stem not in taken and sheet["section"]["key"] not in sections
    }


def _publish_content(*, content: dict[str, Any], by: User | None) -> Iterator[_Step]:
    """Make this content the policy's published version, unless it is that already; what the history has to say."""
    policy, _made = Policy.objects.get_or_create(key=content["policy"])
    digest = snapshot_digest(content)
    published = policy.versions.published().first()
    if published is not None and published.digest == digest:
        return
    if published is not None:
        retire(published)
        yield published, Deed.REPLACED, published.digest, digest
    version = PolicyVersion.objects.create(
        policy=policy,
        number=next_number(policy),
        state=State.PUBLISHED,
        content=content,
        digest=digest,
        author=by,
        published_at=timezone.now(),
        **PolicyVersion.columns(content),
    )
    yield version, Deed.PUBLISHED, published.digest if published is not None else "", digest


def _withdraw_policies(names: list[str], known: Mapping[str, str]) -> Iterator[_Step]:
    """Retire the policies whose files are gone, unless somebody has published another version since."""
    for name in names:
        published = PolicyVersion.objects.published().filter(policy__key=name.partition("/")[2]).first()
        if published is not None and published.digest == known[name]:
            retire(published)
            yield published, Deed.WITHDRAWN, published.digest, ""
