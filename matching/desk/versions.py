"""The version in force beside the one that is looked at."""

from __future__ import annotations

from policies.models import PolicyVersion


def in_force_beside(version: PolicyVersion) -> PolicyVersion | None:
    """The version of the same policy that is in force, unless it is this one."""
    return PolicyVersion.objects.published().filter(policy=version.policy_id).exclude(pk=version.pk).first()
