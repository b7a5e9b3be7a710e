"""The reports of a company, for pages that are about more than matching."""

from typing import Any

from django import template

from companies.models import Company
from matching.models import MatchReport

register = template.Library()

SHOWN = 5


@register.inclusion_tag("matching/_reports.html", takes_context=True)
def newest_reports(context: dict[str, Any], company: Company) -> dict[str, Any]:
    """The newest reports that the reader may see, with their days; one query, and nothing of what they hold."""
    found = MatchReport.objects.visible_to(context["request"].user).filter(request__company=company)
    return {"reports": found.select_related("request").defer("content").order_by("-pk")[:SHOWN]}
