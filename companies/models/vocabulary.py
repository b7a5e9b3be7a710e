"""The vocabulary as rows: what a curator edits; the form, the API and the columns follow it."""

import json
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from companies.facts import Kind, Vocabulary, read_vocabulary
from companies.models.history import FACTS, SECTIONS

log = structlog.get_logger(__name__)


class SectionRecord(models.Model):
    """A section of the vocabulary, as a row: one page of the profile form."""

    list_name = SECTIONS

    key = models.CharField(max_length=60, unique=True)
    stem = models.CharField(max_length=80, unique=True)
    position = models.PositiveIntegerField(default=0)
    title_en = models.CharField(_("title (English)"), max_length=200)
    title_zh = models.CharField(_("title (中文)"), max_length=200)
    help_en = models.TextField(_("help (English)"), blank=True)
    help_zh = models.TextField(_("help (中文)"), blank=True)

    class Meta:
        ordering = ["position", "stem"]
        verbose_name = _("section of the vocabulary")
        verbose_name_plural = _("sections of the vocabulary")

    def __str__(self) -> str:
        return self.key

    def to_plain(self) -> dict[str, Any]:
        """The section as it stands in a catalogue file."""
        plain: dict[str, Any] = {"key": self.key, "title": {"en": self.title_en, "zh": self.title_zh}}
        if self.help_en or self.help_zh:
            plain["help"] = {"en": self.help_en, "zh": self.help_zh}
        return plain


_Rows = tuple[tuple[Any, ...], ...]
_read: tuple[_Rows, Vocabulary, list[Any]] | None = None


class FactRecordQuerySet(models.QuerySet["FactRecord"]):
    """Questions about the rows of the vocabulary."""

    def vocabulary(self) -> Vocabulary:
        """The vocabulary as it stands now; two queries. A row that cannot be read is left out, and logged.

        The same object as long as the rows say the same in the same order: reading them anew would take most of the time
        of saving a profile, and expressions that were read are remembered together with their vocabulary.
        """
        global _read
        sections = SectionRecord.objects.values_list(*_columns(SectionRecord))
        facts = self.order_by("section__position", "position", "name").values_list(*_columns(FactRecord))
        rows = (*sections, (), *facts)
        kept = _read
        if kept is None or kept[0] != rows:
            kept = _read = (rows, *_vocabulary_of(list(sections), list(facts)))
        _, vocabulary, faults = kept
        for fault in faults:
            # One bad row must not take the form away from everybody; the administration refuses such rows.
            log.error("vocabulary_fault", at="/".join(map(str, fault.path)), code=fault.code)
        return vocabulary


def _columns(model: type[models.Model]) -> list[Any]:
    """All columns of a table in their order, JSON as its text, which is enough to see whether it has changed."""
    return [
        Cast(one.attname, models.TextField()) if isinstance(one, models.JSONField) else one.attname
        for one in model._meta.concrete_fields
    ]


def _row(model: type[Any], values: tuple[Any, ...]) -> Any:
    fields = model._meta.concrete_fields
    pairs = zip(fields, values, strict=True)
    return model(**{one.attname: json.loads(it) if isinstance(one, models.JSONField) else it for one, it in pairs})


def _vocabulary_of(sections: list[Any], facts: list[Any]) -> tuple[Vocabulary, list[Any]]:
    read = [_row(SectionRecord, values) for values in sections]
    stems = {one.pk: one.stem for one in read}
    plain: dict[str, dict[str, Any]] = {one.stem: {"section": one.to_plain(), "facts": []} for one in read}
    lists: dict[str, list[Any]] = {"papers": []}
    for values in facts:
        record = _row(FactRecord, values)
        plain[stems[record.section_id]]["facts"].append(record.to_plain())
        if record.listed:
            lists |= record.own_list()
        lists["papers"] += record.named_papers
    return read_vocabulary(plain, lists)


class FactRecord(models.Model):
    """A fact of the vocabulary, as a row: what a curator edits; the form, the API and the columns follow it."""

    list_name = FACTS

    name = models.CharField(_("name"), max_length=80, unique=True)
    section = models.ForeignKey(SectionRecord, on_delete=models.PROTECT, related_name="facts")
    position = models.PositiveIntegerField(default=0)
    kind = models.CharField(_("kind"), max_length=20, choices=[(kind.value, kind.value) for kind in Kind])
    label_en = models.CharField(_("label (English)"), max_length=300)
    label_zh = models.CharField(_("label (中文)"), max_length=300)
    # Everything else, as it stands in a catalogue file.
    definition = models.JSONField(_("definition"), default=dict)
    # The entries of the reference list that the choices come from, as they were when it was stored.
    listed = models.JSONField(default=list, blank=True, editable=False)
    # What the papers that show this fact were called then, as `{key, label}`.
    named_papers = models.JSONField(default=list, blank=True, editable=False)

    objects = FactRecordQuerySet.as_manager()

    class Meta:
        ordering = ["section__position", "position", "name"]
        verbose_name = _("fact of the vocabulary")
        verbose_name_plural = _("facts of the vocabulary")

    def __str__(self) -> str:
        return self.name

    def to_plain(self) -> dict[str, Any]:
        """The fact as it stands in a catalogue file."""
        label = {"en": self.label_en, "zh": self.label_zh}
        return {"fact": self.name, "kind": self.kind, "label": label, **self.definition}

    def to_entry(self) -> dict[str, Any]:
        """The fact as its history keeps it: as in a catalogue file, and with its section."""
        return {**self.to_plain(), "section": self.section.key}

    def clean(self) -> None:
        """Refuse a row that the form and the rules could not read, with the reason."""
        if not isinstance(self.definition, dict):
            raise ValidationError(_('The definition must be a JSON object, for example {"effort": "slow"}.'))
        section = {"section": {"key": "one", "title": {"en": "one", "zh": "一"}}, "facts": [self.to_plain()]}
        lists = {"certificates": [], **self.own_list()}
        _vocabulary, faults = read_vocabulary([section], lists)
        if faults:
            raise ValidationError([fault.message.said(get_language()) for fault in faults])
        others = FactRecord.objects.exclude(pk=self.pk).vocabulary()
        for word in (self.name, self.label_en, self.label_zh, *self.definition.get("aliases", ())):
            if owner := others.resolve(word):
                raise ValidationError(
                    _("“%(word)s” already names the fact %(fact)s. Please use another word."),
                    params={"word": word, "fact": owner.name},
                )

    def own_list(self) -> dict[str, Any]:
        """The reference list that the choices come from, under its name."""
        choices = self.definition.get("choices")
        name = choices.get("from") if isinstance(choices, dict) else None
        return {name: self.listed} if isinstance(name, str) and self.listed else {}
