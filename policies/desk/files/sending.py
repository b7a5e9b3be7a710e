"""Catalogue files as they are sent to a person: what is in force, also with what is being worked on."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from policies.catalogue_files import canonical_file, policy_files, write_archive, write_yaml
from policies.models import PolicyVersion, Release
from policies.snapshots import compose_snapshot


def catalogue_archive(*, with_drafts: bool) -> tuple[str, bytes]:
    """The name and content of a zip: the files that `export_catalogue` writes; with drafts, those of open versions
    stand in the place of what is in force. The same rows give the same bytes.
    """
    snapshot = compose_snapshot()
    if with_drafts:
        policies = {policy["policy"]: policy for policy in snapshot["policies"]}
        open_versions = PolicyVersion.objects.open().values_list("policy__key", "content")
        policies |= {key: {**content, "policy": key} for key, content in open_versions}
        snapshot["policies"] = [policies[key] for key in sorted(policies)]
    number, made_at = Release.objects.order_by("-number").values_list("number", "created_at").first() or (0, _no_time())
    name = f"changce-catalogue-release-{number}{'-with-drafts' if with_drafts else ''}.zip"
    return name, write_archive(policy_files(snapshot), timezone.localtime(made_at))


def version_file(version: PolicyVersion) -> str:
    """One version as the text of its file."""
    return write_yaml(canonical_file(f"policies/{version.policy.key}.yaml", version.content))


def _no_time() -> datetime:
    # The earliest that a zip can say.
    return datetime(1980, 1, 1, tzinfo=timezone.get_current_timezone())
