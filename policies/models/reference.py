"""The reference lists as rows, one table each: what policies and companies are sorted by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Basis(models.TextChoices):
    STATED = "stated", _("stated by a source")
    INFERRED = "inferred", _("inferred by us")
    UNCONFIRMED = "unconfirmed", _("unconfirmed")


class Confidence(models.TextChoices):
    HIGH = "high", _("high: official text seen")
    MEDIUM = "medium", _("medium: press or summary")
    LOW = "low", _("low: background knowledge")


# What every list has in columns of its own.
_COLUMNS = frozenset({"key", "label", "basis", "confidence", "note", "sources"})


class ReferenceEntry(models.Model):
    """One entry of a reference list: a key, its names in both languages, and how sure we are."""

    list_name: ClassVar[str]
    """The name of the list in the catalogue and in the history."""

    key = models.CharField(
        _("key"),
        max_length=64,
        unique=True,
        validators=[RegexValidator(r"\A[A-Za-z0-9][A-Za-z0-9_\-]*\Z", _("Letters, digits, _ and - only."))],
    )
    label_en = models.CharField(_("name (English)"), max_length=300)
    label_zh = models.CharField(_("name (中文)"), max_length=300)
    basis = models.CharField(_("basis"), max_length=12, choices=Basis.choices, blank=True)
    confidence = models.CharField(_("confidence"), max_length=6, choices=Confidence.choices, blank=True)
    note_en = models.TextField(_("note (English)"), blank=True)
    note_zh = models.TextField(_("note (中文)"), blank=True)
    sources = models.JSONField(_("sources"), default=list, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    # What only this list has: the type of a place, the years a certificate is valid, ...
    extra = models.JSONField(_("more"), default=dict, blank=True)

    class Meta:
        abstract = True
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.key

    def clean(self) -> None:
        """Refuse what could not be written to a catalogue file."""
        if not isinstance(self.extra, dict) or _COLUMNS & self.extra.keys():
            raise ValidationError(
                {"extra": _('This is a JSON object with what only this list has, such as {"type": "park"}.')}
            )
        if not isinstance(self.sources, list) or not all(isinstance(one, str) for one in self.sources):
            raise ValidationError({"sources": _('This is a JSON list of addresses, such as ["https://example.org/"].')})

    @staticmethod
    def columns(entry: Mapping[str, Any], position: int) -> dict[str, Any]:
        """The columns of an entry as it stands in a catalogue file, but for its key."""
        note = entry.get("note") or {}
        return {
            "label_en": entry["label"]["en"],
            "label_zh": entry["label"]["zh"],
            "basis": entry.get("basis") or "",
            "confidence": entry.get("confidence") or "",
            "note_en": note.get("en", ""),
            "note_zh": note.get("zh", ""),
            "sources": list(entry.get("sources") or []),
            "position": position,
            "extra": {key: item for key, item in entry.items() if key not in _COLUMNS},
        }

    def to_plain(self) -> dict[str, Any]:
        """The entry as it stands in a catalogue file; what is empty is left out."""
        plain: dict[str, Any] = {"key": self.key, "label": {"en": self.label_en, "zh": self.label_zh}, **self.extra}
        if self.note_en or self.note_zh:
            plain["note"] = {"en": self.note_en, "zh": self.note_zh}
        for name in ("basis", "confidence", "sources"):
            if getattr(self, name):
                plain[name] = getattr(self, name)
        return plain


class Zone(ReferenceEntry):
    """A zone (四区) whose policies overlap in Changping."""

    list_name = "zones"

    class Meta(ReferenceEntry.Meta):
        verbose_name, verbose_name_plural = _("zone"), _("zones")


class Goal(ReferenceEntry):
    """One of the district's four development goals, also called 四区."""

    list_name = "goals"

    class Meta(ReferenceEntry.Meta):
        verbose_name, verbose_name_plural = _("development goal"), _("development goals")


class Pillar(ReferenceEntry):
    """A place in 1+1+N."""

    list_name = "pillars"

    class Meta(ReferenceEntry.Meta):
        verbose_name, verbose_name_plural = _("pillar"), _("pillars")


class Level(ReferenceEntry):
    """Who issues: nation, city, district."""

    list_name = "levels"

    class Meta(ReferenceEntry.Meta):
        verbose_name, verbose_name_plural = _("level"), _("levels")


class Sector(ReferenceEntry):
    """A leading industry or track of the district."""

    list_name = "sectors"

    class Meta(ReferenceEntry.Meta):
        verbose_name, verbose_name_plural = _("sector"), _("sectors")


class Structure(ReferenceEntry):
    """A way in which the district groups its industries and carriers (3+2+1, two valleys and one park)."""

    list_name = "structures"

    class Meta(ReferenceEntry.Meta):
        verbose_name, verbose_name_plural = _("structure"), _("structures")


class Place(ReferenceEntry):
    """A town, subdistrict, park, valley or cluster."""

    list_name = "places"

    class Meta(ReferenceEntry.Meta):
        verbose_name, verbose_name_plural = _("place"), _("places")


class CertificateKind(ReferenceEntry):
    """A certificate that a company may hold."""

    list_name = "certificates"

    class Meta(ReferenceEntry.Meta):
        verbose_name, verbose_name_plural = _("kind of certificate"), _("kinds of certificates")


class PaperKind(ReferenceEntry):
    """A paper that proves something."""

    list_name = "papers"

    class Meta(ReferenceEntry.Meta):
        verbose_name, verbose_name_plural = _("kind of paper"), _("kinds of papers")


class BenefitKind(ReferenceEntry):
    """What is given: grant, reward, subsidy, ..."""

    list_name = "benefit_kinds"

    class Meta(ReferenceEntry.Meta):
        verbose_name, verbose_name_plural = _("kind of support"), _("kinds of support")


# The name of each list in the catalogue and its table.
LISTS: dict[str, type[ReferenceEntry]] = {
    model.list_name: model
    for model in (Zone, Goal, Pillar, Level, Sector, Structure, Place, CertificateKind, PaperKind, BenefitKind)
}
