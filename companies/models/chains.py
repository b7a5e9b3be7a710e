"""Histories whose lines hold the digest of the line before: whoever changes one past the triggers is found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.facts import digest_of
from companies.models.frozen import FrozenRow


class Chain(models.Model):
    """Where a history ends: how many lines it has and the digest of the last. Whoever adds a line locks this row."""

    name = models.CharField(max_length=60, primary_key=True)
    length = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ChainedLine(FrozenRow):
    """Base of the lines of a history: added by `add_lines`, never changed, each sealed together with the one before."""

    SEALED_FIELDS: frozenset[str] = frozenset()

    at = models.DateTimeField(_("when"), editable=False)
    # Unique, so that a history cannot fork.
    previous = models.CharField(max_length=64, blank=True, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def seal(self) -> str:
        """The digest of what the line says, and of the line before."""
        names = sorted(self._meta.get_field(name).attname for name in self.SEALED_FIELDS | {"at", "previous"})
        return digest_of({name: _written(getattr(self, name)) for name in names})


def _written(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


@transaction.atomic
def add_lines(lines: Sequence[ChainedLine]) -> None:
    """Add these lines of one history at its end, in their order; writers wait for each other until they commit."""
    if not lines:
        return
    model = type(lines[0])
    Chain.objects.get_or_create(name=model._meta.label)
    chain = Chain.objects.select_for_update().get(name=model._meta.label)
    now = timezone.now()
    for line in lines:
        line.at, line.previous = now, chain.digest
        chain.digest = line.digest = line.seal()
    model._default_manager.bulk_create(lines)
    chain.length += len(lines)
    chain.save()


@dataclass(frozen=True, slots=True)
class Break:
    """Where a history does not hold together: the first line that is not what was written, None for its end."""

    line: int | None


def first_break(model: type[ChainedLine]) -> Break | None:
    """The first place where the history is not as it was written; None where all of it holds."""
    chain = Chain.objects.filter(name=model._meta.label).first() or Chain(digest="")
    last, length = "", 0
    for line in model._default_manager.order_by("pk").iterator(chunk_size=1_000):
        if line.previous != last or line.digest != line.seal():
            return Break(line.pk)
        last, length = line.digest, length + 1
    return None if (last, length) == (chain.digest, chain.length) else Break(None)
