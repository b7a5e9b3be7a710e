"""The front page."""

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from policies.models import Pillar, PolicyVersion, Zone


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the service does, the four zones and the pillars with their policies, and where to begin."""
    in_pillar = Counter(PolicyVersion.objects.published().values_list("content__pillar", flat=True))
    context = {
        "zones": [zone.to_plain() for zone in Zone.objects.all()],
        "pillars": [pillar.to_plain() | {"policy_count": in_pillar[pillar.key]} for pillar in Pillar.objects.all()],
    }
    return render(request, "home.html", context)
