"""The public pages about policies."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from policies import rulebook
from policies.browsing import Browsing
from policies.describing import describe
from policies.models import PolicyVersion


@require_safe
def policy_list(request: HttpRequest) -> HttpResponse:
    """All policies of the release in force, searched and filtered; its address says all that is asked."""
    try:
        book = rulebook.current()
    except rulebook.NoRelease:
        return render(request, "policies/list.html", {"browsing": None})
    changed = request.headers.get("HX-Trigger-Name", "")
    browsing = Browsing(book, request.GET, timezone.localdate(), changed=changed)
    return render(request, "policies/list.html", {"browsing": browsing, "release": book})


@require_safe
def policy_detail(request: HttpRequest, key: str) -> HttpResponse:
    """What one policy says, in plain sentences, with its sources and editions."""
    try:
        book = rulebook.current()
    except rulebook.NoRelease:
        raise Http404 from None
    if book.policy(key) is None:
        raise Http404
    context = {
        **describe(book, key, timezone.localdate()),
        "predecessors": [plain for plain in book.plain.values() if plain.get("superseded_by") == key],
        "versions": PolicyVersion.objects.filter(policy__key=key, state__in=["published", "retired"]).order_by(
            "-number"
        ),
        "release": book,
    }
    return render(request, "policies/detail.html", context)
