"""Rows that never change once they are in force. The database repeats the promise with triggers, see the migrations."""

from __future__ import annotations

from typing import Any, Self

from django.db import models


class Frozen(Exception):
    """Somebody tried to change or delete what has been published; make a new version instead."""


class FrozenQuerySet(models.QuerySet):
    """Refuses bulk changes and deletion of frozen rows; the model says which rows and columns are frozen."""

    def frozen(self) -> Self:
        """The rows here that must not change any more."""
        return self.filter(self.model.frozen_rows())

    def update(self, **changes: Any) -> int:
        if self.model.FROZEN_FIELDS.intersection(changes) and self.frozen().exists():
            raise Frozen(f"{self.model._meta.verbose_name}: published content does not change")
        return super().update(**changes)

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        if self.frozen().exists():
            raise Frozen(f"{self.model._meta.verbose_name}: what was published is kept")
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class FrozenRow(models.Model):
    """Base of models whose rows freeze."""

    FROZEN_FIELDS: frozenset[str] = frozenset()

    objects = FrozenQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            names = [self._meta.get_field(name).attname for name in sorted(self.FROZEN_FIELDS)]
            stored = type(self)._base_manager.filter(self.frozen_rows(), pk=self.pk).values(*names).first()
            if stored is not None and any(getattr(self, name) != value for name, value in stored.items()):
                raise Frozen(f"{self._meta.verbose_name}: published content does not change")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if type(self)._base_manager.filter(self.frozen_rows(), pk=self.pk).exists():
            raise Frozen(f"{self._meta.verbose_name}: what was published is kept")
        return super().delete(*args, **kwargs)

    @classmethod
    def frozen_rows(cls) -> models.Q:
        """Which rows are frozen: all of them, unless the model says otherwise."""
        return models.Q(pk__isnull=False)
