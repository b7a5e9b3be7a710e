"""Who gets into the console: the people of a partner, to its own pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache

from companies.models import Partner

View = Callable[..., HttpResponse]


def of_partner(view: View) -> View:
    """Hands the partner to the view; to whom does not belong to it there is no such page."""

    @login_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, partner: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        found = get_object_or_404(Partner.objects.visible_to(request.user), public_id=partner)
        return view(request, found, *args, **kwargs)

    return guarded
