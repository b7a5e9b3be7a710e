"""Who may do what at the desk: the roles, the rights behind them, and the one place that checks them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from companies.models import User


class Right(StrEnum):
    """A right of the desk, by its name among Django's permissions."""

    WRITE = "policies.write_draft"
    REVIEW = "policies.review_draft"
    PUBLISH = "policies.publish_version"
    AGGREGATES = "policies.see_aggregates"
    OPERATE = "policies.operate"


# What curators keep in the administration: the vocabulary and the reference lists.
_LISTS = (
    "zone", "goal", "pillar", "level", "sector", "structure", "place", "certificatekind", "paperkind", "benefitkind",
)  # fmt: skip
_EDITED = tuple(f"policies.{verb}_{name}" for name in _LISTS for verb in ("view", "add", "change"))
_VOCABULARY = tuple(
    f"companies.{verb}_{name}" for name in ("factrecord", "sectionrecord") for verb in ("view", "add", "change")
)
_READ = ("policies.view_policy", "policies.view_policyversion", "policies.view_release", "policies.view_historyline")

# The group of each role and its permissions. Nobody at the desk sees a company's figures by being there.
ROLES: dict[str, tuple[str, ...]] = {
    "curator": (Right.WRITE, Right.AGGREGATES, *_READ, *_EDITED, *_VOCABULARY),
    "reviewer": (Right.REVIEW, Right.AGGREGATES, *_READ),
    "publisher": (Right.PUBLISH, Right.AGGREGATES, *_READ),
    "analyst": (Right.AGGREGATES,),
    "operator": (Right.OPERATE,),
    "support": ("companies.view_user", "companies.view_company", "companies.view_membership"),
}


def may(user: Any, right: Right) -> bool:
    """Whether the person has this right: on the staff, active, and in a group (or a superuser) that has it."""
    return bool(user is not None and user.is_active and user.is_staff and user.has_perm(right))


def may_work_at_desk(user: Any) -> bool:
    """Whether the pages of the desk open for this person at all."""
    return any(may(user, right) for right in (Right.WRITE, Right.REVIEW, Right.PUBLISH))


def require(user: User, right: Right) -> None:
    """Raise PermissionDenied unless the person has the right now."""
    if not may(user, right):
        raise PermissionDenied(right)


def make_roles(**_: Any) -> None:
    """Create the groups and give each the permissions of its role; what an administrator added to them stays."""
    from django.apps import apps
    from django.contrib.auth.management import create_permissions
    from django.contrib.auth.models import Group, Permission

    for app in ("companies", "policies"):  # this may run before Django's own step that makes them
        create_permissions(apps.get_app_config(app), verbosity=0)
    rows = Permission.objects.filter(content_type__app_label__in=["companies", "policies"])
    by_name = {f"{row.content_type.app_label}.{row.codename}": row for row in rows.select_related("content_type")}
    for role, names in ROLES.items():
        group, _made = Group.objects.get_or_create(name=role)
        group.permissions.add(*(by_name[str(name)] for name in names))
