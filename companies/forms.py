"""Forms about companies. The profile form is not here: it is derived from the vocabulary, see `profile_form`."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from companies.facts import ValueFault, typed_text
from companies.models import Partner, Role, check_uscc


class OneLineField(forms.CharField):
    """A line of text: blanks around it go, characters that hide or turn text are refused with the reason."""

    def to_python(self, value: Any) -> str:
        """The text as typed, without blanks around it."""
        if value in self.empty_values:
            return ""
        try:
            return typed_text(str(value), self.max_length or 200)
        except ValueFault as fault:
            raise forms.ValidationError(fault.message.said(get_language()), code=fault.code) from fault


class CompanyForm(forms.Form):
    """A new company's name, and its code where it has one."""

    name = OneLineField(label=_("Name"), max_length=200, help_text=_("As on the licence, or as planned."))
    other_name = OneLineField(label=_("Name in the other language"), max_length=200, required=False)
    founded = forms.TypedChoiceField(
        label=_("Is the company registered already?"),
        choices=[("yes", _("yes")), ("no", _("no, it is still to be founded"))],
        coerce=lambda said: said == "yes",
        widget=forms.RadioSelect,
        initial="yes",
    )
    uscc = OneLineField(
        label=_("Unified social credit code"),
        max_length=40,
        required=False,
        help_text=_("18 characters, on the business licence. You can leave it out."),
    )

    def clean_uscc(self) -> str:
        """The code in capital letters without blanks; its last character must fit the others."""
        code = "".join(self.cleaned_data["uscc"].upper().split())
        if code:
            check_uscc(code)
        return code

    def clean(self) -> dict[str, Any]:
        """A company that is not registered yet has no code."""
        said = super().clean() or self.cleaned_data
        if said.get("uscc") and said.get("founded") is False:
            self.add_error(
                "uscc",
                _("A company that is still to be founded has no code yet. Leave this empty."),
            )
        return said


class MemberForm(forms.Form):
    """A colleague by e-mail address, and what they may do."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(
        label=_("May"),
        choices=[(Role.READER, _("read")), (Role.EDITOR, _("read and change")), (Role.OWNER, _("everything"))],
        initial=Role.EDITOR,
    )


class LinkForm(forms.Form):
    """The address to which a link is sent, by which one goes on on another device."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)


class PartnerForm(forms.Form):
    """The code by which a partner is known: it gives it to the company, on paper or in a mail."""

    code = OneLineField(
        label=_("The partner's code"),
        max_length=60,
        help_text=_("32 letters and digits with hyphens between. The partner tells you; nobody can look it up."),
    )

    def clean_code(self) -> Partner:
        """The partner; one that may not use the service any more is as unknown as one that never was."""
        try:
            code = UUID(self.cleaned_data["code"])
        except ValueError:
            code = None
        partner = Partner.objects.filter(public_id=code, is_active=True).first() if code else None
        if partner is None:
            raise forms.ValidationError(
                _("No partner has this code. Please compare it with what the partner sent you.")
            )
        return partner
