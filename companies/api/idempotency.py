"""`Idempotency-Key`: who sends a request twice, after a timeout, gets what was made the first time, and its answer."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.http import HttpResponse
from rest_framework.request import Request

from companies.api.problems import Problem
from companies.facts import Text, digest_of
from companies.models.answers import LEASE, KeptAnswer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
# What an answer is made of beside its body; all other headers are of the moment.
_KEPT_HEADERS = ("Content-Type", "Location", "ETag", "Retry-After", "Preference-Applied", "Content-Language")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class _Lost(Exception):
    """Another request with the same key has taken the place of this one, which was silent for too long."""


def creates(make: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A method of a view that makes something: it is one transaction, and the same key makes it once only."""

    @wraps(make)
    def method(view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return answer_once(view, request, lambda: make(view, request, *args, **kwargs))

    return method


def answer_once(
    view: Any,
    request: Request,
    make: Callable[[], HttpResponse],
    afterwards: Callable[[HttpResponse], HttpResponse] | None = None,
) -> HttpResponse:
    """What `make` answers, in one transaction; with a key, the first answer to this key, byte for byte.

    `afterwards` may wait for more, once what was made is stored: its answer is the one that is kept, if it gets that
    far. An answer of 400 and above is not kept, and undoes what was made. Raises Problem (key-reused, in-progress).
    """
    key = _key_of(request)
    if key is None:
        return _finished(_made(make), afterwards)
    sent = digest_of(view.idempotent_body(request))
    place = _take_place(request, key, sent)
    if isinstance(place, HttpResponse):
        return place
    try:
        answer = _made(lambda: place.keep(view, request, make(), more=afterwards is not None))
    except _Lost:
        raise _in_progress() from None
    except BaseException:
        place.leave()
        raise
    if answer.status_code >= 400:
        place.leave()
    elif afterwards is not None:
        answer = place.keep_last(view, request, afterwards(answer))
    return answer


def _made(make: Callable[[], HttpResponse]) -> HttpResponse:
    with transaction.atomic():
        answer = make()
        if answer.status_code >= 400:
            transaction.set_rollback(True)
    return answer


def _finished(answer: HttpResponse, afterwards: Callable[[HttpResponse], HttpResponse] | None) -> HttpResponse:
    return answer if afterwards is None or answer.status_code >= 400 else afterwards(answer)


def _key_of(request: Request) -> str | None:
    key = request.headers.get(HEADER)
    if key is None or _KEY.fullmatch(key):
        return key
    said = Text(
        f"{HEADER} is 1 to 255 printable ASCII characters without blanks.",
        f"{HEADER} 为 1 至 255 个可打印的 ASCII 字符，不含空格。",
    )
    raise Problem("malformed", said)


@dataclass(frozen=True, slots=True)
class _Place:
    """The right to answer for a key."""

    row: int
    token: uuid.UUID

    def keep(self, view: Any, request: Request, answer: HttpResponse, *, more: bool) -> HttpResponse:
        """Store the answer in the transaction of what was made; `more` where a later one may replace it."""
        if answer.status_code < 400:
            lease = {} if more else {"lease_until": None}
            if not self._held().update(**_written(view, request, answer), **lease):
                raise _Lost
        return answer

    def keep_last(self, view: Any, request: Request, answer: HttpResponse) -> HttpResponse:
        """Store the answer that came after waiting; where another took the place meanwhile, what it has stays."""
        self._held().update(**_written(view, request, answer), lease_until=None)
        return answer

    def leave(self) -> None:
        """Free the key: nothing was made."""
        self._held().delete()

    def _held(self) -> Any:
        return KeptAnswer.objects.held_with(self.token).filter(pk=self.row)


def _take_place(request: Request, key: str, sent: str) -> _Place | HttpResponse:
    partner = request.user.partner
    route, token = f"{request.method} {request.path.rstrip('/')}", uuid.uuid4()
    mine = KeptAnswer.objects.filter(partner=partner, route=route, key=key)
    try:
        with transaction.atomic():
            row = KeptAnswer.objects.create(
                partner=partner, route=route, key=key, sent=sent, token=token, lease_until=Now() + LEASE
            )
            return _Place(row.pk, token)
    except IntegrityError:
        pass
    there = mine.annotate(now=Now()).first()
    if there is None:
        raise _in_progress()  # it ended without an answer at this very moment
    if there.sent != sent:
        raise Problem("key-reused")
    if there.lease_until is not None and there.lease_until >= there.now:
        raise _in_progress()
    if there.status is not None:
        return _again(there)
    if not mine.abandoned().filter(token=there.token).update(token=token, lease_until=Now() + LEASE):
        raise _in_progress()
    return _Place(there.pk, token)


def _written(view: Any, request: Request, answer: HttpResponse) -> dict[str, Any]:
    if hasattr(answer, "render") and not answer.is_rendered:
        answer.accepted_renderer = request.accepted_renderer  # type: ignore[attr-defined]
        answer.accepted_media_type = request.accepted_media_type  # type: ignore[attr-defined]
        answer.renderer_context = view.get_renderer_context()  # type: ignore[attr-defined]
        answer.render()
    headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    return {"status": answer.status_code, "headers": headers, "body": bytes(answer.content)}


def _again(there: KeptAnswer) -> HttpResponse:
    headers = {**there.headers, REPLAYED: "true"}
    return HttpResponse(bytes(there.body), status=there.status, headers=headers)


def _in_progress() -> Problem:
    return Problem("in-progress", retry_after=timedelta(seconds=1))
