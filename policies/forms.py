"""The filter above the list of policies."""

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from policies.rules.book import Rulebook

_FIELDS = {
    "zone": ("zones", _("Zone")),
    "pillar": ("pillars", _("Pillar (1+1+N)")),
    "level": ("levels", _("Level")),
    "sector": ("sectors", _("Sector")),
    "kind": ("benefit_kinds", _("Kind of support")),
}


class PolicyFilter(forms.Form):
    """Search words in either language and one choice from each reference list."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    in_force = forms.BooleanField(label=_("Only those in force"), required=False)

    def __init__(self, data, *, book: Rulebook | None):
        super().__init__(data)
        language = "zh" if (get_language() or "").startswith("zh") else "en"
        for name, (listed, label) in _FIELDS.items():
            entries = book.lists.get(listed, ()) if book else ()
            choices = [("", _("any")), *((entry["key"], entry["label"][language]) for entry in entries)]
            self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False)
            self.fields[name].widget.attrs["class"] = "form-select"
        self.fields["q"].widget.attrs["class"] = "form-control"
        self.fields["in_force"].widget.attrs["class"] = "form-check-input"
