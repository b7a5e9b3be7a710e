"""The front page."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from changping import picture
from policies import rulebook
from policies.filters import Wanted, count_choices

WHOLE = "system"
"""The pillar that is 1+1+N as a whole."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the service does and where to begin; the four zones and the pillars, each with its policies."""
    try:
        book = rulebook.current()
    except rulebook.NoRelease:
        return render(request, "home.html", {"book": None})
    counts = count_choices(book, timezone.localdate(), Wanted("", {}), ("zone", "pillar"))
    zones, pillars = (
        [{**entry, "policy_count": counts[name][str(entry["key"])]} for entry in book.lists.get(listed, ())]
        for name, listed in (("zone", "zones"), ("pillar", "pillars"))
    )
    context = {
        "book": book,
        "zones": zones,
        "drawn": picture.draw(zones),
        "size": (picture.WIDTH, picture.HEIGHT),
        "pillars": [(_sign(one), one) for one in pillars if one["key"] != WHOLE],
        "system": next((one for one in pillars if one["key"] == WHOLE), None),
    }
    return render(request, "home.html", context)


def _sign(pillar: Mapping[str, Any]) -> str:
    """Which part of 1+1+N it is."""
    return "N" if str(pillar["key"]).startswith("n-") else "1"
