"""Forms about webhooks."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.forms import OneLineField
from matching.models.webhooks import CHOSEN_KINDS
from matching.webhooks.addresses import LONGEST_ADDRESS


class EndpointForm(forms.Form):
    """Where an endpoint is, and what it is told of."""

    url = OneLineField(
        label=_("Address"), max_length=LONGEST_ADDRESS, help_text=_("Such as https://example.com/changce; https only.")
    )
    label = OneLineField(label=_("What it is for"), max_length=100, required=False)
    kinds = forms.MultipleChoiceField(
        label=_("What it is told of"),
        choices=[(kind.value, kind.label) for kind in CHOSEN_KINDS],
        widget=forms.CheckboxSelectMultiple,
    )

    def refuse(self, fault: ValidationError) -> None:
        """Show what an action refused, next to the field where it is one of these."""
        named = fault.error_dict if hasattr(fault, "error_dict") else {None: fault}
        for field, why in named.items():
            self.add_error(field if field in self.fields else None, why)


class PeriodForm(forms.Form):
    """From which day to which events are sent again."""

    first = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        said = super().clean() or self.cleaned_data
        if said.get("first") and said.get("last") and said["last"] < said["first"]:
            self.add_error("last", _("The last day is before the first."))
        return said

    def period(self) -> dict[str, datetime]:
        """Both days whole."""
        said = self.cleaned_data
        first, last = datetime.combine(said["first"], time.min), datetime.combine(said["last"], time.max)
        return {"since": timezone.make_aware(first), "until": timezone.make_aware(last)}
