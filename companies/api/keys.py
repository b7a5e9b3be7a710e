"""Who calls the API: a partner by its key, in the header and nowhere else; and what that key may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from companies import security
from companies.api.problems import Problem
from companies.facts import Text
from companies.models.partners import KEY_MARK, ApiKey, Partner


@dataclass(frozen=True, slots=True)
class Caller:
    """The partner behind a request, and the key it came with."""

    partner: Partner
    key: ApiKey
    is_authenticated: bool = True

    @property
    def pk(self) -> str:
        """What throttles count by: the partner, so that more keys give no more."""
        return str(self.partner.public_id)


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer cck_…`; the key is looked up at each request, so what was revoked stops at once."""

    def authenticate(self, request: Request) -> tuple[Caller, ApiKey] | None:
        """The caller; None without the header. Raises AuthenticationFailed, and Problem for a key in the address."""
        if any(value.startswith(f"{KEY_MARK}_") for values in request.query_params.lists() for value in values[1]):
            security.note("api_key_in_address")
            said = Text(
                "A key was sent in the address, where logs and histories keep it: revoke it, and send keys in the header.",
                "密钥出现在了网址中，会被日志和历史记录保留：请撤销该密钥，并仅在请求头中发送密钥。",
            )
            raise Problem("malformed", said)
        scheme, _blank, secret = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        key = ApiKey.objects.held(secret.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            over = ApiKey.objects.whatever_became_of(secret.strip())
            if over is not None:
                security.note("api_key_refused", partner=str(over.partner.public_id), key=over.prefix)
            raise AuthenticationFailed
        today = timezone.localdate()
        if key.last_used_on != today:
            ApiKey.objects.filter(pk=key.pk).update(last_used_on=today)
        return Caller(key.partner, key), key

    def authenticate_header(self, request: Request) -> str:
        """What a 401 says of how to come in."""
        return 'Bearer realm="changce"'


class HasScope(BasePermission):
    """Lets in who holds the scope of the view; a view that names none lets nobody in, unless it says it is public."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raises PermissionDenied that names the scope a key lacks; False is answered with 401 or 403."""
        if getattr(view, "is_public", False):
            return True
        scope = getattr(view, "scope", None)
        if scope is None or not isinstance(request.auth, ApiKey):
            return False
        if scope not in request.auth.scopes:
            raise PermissionDenied(str(scope))
        return True
