"""The form by which a link is made."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from companies.forms import OneLineField
from matching.models import Shows


class ShareForm(forms.Form):
    """What a link shows, to whom, and for how long; it shows little unless more is asked for."""

    shows = forms.ChoiceField(
        label=_("What it shows"),
        choices=Shows.choices,
        initial=Shows.VERDICTS,
        widget=forms.RadioSelect,
        help_text=_(
            "An amount can give a figure away: whoever knows that support is a share of your spending can reckon back."
        ),
    )
    named = forms.BooleanField(
        label=_("Show the company's name"),
        required=False,
        help_text=_("Without it the page speaks of “a company”."),
    )
    days = forms.TypedChoiceField(
        label=_("Ends after"),
        choices=[(1, _("1 day")), (7, _("7 days")), (30, _("30 days")), (90, _("90 days"))],
        coerce=int,
        initial=7,
        help_text=_("You can end it earlier at any time."),
    )
    note = OneLineField(
        label=_("For whom"),
        max_length=100,
        required=False,
        help_text=_("So that you recognise it in the list. Whoever opens the link does not see this."),
    )

    def asked(self) -> dict[str, Any]:
        """What `share_report` is asked with."""
        said = self.cleaned_data
        return {"shows": Shows(said["shows"]), "named": said["named"], "days": said["days"], "note": said["note"]}
