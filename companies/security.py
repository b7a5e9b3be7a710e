"""What matters for safety, under one name in the log: `changce.security`. Who by number, never an address, a password, a code or a key."""

from typing import Any

import structlog

_log = structlog.get_logger("changce.security")

EVENTS = {
    "signed_in": "somebody signed in",
    "signed_out": "somebody signed out",
    "sign_in_failed": "a wrong password or code; without who, because the address may be mistyped",
    "sign_in_throttled": "refused before the password was looked at: too many attempts for one account or from one address",
    "links_guessed": "an address opened too many links that are none, and is turned away for a minute",
    "password_changed": "by somebody who knew the old one",
    "password_set": "a first password",
    "password_reset": "through a link in a letter",
    "address_added": "an e-mail address of an account",
    "address_removed": "an e-mail address of an account",
    "address_changed": "the e-mail address that an account signs in with",
    "second_factor_added": "an authenticator app or recovery codes",
    "second_factor_removed": "an authenticator app or recovery codes",
    "second_factor_reset": "new recovery codes",
    "session_ended": "somebody signed one of their devices out",
    "other_sessions_ended": "somebody signed all their other devices out",
    "api_key_made": "a partner's key",
    "api_key_rotated": "a partner's key was replaced; the old one ends after the overlap",
    "api_key_revoked": "a partner's key was stopped at once",
    "api_key_refused": "a key was used after it was revoked or had ended, or its partner was switched off",
    "api_key_in_address": "a key was sent in the address, where logs and histories keep it",
    "webhook_secret_rotated": "a new secret of an endpoint",
    "member_invited": "an invitation to take part in a company",
    "invitation_taken_back": "before it was used",
    "invitation_accepted": "somebody takes part in a company",
    "member_role_changed": "a member may do more or less",
    "member_removed": "somebody takes part no more",
    "company_taken_over": "the company's people have the record that a partner had sent",
    "consent_given": "a partner may see a company's record",
    "consent_withdrawn": "it may not any more",
    "report_shared": "a link that opens a report for whoever has it",
    "link_revoked": "such a link opens nothing any more",
    "export_asked": "somebody asked for all of their data",
    "export_fetched": "the file was fetched",
    "company_erasure_asked": "a company is to be erased in two weeks",
    "company_kept": "somebody thought better of that",
    "account_erasure_asked": "an account is to be erased in two weeks",
    "account_kept": "somebody thought better of that",
}


def note(event: str, **ids: Any) -> None:
    """Write down one of these events, with ids of ours only."""
    if event not in EVENTS:
        raise ValueError(f"not an event of safety: {event}")
    _log.info(event, **ids)
