"""What matters for the safety of an account, as lines of the log: who by number, never an address, a password or a code."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.dispatch import Signal

from companies import security

_EVENTS: dict[str, Signal] = {
    "signed_in": auth.user_logged_in,
    "signed_out": auth.user_logged_out,
    "sign_in_failed": auth.user_login_failed,
    "password_changed": account.password_changed,
    "password_set": account.password_set,
    "password_reset": account.password_reset,
    "address_added": account.email_added,
    "address_removed": account.email_removed,
    "address_changed": account.email_changed,
    "second_factor_added": mfa.authenticator_added,
    "second_factor_removed": mfa.authenticator_removed,
    "second_factor_reset": mfa.authenticator_reset,
}


def _writes(event: str) -> Any:
    def write_down(*, user: Any = None, **_: Any) -> None:
        security.note(event, who=getattr(user, "pk", None))

    return write_down


for _event, _signal in _EVENTS.items():
    # Not weakly: nobody else holds these functions.
    _signal.connect(_writes(_event), weak=False, dispatch_uid=f"companies.{_event}")
