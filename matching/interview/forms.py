"""The first page of an interview."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.forms import OneLineField


class StartForm(forms.Form):
    """A name, which can be left out, and whether the company exists; each answer has a button of its own."""

    name = OneLineField(label=_("Name of the company"), max_length=200, required=False)
    founded = forms.TypedChoiceField(
        choices=[("yes", _("It is registered already")), ("no", _("It is still to be founded"))],
        coerce=lambda said: said == "yes",
        error_messages={"required": _("Say whether the company is registered already.")},
    )

    def clean_name(self) -> str:
        """The name; without one, a word for it that can be changed later."""
        return self.cleaned_data["name"] or gettext("My company")
