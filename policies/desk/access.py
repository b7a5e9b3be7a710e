"""Who gets into the desk at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from companies import signed_out
from policies.roles import Right, may, may_work_at_desk

View = Callable[..., HttpResponse]

MOST_KEPT = 400_000
"""How many characters are kept of a page that somebody sends whose sign-in has run out."""


def at_desk(view: View) -> View:
    """Only for the people of the desk; for everybody else there is no such page."""
    return _for(may_work_at_desk, view)


def with_right(right: Right) -> Callable[[View], View]:
    """Only for people with this right; for everybody else there is no such page."""
    return lambda view: _for(lambda user: may(user, right), view)


def _for(is_let_in: Callable[[Any], bool], view: View) -> View:
    @login_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_let_in(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    @wraps(view)
    def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            signed_out.keep(request, most=MOST_KEPT, of_writer=True)
        return guarded(request, *args, **kwargs)

    return keeping
