"""The public pages about policies."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from policies import rulebook
from policies.describing import describe
from policies.forms import PolicyFilter
from policies.listing import chosen, listing
from policies.models import PolicyVersion


@require_safe
def policy_list(request: HttpRequest) -> HttpResponse:
    """All policies of the release in force, searched and filtered."""
    try:
        book = rulebook.current()
    except rulebook.NoRelease:
        book = None
    form = PolicyFilter(request.GET, book=book)
    form.is_valid()
    entries = listing(book) if book else ()
    found = chosen(book, form.cleaned_data, timezone.localdate()) if book else []
    rows = (
        [(entry, book.label("levels", entry.level), book.label("pillars", entry.pillar)) for entry in found]
        if book
        else []
    )
    context = {
        "form": form,
        "rows": rows,
        "policy_count": len(found),
        "all_count": len(entries),
        "offer_count": sum(entry.offer_count for entry in found),
        "release": book,
    }
    return render(request, "policies/list.html", context)


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
        "versions": PolicyVersion.objects.filter(policy__key=key, state__in=["published", "retired"]).order_by(
            "-number"
        ),
        "release": book,
    }
    return render(request, "policies/detail.html", context)
