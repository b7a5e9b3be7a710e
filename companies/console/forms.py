"""Forms of the console."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.forms import OneLineField
from companies.models.partners import Scope

LONGEST_DAYS = 730


class KeyForm(forms.Form):
    """What a new key is for, what it may do, and until when."""

    label = OneLineField(label=_("What it is for"), max_length=100, help_text=_("Such as the name of your program."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("A year from today where none is given; two years at most."),
    )

    def clean_until(self) -> datetime:
        """The end of the last day."""
        today = timezone.localdate()
        day = self.cleaned_data["until"] or today + timedelta(days=365)
        if not today <= day <= today + timedelta(days=LONGEST_DAYS):
            raise forms.ValidationError(_("Choose a day from today on, and at most two years from now."), code="until")
        return timezone.make_aware(datetime.combine(day, time.max))

    def asked(self) -> dict[str, Any]:
        """What `make_key` is asked with."""
        said = self.cleaned_data
        return {"label": said["label"], "scopes": said["scopes"], "expires_at": said["until"]}
