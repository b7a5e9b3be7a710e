"""A version of a policy as the desk reads it: with the vocabulary and the lists of now, as far as it can be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404

from companies.facts import Vocabulary
from companies.models import FactRecord
from policies.models import PolicyVersion
from policies.rules.readable import Readable, read_offers
from policies.snapshots import lists_now


@dataclass(frozen=True, slots=True)
class VersionRead:
    """A version beside what it was read with."""

    version: PolicyVersion
    vocabulary: Vocabulary
    lists: dict[str, list[dict[str, Any]]]
    readable: Readable


def version_or_404(key: str, number: int) -> PolicyVersion:
    """The version with its policy."""
    return get_object_or_404(PolicyVersion.objects.select_related("policy"), policy__key=key, number=number)


def read_version(version: PolicyVersion) -> VersionRead:
    """The version with those of its offers that can be read."""
    vocabulary, lists = FactRecord.objects.vocabulary(), lists_now()
    return VersionRead(version, vocabulary, lists, read_offers(version.content, vocabulary, lists))
