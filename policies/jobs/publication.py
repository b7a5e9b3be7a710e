"""Putting versions in force and taking them out: done by the actions of people, and by the timetable for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone

from companies.facts import Text, Vocabulary
from policies.jobs.releases import make_release, wait_for_others, write_history
from policies.lint import lint_draft
from policies.models import Deed, HistoryLine, Policy, PolicyVersion, Release, State
from policies.roles import Right, require
from policies.rules.book import UnreadableSnapshot, snapshot_digest
from policies.rules.faults import Fault
from policies.snapshots import compose_snapshot

if TYPE_CHECKING:
    from companies.models import User

log = structlog.get_logger(__name__)


class NotNow(Exception):
    """The step does not fit the state of the version any more (or yet); `message` says why, in both languages."""

    def __init__(self, message: Text) -> None:
        self.message = message
        super().__init__(message.en)


class Unpublishable(Exception):
    """The version has faults; each says where, what and what to do."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        said = "; ".join(f"{'/'.join(map(str, fault.path))}: {fault.message.en}" for fault in self.faults[:5])
        super().__init__(f"{len(self.faults)} faults: {said}")


def next_number(policy: Policy) -> int:
    """The number of the policy's next version; that of a draft thrown away is not used again."""
    versions = policy.versions.aggregate(number=models.Max("number"))["number"] or 0
    history = policy.history.aggregate(number=models.Max("number"))["number"] or 0
    return max(versions, history) + 1


def faults_of(
    version: PolicyVersion,
    day: date,
    snapshot: Mapping[str, Any] | None = None,
    vocabulary: Vocabulary | None = None,
) -> list[Fault]:
    """What keeps the version from being published on the day, but for the review.

    `snapshot` is what is in force and `vocabulary` that of it, where the caller has them already.
    """
    faults = lint_draft(compose_snapshot() if snapshot is None else snapshot, version.content, day, vocabulary)
    if version.content.get("policy") != version.policy.key:
        said = Text(f"the key of this policy is “{version.policy.key}”", f"本政策的键应为“{version.policy.key}”")
        faults.insert(0, Fault(("policy",), said, "file-name", version.policy.key))
    in_force = version.policy.versions.published().values_list("pk", flat=True).first()
    if in_force != version.based_on_id:
        said = Text(
            "another version was published or withdrawn since this draft was begun; compare, then confirm the draft",
            "本草稿开始之后，已有其他版本发布或撤下；请比较后确认草稿",
        )
        faults.insert(0, Fault((), said, "outdated"))
    return faults


def put_in_force(version: PolicyVersion, *, by: User, why: str = "") -> Release:
    """Publish an approved version, as the caller has it, and make the release; the version it replaces is retired.

    Raises NotNow when it is not approved or not as it was approved, Unpublishable when it has faults, and then
    nothing has changed. The caller is inside a transaction.
    """
    wait_for_others()
    seen = version.digest
    version = PolicyVersion.objects.select_for_update(of=("self",)).select_related("policy").get(pk=version.pk)
    if version.state != State.IN_REVIEW or version.reviewer_id is None:
        raise NotNow(Text("only an approved version can be published", "只有审核通过的版本才能发布"))
    digest = snapshot_digest(version.content)
    approved = HistoryLine.objects.filter(policy=version.policy, number=version.number, deed=Deed.APPROVED).first()
    if approved is None or not (digest == version.digest == approved.after == seen):
        raise NotNow(Text("the content is not the one that was approved", "内容与审核通过时不一致"))
    faults = faults_of(version, timezone.localdate())
    if faults:
        raise Unpublishable(faults)
    replaced = version.policy.versions.published().first()
    if replaced is not None:
        retire(replaced)
    changed = (
        PolicyVersion.objects.approved()
        .filter(pk=version.pk, digest=digest)
        .update(state=State.PUBLISHED, published_at=timezone.now(), publisher=by)
    )
    if not changed:
        raise NotNow(Text("somebody else changed the version just now", "该版本刚刚被他人更改"))
    try:
        release, _is_new = make_release(by=by)
    except UnreadableSnapshot as fault:
        raise Unpublishable(fault.faults) from fault
    before = replaced.digest if replaced is not None else ""
    if replaced is not None:
        write_history(replaced, Deed.REPLACED, by=by, why=why, before=before, after=digest, release=release)
    write_history(version, Deed.PUBLISHED, by=by, why=why, before=before, after=digest, release=release)
    log.info("version_published", policy=version.policy.key, number=version.number, release=release.number)
    return release


def retire(version: PolicyVersion) -> None:
    """Take a published version out of force; raises NotNow when somebody else was first."""
    published = PolicyVersion.objects.published().filter(pk=version.pk)
    if not published.update(state=State.RETIRED, retired_at=timezone.now()):
        raise NotNow(Text("this version is not in force any more", "该版本已不再生效"))


def hold_back(version: PolicyVersion, *, why: str) -> None:
    """Call a planned publication off because it cannot be done; the version stays approved."""
    planned = PolicyVersion.objects.approved().filter(pk=version.pk, publish_on__isnull=False)
    if planned.update(publish_on=None):
        write_history(version, Deed.HELD, by=None, why=why)
        log.warning("planned_publication_held", policy=version.policy.key, number=version.number)


def publish_due(day: date) -> list[Release]:
    """Publish what is planned for the day or before, each by itself and in the name of whoever planned it.

    One that cannot be published any more (faults, or the person has lost the right) is held back with the reason.
    Safe to run at any time and twice at once.
    """
    releases = []
    due = PolicyVersion.objects.due(day).select_related("policy", "publisher").order_by("publish_on", "pk")
    for version in due:
        try:
            with transaction.atomic():
                assert version.publisher is not None, version  # the database keeps this promise
                require(version.publisher, Right.PUBLISH)
                releases.append(put_in_force(version, by=version.publisher))
        except NotNow as fault:
            # Where somebody else was first, nothing is planned any more and nothing happens here.
            hold_back(version, why=f"{fault.message.en} {fault.message.zh}")
        except PermissionDenied:
            hold_back(version, why="Whoever planned it may not publish any more. 安排发布的人已无发布权限。")
        except Unpublishable as fault:
            said = [one.message for one in fault.faults[:3]]
            hold_back(version, why="; ".join(text.en for text in said) + " " + "；".join(text.zh for text in said))
    return releases
