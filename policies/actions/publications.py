"""Versions put in force and taken out of it: each makes a release, and each says who and why."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import structlog
from django.db import transaction
from django.utils import timezone

from companies.facts import Text
from policies.jobs import (
    NotNow,
    Unpublishable,
    faults_of,
    make_release,
    next_number,
    put_in_force,
    retire,
    wait_for_others,
    write_history,
)
from policies.models import Deed, Policy, PolicyVersion, Release, State
from policies.roles import Right, require
from policies.rules.book import snapshot_digest

if TYPE_CHECKING:
    from companies.models import User

log = structlog.get_logger(__name__)


@transaction.atomic
def publish(*, version: PolicyVersion, by: User, on: date | None = None, why: str = "") -> Release | None:
    """Publish an approved version now, which gives the release, or plan it for a day to come, which gives None.

    It must parse, lint clean, have a source for each criterion, and all its example cases must come out as written:
    raises Unpublishable with the faults otherwise, also when it is only planned; NotNow when it is not approved.
    """
    require(by, Right.PUBLISH)
    today = timezone.localdate()
    if on is None or on <= today:
        return put_in_force(version, by=by, why=why)
    approved = PolicyVersion.objects.approved().filter(pk=version.pk, digest=version.digest)
    if not approved.update(publish_on=on, publisher=by):
        raise NotNow(Text("only an approved version can be published", "只有审核通过的版本才能发布"))
    if faults := faults_of(version, today):
        raise Unpublishable(faults)
    said = f"{on.isoformat()}. {why}".strip()
    write_history(version, Deed.PLANNED, by=by, why=said, before=version.digest, after=version.digest)
    return None


@transaction.atomic
def call_off(*, version: PolicyVersion, by: User, why: str = "") -> None:
    """Call a planned publication off; the version stays approved."""
    require(by, Right.PUBLISH)
    planned = PolicyVersion.objects.approved().filter(pk=version.pk, digest=version.digest, publish_on__isnull=False)
    if not planned.update(publish_on=None):
        raise NotNow(Text("no publication is planned", "没有已安排的发布"))
    write_history(version, Deed.UNPLANNED, by=by, why=why, before=version.digest, after=version.digest)


@transaction.atomic
def withdraw(*, policy: Policy, by: User, why: str) -> Release:
    """Take a policy out of force at once; says why. Its versions stay readable, and a draft of it can be published again."""
    require(by, Right.PUBLISH)
    said = _reason(why)
    wait_for_others()
    published = policy.versions.published().first()
    if published is None:
        raise NotNow(Text("nothing of this policy is in force", "该政策没有生效的版本"))
    retire(published)
    release, _is_new = make_release(by=by)
    write_history(published, Deed.WITHDRAWN, by=by, why=said, before=published.digest, release=release)
    log.info("policy_withdrawn", policy=policy.key, release=release.number)
    return release


@transaction.atomic
def roll_back(*, to_release: Release, by: User, why: str) -> Release:
    """Make the published policies those of an earlier release again, as a new release; says why.

    Policies only: vocabulary and lists stay as they are, because companies have answered by them since. Raises
    UnreadableSnapshot, and nothing changes, when the earlier policies cannot be read with them any more.
    """
    require(by, Right.PUBLISH)
    said = f"{_reason(why)} (release {to_release.number})"
    wait_for_others()
    wanted = {content["policy"]: content for content in to_release.snapshot["policies"]}
    published = {version.policy.key: version for version in PolicyVersion.objects.published().select_related("policy")}
    steps: list[tuple[PolicyVersion, Deed, str, str]] = []
    for key, version in published.items():
        if key not in wanted:
            retire(version)
            steps.append((version, Deed.WITHDRAWN, version.digest, ""))
    for key, content in wanted.items():
        digest, current = snapshot_digest(content), published.get(key)
        if current is not None and current.digest == digest:
            continue
        if current is not None:
            retire(current)
            steps.append((current, Deed.REPLACED, current.digest, digest))
        restored = _restore(key, content, digest, by)
        steps.append((restored, Deed.RESTORED, current.digest if current is not None else "", digest))
    if not steps:
        raise NotNow(Text("these policies are in force already", "这些政策已经生效"))
    release, _is_new = make_release(by=by)
    for version, deed, before, after in steps:
        write_history(version, deed, by=by, why=said, before=before, after=after, release=release)
    log.info("rolled_back", to=to_release.number, release=release.number, policies=len(steps))
    return release


def _restore(key: str, content: dict[str, Any], digest: str, by: User) -> PolicyVersion:
    """The content as a new published version, with the author and the reviewer of the one it repeats."""
    policy, _made = Policy.objects.get_or_create(key=key)
    earlier = policy.versions.filter(state=State.RETIRED, digest=digest).order_by("-number").first()
    return PolicyVersion.objects.create(
        policy=policy,
        number=next_number(policy),
        state=State.PUBLISHED,
        content=content,
        digest=digest,
        author=earlier.author if earlier is not None else None,
        reviewer=earlier.reviewer if earlier is not None else None,
        publisher=by,
        published_at=timezone.now(),
        **PolicyVersion.columns(content),
    )


def _reason(why: str) -> str:
    said = why.strip()
    if not said:
        raise NotNow(Text("say why", "请说明原因"))
    return said
