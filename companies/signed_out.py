"""What somebody sent whose sign-in had run out: kept in the session until they are back, and shown again, not saved."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, QueryDict

from companies.models import User

MARK = "sent_signed_out"
"""Its key in the session."""
MARK_OF_WRITER = "writer"
"""The field of a form by which it says whose page it was."""
_SALT = "companies.signed_out"


def mark_of(user: User) -> str:
    """Who this page is for, for its form to send back: only that person sees again what was sent."""
    return signing.dumps(user.pk, salt=_SALT)


def keep(request: HttpRequest, *, most: int, of_writer: bool = False) -> None:
    """Keep what was sent, up to so many characters; `of_writer`: only where its page says whose it was."""
    writer = _writer(request.POST.get(MARK_OF_WRITER, "")) if of_writer else None
    if of_writer and writer is None:
        return
    sent = request.POST.copy()
    sent.pop("csrfmiddlewaretoken", None)
    text = sent.urlencode()
    if len(text) <= most:
        request.session[MARK] = {"path": request.path, "sent": text, "by": writer}


def kept(request: HttpRequest) -> QueryDict | None:
    """What this person sent to this address while signed out."""
    found = request.session.get(MARK)
    if not found or found["path"] != request.path or found.get("by") not in (None, request.user.pk):
        return None
    return QueryDict(found["sent"])


def forget(request: HttpRequest) -> str:
    """It is saved, or not wanted any more; gives the address that it was sent to, if there was any."""
    found = request.session.pop(MARK, None)
    return str(found["path"]) if found else ""


def _writer(mark: str) -> int | None:
    try:
        found = signing.loads(mark, salt=_SALT)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None
