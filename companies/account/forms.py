"""Forms of the library's own pages, where ours differ."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import SignupForm
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest


class SignUpForm(SignupForm):
    """The library's, which answers for an address that has an account as for one that has none, but sooner."""

    def try_save(self, request: HttpRequest) -> Any:
        """The person, or the answer where there is one already: that takes as long, or the clock would tell."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)
