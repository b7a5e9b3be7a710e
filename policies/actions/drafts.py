"""A version on its way: begun, written, sent to review, talked about, returned or approved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction

from companies.facts import Text
from policies.contents import check_content, empty_content
from policies.jobs import NotNow, next_number, write_history
from policies.models import Deed, HistoryLine, Policy, PolicyVersion, State
from policies.parts import PartPath, part_at, part_digest, with_part
from policies.roles import Right, may, require
from policies.rules.book import snapshot_digest

if TYPE_CHECKING:
    from companies.models import User

# Each try lost means that somebody else's save got through; nobody meets this many by chance.
_TRIES = 10
_BUSY = Text("many people save this draft just now; try again", "此刻多人正在保存该草稿，请重试")

log = structlog.get_logger(__name__)


class ChangedMeanwhile(Exception):
    """Somebody saved the draft after the person began: `version` is as it stands now, `content` what was not saved."""

    def __init__(self, version: PolicyVersion, content: Mapping[str, Any]) -> None:
        self.version, self.content = version, content
        super().__init__(f"{version} was changed by somebody else; nothing was saved")


class PartChanged(Exception):
    """Somebody saved the same part after the person began: `theirs` is what stands there now, `mine` what was not saved.

    `version` is the draft as it stands; `line` the history's last word on who saved it.
    """

    def __init__(self, version: PolicyVersion, theirs: Any, mine: Any, line: HistoryLine | None) -> None:
        self.version, self.theirs, self.mine, self.line = version, theirs, mine, line
        super().__init__(f"this part of {version} was changed by somebody else; nothing was saved")


class AlreadyOpen(Exception):
    """The policy has a version that is being worked on: `version`; go on with that one."""

    def __init__(self, version: PolicyVersion) -> None:
        self.version = version
        super().__init__(f"{version} is already being worked on")


class SecondPersonNeeded(Exception):
    """Whoever wrote at a draft does not approve it."""


@transaction.atomic
def start_draft(*, by: User, policy: Policy | None = None, key: str | None = None, why: str = "") -> PolicyVersion:
    """Begin a draft: a copy of what is published of the policy, or an empty one under a new key.

    Raises AlreadyOpen where the policy has a draft or a version in review, UnfitContent for a key that cannot be one.
    """
    require(by, Right.WRITE)
    if policy is None:
        assert key is not None, "a policy or a key"
        content: dict[str, Any] = empty_content(key)
        policy, _made = Policy.objects.get_or_create(key=key)
        published = policy.versions.published().first()
        content = content if published is None else published.content
    else:
        published = policy.versions.published().first()
        content = empty_content(policy.key) if published is None else published.content
    return open_draft(policy=policy, content=content, published=published, by=by, why=why)


def open_draft(
    *, policy: Policy, content: Mapping[str, Any], published: PolicyVersion | None, by: User | None, why: str
) -> PolicyVersion:
    """The new draft as a row with its first line of history. The caller is inside a transaction."""
    # Two who begin at once wait for each other here, so that the second is told.
    Policy.objects.select_for_update().get(pk=policy.pk)
    open_version = policy.versions.open().first()
    if open_version is not None:
        raise AlreadyOpen(open_version)
    digest = snapshot_digest(content)
    version = PolicyVersion.objects.create(
        policy=policy,
        number=next_number(policy),
        state=State.DRAFT,
        content=content,
        digest=digest,
        author=by,
        based_on=published,
        **PolicyVersion.columns(content),
    )
    before = published.digest if published is not None else ""
    write_history(version, Deed.BEGUN, by=by, why=why, before=before, after=digest)
    log.info("draft_begun", policy=policy.key, number=version.number)
    return version


@transaction.atomic
def save_draft(
    *, version: PolicyVersion, content: Mapping[str, Any], by: User, seen: str, why: str = ""
) -> PolicyVersion:
    """Save the content of a draft; `seen` is the digest of the content that the person began from.

    Half-written content is fine; raises UnfitContent for what could not be stored or shown. Raises ChangedMeanwhile,
    which carries both contents, when somebody saved in between, and NotNow when it is no draft any more.
    """
    require(by, Right.WRITE)
    content = check_content(content, key=version.policy.key)
    digest = snapshot_digest(content)
    drafts = PolicyVersion.objects.filter(pk=version.pk, state=State.DRAFT)
    if digest != seen:
        changed = drafts.filter(digest=seen).update(content=content, digest=digest, **PolicyVersion.columns(content))
    else:
        changed = drafts.filter(digest=seen).count()
    if not changed:
        current = _current(version)
        if current.state != State.DRAFT:
            raise NotNow(Text("this version is not a draft any more", "该版本已不是草稿"))
        if current.digest != digest:
            raise ChangedMeanwhile(current, content)
        return current  # the same was saved before: sent twice, or by two with the same idea
    if digest != seen:
        write_history(version, Deed.SAVED, by=by, why=why, before=seen, after=digest)
    return _current(version)


def save_part(
    *, version: PolicyVersion, path: PartPath, part: Any, by: User, seen: str, why: str = ""
) -> PolicyVersion:
    """Save one part of a draft; `seen` is the `part_digest` of that part as the person began from it.

    What somebody else saved at another part meanwhile stays. Raises PartChanged when it was the same part, PartGone
    when the offer is not there any more, and what `save_draft` raises.
    """
    require(by, Right.WRITE)
    for _try in range(_TRIES):
        current = _current(version)
        theirs = part_at(current.content, path)
        if part_digest(theirs) != seen:
            if part_digest(theirs) == part_digest(part):
                return current  # the same was saved before: sent twice, or by two with the same idea
            line = HistoryLine.objects.filter(
                policy_id=current.policy_id, number=current.number, deed=Deed.SAVED, after=current.digest
            ).select_related("by")
            raise PartChanged(current, theirs, part, line.order_by("-pk").first())
        content = with_part(current.content, path, part)
        try:
            return save_draft(version=current, content=content, by=by, seen=current.digest, why=why)
        except ChangedMeanwhile:
            continue  # between reading and writing; look again whether it was this part
    raise NotNow(_BUSY)


def change_cases(
    *, version: PolicyVersion, by: User, change: Callable[[list[Any]], list[Any]], why: str = ""
) -> PolicyVersion:
    """Save the example cases of a draft as `change` makes them from those that are there at that moment.

    So two who work at different cases do not hinder each other. `change` raises what it likes when the case it was
    made for is not there any more; nothing is saved then. Raises what `save_draft` raises.
    """
    require(by, Right.WRITE)
    for _try in range(_TRIES):
        cases = _current(version).content.get("cases")
        there = cases if isinstance(cases, list) else []
        try:
            return save_part(
                version=version, path=("cases",), part=change(list(there)), by=by, seen=part_digest(cases), why=why
            )
        except PartChanged:
            continue
    raise NotNow(_BUSY)


@transaction.atomic
def confirm_draft(*, version: PolicyVersion, by: User, why: str = "") -> PolicyVersion:
    """Say that the draft, compared with what is in force now, is still what should be published."""
    require(by, Right.WRITE)
    published = version.policy.versions.published().first()
    drafts = PolicyVersion.objects.filter(pk=version.pk, state=State.DRAFT, digest=version.digest)
    if not drafts.update(based_on=published):
        raise NotNow(Text("only a draft, as it stands now, can be confirmed", "只有草稿可以确认，且以其当前内容为准"))
    before = published.digest if published is not None else ""
    write_history(version, Deed.REBASED, by=by, why=why, before=before, after=version.digest)
    return _current(version)


@transaction.atomic
def discard_draft(*, version: PolicyVersion, by: User, why: str) -> None:
    """Throw a draft away; its history stays, and its number is not used again."""
    require(by, Right.WRITE)
    gone, _what = PolicyVersion.objects.filter(pk=version.pk, state=State.DRAFT, digest=version.digest).delete()
    if not gone:
        raise NotNow(Text("only a draft, as it stands now, can be thrown away", "只能删除草稿，且以其当前内容为准"))
    write_history(version, Deed.DISCARDED, by=by, why=why, before=version.digest)


@transaction.atomic
def send_to_review(*, version: PolicyVersion, by: User, why: str = "") -> PolicyVersion:
    """Ask a second person to look; from here on the content does not change."""
    require(by, Right.WRITE)
    drafts = PolicyVersion.objects.filter(pk=version.pk, state=State.DRAFT, digest=version.digest)
    if not drafts.update(state=State.IN_REVIEW):
        raise NotNow(
            Text("the draft was changed or sent just now; look at it again", "草稿刚刚被更改或提交，请重新查看")
        )
    write_history(version, Deed.SENT, by=by, why=why, before=version.digest, after=version.digest)
    return _current(version)


@transaction.atomic
def comment(*, version: PolicyVersion, by: User, why: str) -> HistoryLine:
    """Say something about a version; it stays in the history."""
    if not any(may(by, right) for right in (Right.WRITE, Right.REVIEW, Right.PUBLISH)):
        raise PermissionDenied
    digest = PolicyVersion.objects.values_list("digest", flat=True).get(pk=version.pk)
    return write_history(version, Deed.COMMENTED, by=by, why=_needed(why), before=digest, after=digest)


@transaction.atomic
def return_to_author(*, version: PolicyVersion, by: User, why: str) -> PolicyVersion:
    """Make a version in review, approved or not, a draft again; says why. A planned publication is off with it."""
    if by != version.author and not (may(by, Right.REVIEW) or may(by, Right.PUBLISH)):
        raise PermissionDenied
    in_review = PolicyVersion.objects.filter(pk=version.pk, state=State.IN_REVIEW, digest=version.digest)
    if not in_review.update(state=State.DRAFT, reviewer=None, publisher=None, publish_on=None):
        raise NotNow(Text("this version is not in review", "该版本不在审核中"))
    write_history(version, Deed.RETURNED, by=by, why=_needed(why), before=version.digest, after=version.digest)
    return _current(version)


@transaction.atomic
def approve(*, version: PolicyVersion, by: User, why: str = "") -> PolicyVersion:
    """Say yes to a version in review, as it was read.

    Raises SecondPersonNeeded for its author and for everybody who wrote at it.
    """
    require(by, Right.REVIEW)
    if by.pk in writers_of(version):
        raise SecondPersonNeeded
    waiting = PolicyVersion.objects.filter(pk=version.pk, state=State.IN_REVIEW, reviewer=None, digest=version.digest)
    if not waiting.update(reviewer=by):
        raise NotNow(Text("this version does not wait for a review", "该版本不在待审状态"))
    write_history(version, Deed.APPROVED, by=by, why=why, before=version.digest, after=version.digest)
    log.info("version_approved", policy=version.policy.key, number=version.number)
    return _current(version)


def writers_of(version: PolicyVersion) -> set[int]:
    """The people who began, wrote or confirmed the version."""
    return writers_of_each([version])[version.pk]


def writers_of_each(versions: Iterable[PolicyVersion]) -> dict[int, set[int]]:
    """The same of several versions at once, by their primary keys."""
    by_place = {(version.policy_id, version.number): version for version in versions}
    found: dict[int, set[int]] = {
        version.pk: set() if version.author_id is None else {version.author_id} for version in by_place.values()
    }
    wrote = HistoryLine.objects.filter(
        policy__in={policy for policy, _number in by_place},
        number__in={number for _policy, number in by_place},
        deed__in=[Deed.BEGUN, Deed.SAVED, Deed.REBASED],
        by__isnull=False,
    )
    for policy, number, by in wrote.order_by().values_list("policy_id", "number", "by"):
        if (policy, number) in by_place:
            found[by_place[policy, number].pk].add(by)
    return found


def _needed(why: str) -> str:
    said = why.strip()
    if not said:
        raise NotNow(Text("say why", "请说明原因"))
    return said


def _current(version: PolicyVersion) -> PolicyVersion:
    return PolicyVersion.objects.select_related("policy").get(pk=version.pk)
