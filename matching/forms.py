"""What a person may say when asking for a report."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)


class AskForm(forms.Form):
    """The day the report is about (empty means today), and the key that makes a double click harmless."""

    day = forms.DateField(
        label=_("As of"),
        required=False,
        help_text=_("Documents in force, certificates and deadlines are judged as of this day."),
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )
    key = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    def clean_day(self) -> date | None:
        """A day the catalogue can say something about."""
        day: date | None = self.cleaned_data["day"]
        if day is not None and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(
                _("Choose a day between %(first)s and %(last)s."),
                code="out_of_bounds",
                params={"first": EARLIEST.isoformat(), "last": LATEST.isoformat()},
            )
        return day

    def clean_key(self) -> str | None:
        """No key is None, so that it never equals another missing key."""
        key: Any = self.cleaned_data["key"]
        return key or None
