"""Whether the rows are still what the histories say of them: changes made past the service, each named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from companies.facts import Text
from companies.facts.changes import ORDER
from companies.models import FactRecord, ListLine, SectionRecord
from policies.models.editions import PolicyVersion, State
from policies.models.history import Deed, HistoryLine
from policies.models.reference import LISTS
from policies.models.releases import Release
from policies.rules.book import snapshot_digest


def changed_past_the_service() -> Iterator[Text]:
    """A sentence for each entry, edition and release that is not what was written down when it was stored."""
    yield from _entries()
    yield from _editions()
    for release in Release.objects.order_by("number").iterator(chunk_size=1):
        if snapshot_digest(release.snapshot) != release.digest:
            n = release.number
            yield Text(f"release {n} is not as it was made", f"发布版 {n} 与生成时不一致")


def _entries() -> Iterator[Text]:
    """Facts, sections and entries of lists against the last line about each; what has no line is older than the history."""
    said: dict[tuple[str, str], Any] = {}
    for list_name, key, after in ListLine.objects.order_by("pk").values_list("list_name", "key", "after").iterator():
        if after is None or ORDER not in after:
            said[list_name, key] = after
    there: dict[tuple[str, str], Any] = {}
    for fact in FactRecord.objects.select_related("section"):
        there[fact.list_name, fact.name] = fact.to_entry()
    for model in (SectionRecord, *LISTS.values()):
        for row in model._default_manager.all():
            there[model.list_name, row.key] = row.to_plain()
    for (list_name, key), entry in said.items():
        if there.get((list_name, key)) != entry:
            where = f"{list_name}/{key}"
            yield Text(f"{where} is not what the history says", f"{where} 与历史记录不一致")


def _editions() -> Iterator[Text]:
    lines = HistoryLine.objects.filter(deed=Deed.PUBLISHED).values_list("policy_id", "number", "after")
    published = {(policy, number): after for policy, number, after in lines}
    rows = PolicyVersion.objects.filter(state__in=[State.PUBLISHED, State.RETIRED]).select_related("policy")
    for version in rows.order_by("policy__key", "number").iterator(chunk_size=50):
        written = published.get((version.policy_id, version.number), version.digest)
        if version.digest != written or snapshot_digest(version.content) != version.digest:
            where = f"{version.policy.key} {version.number}"
            yield Text(f"the edition {where} is not what was published", f"版本 {where} 与发布时不一致")
