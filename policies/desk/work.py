"""What there is to do at the desk, and what a person may do with a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from companies.models import FactRecord
from policies import actions
from policies.describing import describe
from policies.models import Deed, HistoryLine, Policy, PolicyVersion, State
from policies.roles import Right, may
from policies.rules import read_policy
from policies.rules.book import Rulebook
from policies.rules.differences import Change, differences
from policies.rules.faults import Fault
from policies.snapshots import compose_snapshot

if TYPE_CHECKING:
    from companies.models import User

_LATELY = 10
_IN_FORCE_STEPS = (Deed.PUBLISHED, Deed.WITHDRAWN, Deed.RESTORED, Deed.HELD)


@dataclass(frozen=True, slots=True)
class WorkList:
    """The versions that are being worked on, by what they wait for, and what was put in force or taken out lately."""

    mine: list[PolicyVersion]
    drafts: list[PolicyVersion]
    to_review: list[PolicyVersion]
    to_publish: list[PolicyVersion]
    planned: list[PolicyVersion]
    lately: list[HistoryLine]


def work_list(user: User) -> WorkList:
    """The list of work, as this person sees it."""
    open_versions = list(
        PolicyVersion.objects.open()
        .select_related("policy", "author", "reviewer", "publisher")
        .defer("content")
        .order_by("publish_on", "policy__key")
    )
    drafts = [version for version in open_versions if version.state == State.DRAFT]
    in_review = [version for version in open_versions if version.state == State.IN_REVIEW]
    approved = [version for version in in_review if version.reviewer_id is not None]
    return WorkList(
        mine=[version for version in drafts if version.author_id == user.pk],
        drafts=[version for version in drafts if version.author_id != user.pk],
        to_review=[version for version in in_review if version.reviewer_id is None],
        to_publish=[version for version in approved if version.publish_on is None],
        planned=[version for version in approved if version.publish_on is not None],
        lately=list(
            HistoryLine.objects.filter(deed__in=_IN_FORCE_STEPS)
            .select_related("policy", "by", "release")
            .defer("release__snapshot", "release__changes")[:_LATELY]
        ),
    )


def possible_steps(version: PolicyVersion, user: User, writers: set[int]) -> dict[str, bool]:
    """The steps that this person may take with the version as it is; the actions check again."""
    may_write, may_review, may_publish = (may(user, right) for right in (Right.WRITE, Right.REVIEW, Right.PUBLISH))
    is_draft, in_review = version.state == State.DRAFT, version.state == State.IN_REVIEW
    approved = in_review and version.reviewer_id is not None
    return {
        "send": is_draft and may_write,
        "discard": is_draft and may_write,
        "confirm": is_draft and may_write,
        "approve": in_review and not approved and may_review and user.pk not in writers,
        "needs_another": in_review and not approved and may_review and user.pk in writers,
        "return": in_review and (may_review or may_publish or version.author_id == user.pk),
        "publish": approved and may_publish,
        "call-off": approved and version.publish_on is not None and may_publish,
        "comment": True,
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """A version for its page: what it says (None while that cannot be read), what is wrong, what changed since when."""

    said: Mapping[str, Any] | None
    faults: list[Fault]
    changes: list[Change]
    compared_with: PolicyVersion | None


def show(version: PolicyVersion, day: date) -> Shown:
    """The version read with the vocabulary and the lists as they are now."""
    vocabulary = FactRecord.objects.vocabulary()
    snapshot = compose_snapshot(vocabulary)
    others = [plain for plain in snapshot["policies"] if plain["policy"] != version.policy.key]
    policy, _faults = read_policy(version.content, vocabulary, snapshot["lists"])
    said = None
    if policy is not None:
        plain = {one["policy"]: one for one in others} | {policy.key: version.content}
        book = Rulebook(0, version.digest, vocabulary, snapshot["lists"], (policy,), plain)
        said = describe(book, policy.key, day)
    is_open = version.state in (State.DRAFT, State.IN_REVIEW)
    before = _version_before(version)
    return Shown(
        said,
        actions.faults_of(version, day, snapshot, vocabulary) if is_open else [],
        differences(before.content if before is not None else None, version.content, vocabulary, snapshot["lists"]),
        before,
    )


def _version_before(version: PolicyVersion) -> PolicyVersion | None:
    """What is in force, for a version on its way; for one that was published, the one published before it."""
    versions = version.policy.versions
    if version.state in (State.DRAFT, State.IN_REVIEW):
        return versions.published().first()
    return versions.exclude(published_at=None).filter(number__lt=version.number).order_by("-number").first()


def history_of(policy: Policy, number: int | None = None) -> list[HistoryLine]:
    """The lines of a policy, or of one of its versions, newest first."""
    lines = policy.history.select_related("by", "release").defer("release__snapshot", "release__changes")
    return list(lines if number is None else lines.filter(number=number))
