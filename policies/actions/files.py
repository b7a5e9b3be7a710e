"""Policies from files that a person at the desk sent: begun as drafts, one by one as the person chose them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from django.db import transaction

from companies.facts import Text
from policies.actions.catalogue import FROM_FILES
from policies.actions.drafts import AlreadyOpen, open_draft, save_draft, writers_of
from policies.contents import check_content, empty_content
from policies.jobs import NotNow
from policies.models import Policy, PolicyVersion, State
from policies.roles import Right, require

if TYPE_CHECKING:
    from companies.models import User

log = structlog.get_logger(__name__)

_MOVED = Text("what is in force of a policy changed just now; look again", "某项政策的生效版本刚刚发生变化，请重新查看")
_NOT_YOURS = Text("a draft that somebody else wrote at is not replaced by a file", "他人参与编写的草稿不会被文件替换")


@dataclass(frozen=True, slots=True)
class FileTaken:
    """One policy of a file: its content, and the digests of what was in force and of the open draft when the person
    chose it. `draft` is empty where a draft is to be begun; otherwise the file becomes the next saved state of that draft.
    """

    content: Mapping[str, Any]
    published: str = ""
    draft: str = ""


@transaction.atomic
def take_files(*, files: Sequence[FileTaken], by: User, why: str) -> list[PolicyVersion]:
    """Begin a draft of each of these policies, or save it into the person's own open draft; all of them or none.

    Publishes nothing, and leaves alone what is known of the folder that `load_catalogue` loads: the file is on
    somebody's own disk, and a later load of that folder must not take it for a change or for a file that is gone.
    Raises AlreadyOpen or NotNow where the desk is not as the person saw it, UnfitContent for what cannot be stored.
    """
    require(by, Right.WRITE)
    said = "\n".join(part for part in (why.strip(), FROM_FILES) if part)
    versions = [_take(file, by, said) for file in files]
    log.info("files_taken", drafts=len(versions))
    return versions


def _take(file: FileTaken, by: User, why: str) -> PolicyVersion:
    key = file.content.get("policy")
    content = check_content(file.content, key=empty_content(key if isinstance(key, str) else "")["policy"])
    policy, _made = Policy.objects.get_or_create(key=content["policy"])
    # Before looking: whoever publishes or begins a draft of this policy meanwhile waits, or we do.
    Policy.objects.select_for_update().get(pk=policy.pk)
    published = policy.versions.published().first()
    if (published.digest if published is not None else "") != file.published:
        raise NotNow(_MOVED)
    if not file.draft:
        return open_draft(policy=policy, content=content, published=published, by=by, why=why)
    draft = policy.versions.open().first()
    if draft is None or draft.digest != file.draft or draft.state != State.DRAFT:
        raise NotNow(_MOVED) if draft is None else AlreadyOpen(draft)
    if writers_of(draft) != {by.pk}:
        raise NotNow(_NOT_YOURS)
    return save_draft(version=draft, content=content, by=by, seen=file.draft, why=why)
