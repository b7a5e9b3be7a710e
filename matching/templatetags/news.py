"""The switches of being told, for the pages on which one looks for them: a company's, a report's, a policy's."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest

from companies.models import Company
from matching.models import MutedPolicy, Watch

register = template.Library()


@register.inclusion_tag("news/_watch.html", takes_context=True)
def watch_switch(context: dict[str, Any], company: Company) -> dict[str, Any]:
    """Whether the reader is told when something of this company changes, and a button that changes it; one query."""
    request: HttpRequest = context["request"]
    user = request.user
    known = user.is_authenticated
    watch = Watch.objects.filter(membership__user=user, membership__company=company).first() if known else None
    return {
        "company": company,
        "may_watch": known,
        "is_told": watch is not None and watch.is_on,
        "path": request.path,
        "request": request,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("news/_mute.html", takes_context=True)
def mute_switch(context: dict[str, Any], policy: str) -> dict[str, Any]:
    """For somebody signed in: whether they hear of this policy, and a button that changes it; one query, for others none."""
    request: HttpRequest = context["request"]
    known = request.user.is_authenticated
    return {
        "policy": policy,
        "may_mute": known,
        "is_muted": known and MutedPolicy.objects.filter(user=request.user.pk, policy=policy).exists(),
        "path": request.path,
        "request": request,
        "csrf_token": context.get("csrf_token"),
    }
