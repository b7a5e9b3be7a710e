"""What was changed in the vocabulary and the reference lists, by whom, when and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.facts import Text
from companies.facts.changes import ORDER, say_changes
from companies.models.chains import ChainedLine

LONGEST_REASON = 10_000
FACTS, SECTIONS = "facts", "sections"
"""The lists that the vocabulary itself is; the others are the reference lists, by their names."""


class ListDeed(models.TextChoices):
    """One thing done with an entry of a list."""

    ADDED = "added", _("added")
    CHANGED = "changed", _("changed")
    REMOVED = "removed", _("removed")


class ListLine(ChainedLine):
    """One change of an entry of the vocabulary or of a reference list, with the entry before and after."""

    SEALED_FIELDS = frozenset({"list_name", "key", "deed", "by", "why", "before", "after"})
    FROZEN_FIELDS = SEALED_FIELDS | {"at", "previous", "digest"}

    list_name = models.CharField(_("list"), max_length=40)
    key = models.CharField(_("key"), max_length=80)
    deed = models.CharField(_("what"), max_length=10, choices=ListDeed)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who")
    )
    why = models.TextField(_("why"), blank=True)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)

    class Meta(ChainedLine.Meta):
        abstract = False
        ordering = ["-pk"]
        verbose_name, verbose_name_plural = _("change of a list"), _("changes of lists")
        indexes = [models.Index(fields=["list_name", "key"], name="history_of_entry")]
        constraints = [models.CheckConstraint(condition=Q(deed__in=ListDeed.values), name="list_deed_known")]

    def __str__(self) -> str:
        return f"change {self.pk}"

    @property
    def said(self) -> list[Text]:
        """What is different now, in sentences."""
        return say_changes(self.before, self.after)


def storable_reason(why: str) -> str:
    """The reason as a history keeps it: without what a database cannot store, and not without end."""
    return why.replace("\x00", "")[:LONGEST_REASON]


def line_of_change(
    list_name: str, key: str, before: dict[str, Any] | None, after: dict[str, Any] | None, *, by: Any, why: str
) -> ListLine | None:
    """The line about this change, to be added; None where nothing changed."""
    if before == after:
        return None
    deed = ListDeed.ADDED if before is None else ListDeed.REMOVED if after is None else ListDeed.CHANGED
    return ListLine(
        list_name=list_name, key=key, deed=deed, by=by, why=storable_reason(why), before=before, after=after
    )


def line_of_order(
    list_name: str, key: str, before: Sequence[str], after: Sequence[str], *, by: Any, why: str
) -> ListLine | None:
    """The line about another order of a list, or of what is in its entry `key`; None where the order is the same.

    What was taken out leaves no gap and what is new goes to the end: their own lines say that already.
    """
    kept, known = set(after), set(before)
    usual = [one for one in before if one in kept] + [one for one in after if one not in known]
    if list(after) == usual:
        return None
    return line_of_change(list_name, key, {ORDER: usual}, {ORDER: list(after)}, by=by, why=why)
