"""What the pages of the desk ask for."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LONGEST_REASON = 5_000


class Reason(forms.Form):
    """A reason or a comment; `seen` is the digest of the content that the person had before their eyes."""

    why = forms.CharField(
        label=_("Why"), max_length=LONGEST_REASON, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, needed: bool = False, name: str = "", label: Any = None, **kwargs: Any) -> None:
        """`name` keeps the ids of several such forms on one page apart."""
        super().__init__(*args, auto_id=f"{name}-%s", **kwargs)
        self.fields["why"].required = needed
        self.fields["why"].widget.attrs["class"] = "form-control"
        if label is not None:
            self.fields["why"].label = label


class Plan(Reason):
    """When to publish: empty is now."""

    on = forms.DateField(
        label=_("On a day to come (empty: now)"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"}),
    )
    field_order = ["on", "why", "seen"]

    def clean_on(self) -> date | None:
        """A day that is over is a slip, not a wish to publish at once."""
        on: date | None = self.cleaned_data["on"]
        if on is not None and on < timezone.localdate():
            raise forms.ValidationError(_("This day is over. Leave it empty to publish now."))
        return on


class NewPolicy(forms.Form):
    """The key of a policy that is not there yet."""

    key = forms.CharField(
        label=_("Key of the new policy"),
        help_text=_("Small letters, digits and hyphens, for example cp-synbio-2026. It stays for good."),
        max_length=80,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", "spellcheck": "false"}),
    )
