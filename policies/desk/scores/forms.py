"""What a score is called and where it stands in the profile form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from companies.facts import Text
from companies.models import SectionRecord
from policies.desk.forms import LONGEST_REASON

_NAME = r"[a-z][a-z0-9_]{0,62}"


def _line(**attrs: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", **attrs})


class _Sections(forms.ModelChoiceField):
    """Sections by their titles."""

    def label_from_instance(self, obj: SectionRecord) -> str:
        """The title in the language of the page."""
        return Text(obj.title_en, obj.title_zh).said(get_language())


class ScoreForm(forms.Form):
    """The words of a score; a score that is there keeps its name."""

    label_zh = forms.CharField(label=_("Name in Chinese"), max_length=300, widget=_line(lang="zh-Hans"))
    label_en = forms.CharField(label=_("Name in English"), max_length=300, widget=_line(lang="en"))
    name = forms.RegexField(
        rf"\A{_NAME}\Z",
        label=_("Short name for rules"),
        help_text=_("Small letters, digits and _, for example park_2026_score. It stays for good."),
        max_length=63,
        widget=_line(spellcheck="false"),
    )
    section = _Sections(
        SectionRecord.objects.all(),
        label=_("Section of the profile in which its questions stand"),
        to_field_name="key",
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    source = forms.CharField(
        label=_("Source (address of the document)"), max_length=1000, required=False, widget=_line(inputmode="url")
    )
    why = forms.CharField(label=_("Why"), max_length=LONGEST_REASON, required=False, widget=_line())

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        """Only a new score asks for its short name and its section: both stay."""
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["name"], self.fields["section"]
