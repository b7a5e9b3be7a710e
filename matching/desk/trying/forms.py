"""What is asked when a try is kept."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from companies.forms import OneLineField
from matching.desk.trying.trials import Result
from policies.desk.cases.forms import MOST_NAME


class KeepForm(forms.Form):
    """The name of the new example case, which results are right, and what the person had before their eyes."""

    name = OneLineField(
        label=_("Name: what the case shows"),
        max_length=MOST_NAME,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    offers = forms.MultipleChoiceField(
        label=_("What is right"),
        required=True,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        error_messages={"required": _("Tick what is right; without that the case would show nothing.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, results: Collection[Result], taken: Collection[str], **kwargs: Any) -> None:
        """`results` can be kept; `taken` are the names of the cases that are there."""
        super().__init__(*args, prefix="keep", **kwargs)
        self.results, self.taken = results, taken
        self.fields["offers"].choices = [(one.offer, one.offer) for one in results]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["form"] = "try-facts"

    @property
    def lines(self) -> list[tuple[Result, bool]]:
        """Each result and whether it is ticked; at first all are."""
        ticked = self["offers"].value() if self.is_bound else [one.offer for one in self.results]
        return [(one, one.offer in (ticked or [])) for one in self.results]

    def clean_name(self) -> str:
        """Two cases with one name could not be told apart."""
        name: str = self.cleaned_data["name"]
        if name in self.taken:
            raise forms.ValidationError(_("Another case has this name."))
        return name
