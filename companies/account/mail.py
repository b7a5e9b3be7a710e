"""The letters that allauth writes (confirm an address, a new password, notices of safety), sent as all letters are."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as sign_in
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from companies import security
from companies.clients import client_of
from companies.letters import write_letter


class Adapter(DefaultAccountAdapter):
    """Stores a letter where allauth would hand it to the mail server within the request."""

    def pre_authenticate(self, request: Any, **credentials: Any) -> None:
        """Raises ValidationError after too many attempts, before the password is looked at."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            security.note("sign_in_throttled")
            raise

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """One letter in both languages, made from allauth's words."""
        said = {"request": sign_in.request, "email": email, "site": settings.SITE_URL, **context}
        if "user_agent" in said:
            said["client"] = client_of(said["user_agent"])

        def part(name: str) -> str:
            return render_to_string(f"{template_prefix}_{name}.txt", said, sign_in.request).strip()

        kind = template_prefix.rpartition("/")[2]
        write_letter(to=email, subject=lambda: part("subject"), body=lambda: part("message"), kind=f"account_{kind}")
