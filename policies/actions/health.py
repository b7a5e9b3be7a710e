"""Findings set aside for a while, and taken up again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import structlog
from django.db import transaction

from companies.facts import Text
from companies.models import storable_reason
from policies.jobs import NotNow, write_history
from policies.lint import WorkItem
from policies.models import Deed, PolicyVersion, SetAside
from policies.roles import Right, require

if TYPE_CHECKING:
    from companies.models import User

LONGEST_REST = timedelta(days=366)

log = structlog.get_logger(__name__)


@transaction.atomic
def set_aside(*, item: WorkItem, until: date, why: str, by: User, day: date) -> SetAside:
    """Keep a finding off the list of work until that day is over; it comes back earlier when it says something else.

    Raises NotNow for a day that is over or more than a year away, and without a reason: nothing rests for ever.
    """
    require(by, Right.WRITE)
    if not why.strip():
        raise NotNow(Text("say why it can wait", "请说明可以暂缓的原因"))
    if not day <= until <= day + LONGEST_REST:
        raise NotNow(Text("choose a day from today on, at most a year away", "请选择自今天起一年以内的日期"))
    row = SetAside.objects.create(finding=item.key, until=until, why=storable_reason(why), by=by)
    _write(item, Deed.SET_ASIDE, f"{_said(item)} → {until.isoformat()}. {why}", by)
    return row


@transaction.atomic
def take_up(*, item: WorkItem, by: User, day: date) -> None:
    """Put a finding that was set aside back on the list of work; nothing happens where it is there."""
    require(by, Right.WRITE)
    if item.key in SetAside.objects.standing(day):
        SetAside.objects.create(finding=item.key, until=None, by=by)
        _write(item, Deed.TAKEN_UP, _said(item), by)


def _write(item: WorkItem, deed: Deed, why: str, by: User) -> None:
    """Into the history of the policy, where the finding is about one."""
    version = PolicyVersion.objects.filter(policy__key=item.policy).order_by("-number").first()
    if version is not None:
        write_history(version, deed, by=by, why=why, before=version.digest, after=version.digest)
    log.info("finding_" + deed.value, code=item.code, policy=item.policy)


def _said(item: WorkItem) -> str:
    return f"{item.kind.label.en} · {item.kind.label.zh}: {item.message.en} · {item.message.zh}"
