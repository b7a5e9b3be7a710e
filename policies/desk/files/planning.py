"""What would become of the policies in files that somebody sent, before anything is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from companies.facts import Text
from companies.models import FactRecord
from policies import actions
from policies.actions import FileTaken
from policies.catalogue_files import FileFault, Sheet, Upload, canonical_file, policy_files, write_yaml
from policies.contents import UnfitContent, check_content, empty_content
from policies.lint import lint_draft
from policies.models import PolicyVersion, State
from policies.rules import read_policy
from policies.rules.book import snapshot_digest
from policies.rules.differences import Change, differences
from policies.snapshots import compose_snapshot

if TYPE_CHECKING:
    from companies.models import User

# A check takes an eighth of a second; the page of each draft shows its own anyway.
_CHECKED_AT_ONCE = 20


class Fate(StrEnum):
    """What would become of a policy in the files."""

    NEW = "new"
    CHANGED = "changed"
    OLDER = "older"
    """It stands as an earlier version had it, which was replaced since."""
    OWN_DRAFT = "own_draft"
    """The person's own open draft says something else."""
    IN_THE_WAY = "in_the_way"
    """An open version of somebody else, or one in review, says something else."""
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Planned:
    """One policy in the files: what would become of it, against what, the differences, and what is wrong with it."""

    key: str
    title: Text
    fate: Fate
    taken: FileTaken
    compared_with: PolicyVersion | None
    open_version: PolicyVersion | None
    changes: Sequence[Change] = ()
    faults: Sequence[FileFault] = ()
    is_checked: bool = False

    @property
    def is_offered(self) -> bool:
        """Whether the person may choose it."""
        return self.fate not in (Fate.UNCHANGED, Fate.IN_THE_WAY)

    @property
    def is_ticked(self) -> bool:
        """Whether it is chosen unless the person says otherwise."""
        return self.fate in (Fate.NEW, Fate.CHANGED)


@dataclass(frozen=True, slots=True)
class UploadPlan:
    """What would become of all that was sent."""

    policies: tuple[Planned, ...]
    left_alone: tuple[str, ...]
    """Lists and vocabulary that differ: files do not change those at the desk."""
    seen: str
    """Changes when what the person may choose does."""

    def with_fate(self, *fates: Fate) -> list[Planned]:
        """The policies that one of these would happen to."""
        return [one for one in self.policies if one.fate in fates]

    @property
    def offered(self) -> list[Planned]:
        """The policies that the person may choose."""
        return [one for one in self.policies if one.is_offered]


def unfit(upload: Upload) -> list[FileFault]:
    """What of the policies could not be stored, such as control characters, with its place in the file."""
    return [
        sheet.fault(fault.path, fault.code, fault.message, fault.suggestion)
        for key, sheet in upload.policies.items()
        for fault in _unfit(key, sheet.plain)
    ]


def plan_upload(upload: Upload, by: User, day: date) -> UploadPlan:
    """The plan for an upload without faults, as this person would load it now."""
    contents = {key: check_content(sheet.plain, key=key) for key, sheet in sorted(upload.policies.items())}
    digests = {key: snapshot_digest(content) for key, content in contents.items()}
    stored = PolicyVersion.objects.filter(policy__key__in=digests).select_related("policy", "author")
    published = {version.policy.key: version for version in stored.published()}
    worked_on = {version.policy.key: version for version in stored.open()}
    retired = stored.filter(state=State.RETIRED, digest__in=digests.values()).defer("content").order_by("number")
    earlier = {(version.policy.key, version.digest): version for version in retired}
    snapshot = compose_snapshot()
    compare = _Comparison(snapshot, contents)
    writers = actions.writers_of_each(worked_on.values())
    own = {key for key, one in worked_on.items() if one.state == State.DRAFT and writers[one.pk] == {by.pk}}
    policies, left = [], _CHECKED_AT_ONCE
    for key, content in contents.items():
        in_force, open_version = published.get(key), worked_on.get(key)
        older = earlier.get((key, digests[key]))
        fate = _fate(digests[key], in_force, open_version, older, key in own)
        against = open_version if fate in (Fate.OWN_DRAFT, Fate.IN_THE_WAY) else in_force
        draft = open_version.digest if open_version is not None and fate == Fate.OWN_DRAFT else ""
        taken = FileTaken(content, in_force.digest if in_force is not None else "", draft)
        title = PolicyVersion.columns(content)
        said = Text(title["title_en"] or key, title["title_zh"] or key)
        if fate == Fate.UNCHANGED:
            policies.append(Planned(key, said, fate, taken, older or in_force, open_version))
            continue
        changes = compare.changes(against, content)
        is_checked = left > 0
        left -= 1
        faults = list(compare.faults(upload.policies[key], content, day)) if is_checked else []
        policies.append(Planned(key, said, fate, taken, older or against, open_version, changes, faults, is_checked))
    offered = [one for one in policies if one.is_offered]
    seen = snapshot_digest(
        [[one.key, one.fate, digests[one.key], one.taken.published, one.taken.draft] for one in offered]
    )
    return UploadPlan(tuple(policies), tuple(_left_alone(upload.others, snapshot)), seen)


def _fate(
    digest: str,
    published: PolicyVersion | None,
    open_version: PolicyVersion | None,
    older: PolicyVersion | None,
    is_own: bool,
) -> Fate:
    if digest in {version.digest for version in (published, open_version) if version is not None}:
        return Fate.UNCHANGED
    if open_version is not None:
        return Fate.OWN_DRAFT if is_own else Fate.IN_THE_WAY
    if older is not None:
        return Fate.OLDER
    return Fate.NEW if published is None else Fate.CHANGED


class _Comparison:
    """The catalogue in force, with the policies that were sent in their places."""

    def __init__(self, snapshot: Mapping[str, Any], contents: Mapping[str, Mapping[str, Any]]) -> None:
        self.vocabulary = FactRecord.objects.vocabulary()
        self.lists = snapshot["lists"]
        # Checks look at the other policies too, and rely on their shape.
        readable = {key: one for key, one in contents.items() if read_policy(one, self.vocabulary, self.lists)[0]}
        policies = {one["policy"]: one for one in snapshot["policies"]} | readable
        self.snapshot = {**snapshot, "policies": [policies[key] for key in sorted(policies)]}

    def changes(self, before: PolicyVersion | None, content: Mapping[str, Any]) -> Sequence[Change]:
        return differences(None if before is None else before.content, content, self.vocabulary, self.lists)

    def faults(self, sheet: Sheet, content: Mapping[str, Any], day: date) -> Iterator[FileFault]:
        for fault in lint_draft(self.snapshot, content, day, self.vocabulary):
            yield sheet.fault(fault.path, fault.code, fault.message, fault.suggestion)


def _unfit(key: str, plain: Any) -> Iterable[Any]:
    try:
        check_content(plain, key=empty_content(key)["policy"])
    except UnfitContent as unfit:
        return unfit.faults
    return ()


def _left_alone(others: Mapping[str, Sheet], snapshot: Mapping[str, Any]) -> Iterator[str]:
    files = policy_files({**snapshot, "policies": []})
    for path, sheet in sorted(others.items()):
        if write_yaml(canonical_file(path, sheet.plain)) != files.get(path):
            yield path
