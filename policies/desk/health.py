"""What needs looking at in the whole catalogue: the list on the home page, one finding, and setting it aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from companies.facts import Text
from policies import actions
from policies.desk.access import at_desk
from policies.desk.forms import LONGEST_REASON
from policies.lint import GROUPS, SEVERITIES, FindingKind, WorkItem
from policies.models import HealthCheck, Release, SetAside
from policies.roles import Right, may

_REST_DAYS = 30


@dataclass(frozen=True, slots=True)
class Listed:
    """A finding in the list, and who set it aside until when, where somebody did."""

    item: WorkItem
    rest: SetAside | None

    @property
    def severity(self) -> Text:
        """How urgent it is, in words."""
        return SEVERITIES[self.item.severity]


@dataclass(frozen=True, slots=True)
class KindListed:
    """The findings of one kind, most urgent first."""

    code: str
    kind: FindingKind
    rows: list[Listed]
    worst: str


@dataclass(frozen=True, slots=True)
class Health:
    """The list of findings as one person asked for it; `check` is None while nobody has looked the catalogue through."""

    check: HealthCheck | None
    is_current: bool
    kinds: list[KindListed]
    shown: int
    total: int
    aside: int
    filters: list[tuple[str, str, list[tuple[str, Text, int, bool]]]]
    wanted: Mapping[str, str]


def health_list(sent: Mapping[str, Any], day: date) -> Health:
    """The findings of the latest look through the catalogue; `sent` may name a group, a severity, a policy, and `aside`."""
    check = HealthCheck.objects.select_related("release").defer("release__snapshot", "release__changes").first()
    wanted = {name: str(sent.get(name, ""))[:100].strip() for name in ("group", "severity", "policy", "aside")}
    rests = SetAside.objects.standing(day)
    items = [] if check is None else [WorkItem.from_plain(plain) for plain in check.items]
    listed = [Listed(item, rests.get(item.key)) for item in items]
    resting = [row for row in listed if row.rest is not None]
    pool = resting if wanted["aside"] else [row for row in listed if row.rest is None]
    pool = [row for row in pool if wanted["policy"].casefold() in row.item.policy.casefold()]
    rows = [row for row in pool if _fits(row.item, wanted)]
    newest = Release.objects.order_by("-number").values_list("number", flat=True).first()
    return Health(
        check,
        check is not None and check.day == day and check.release.number == newest,
        _by_kind(rows),
        len(rows),
        len(listed) - len(resting),
        len(resting),
        [
            ("group", _("About"), _choices(GROUPS, (row.item.kind.group for row in pool), wanted["group"])),
            (
                "severity",
                _("How urgent"),
                _choices(SEVERITIES, (row.item.severity for row in pool), wanted["severity"]),
            ),
        ],
        wanted,
    )


def _fits(item: WorkItem, wanted: Mapping[str, str]) -> bool:
    return wanted["group"] in ("", item.kind.group) and wanted["severity"] in ("", item.severity)


def _by_kind(rows: list[Listed]) -> list[KindListed]:
    """In the order of their most urgent finding."""
    found: dict[str, KindListed] = {}
    for row in rows:
        code = row.item.code
        if code not in found:
            found[code] = KindListed(code, row.item.kind, [], row.item.severity)
        found[code].rows.append(row)
    return list(found.values())


def _choices(names: Mapping[str, Text], there: Iterable[str], chosen: str) -> list[tuple[str, Text, int, bool]]:
    counts = Counter(there)
    return [(key, label, counts[key], key == chosen) for key, label in names.items() if counts[key] or key == chosen]


class Rest(forms.Form):
    """Until when a finding can wait, and why."""

    until = forms.DateField(
        label=gettext_lazy("Until (this day included)"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"}),
    )
    why = forms.CharField(
        label=gettext_lazy("Why it can wait"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
    )


@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def finding(request: HttpRequest, key: str) -> HttpResponse:
    """One finding: what is wrong, why it matters, what to do next; and it can be set aside."""
    item = _item_or_404(key)
    today = timezone.localdate()
    form = Rest(request.POST or None, initial={"until": date.fromordinal(today.toordinal() + _REST_DAYS)})
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        try:
            actions.set_aside(item=item, until=sent["until"], why=sent["why"], by=request.user, day=today)
        except actions.NotNow as fault:
            form.add_error("until", fault.message.said(get_language()))
        else:
            messages.success(request, _("Set aside until %(day)s.") % {"day": sent["until"].isoformat()})
            return redirect("desk:home")
    context = {
        "item": item,
        "severity": SEVERITIES[item.severity],
        "group": GROUPS[item.kind.group],
        "rest": SetAside.objects.standing(today).get(key),
        "form": form,
        "may_write": may(request.user, Right.WRITE),
    }
    return render(request, "desk/finding.html", context, status=400 if form.errors else 200)


@at_desk
@require_POST
def take_up(request: HttpRequest, key: str) -> HttpResponse:
    """Put a finding back on the list."""
    actions.take_up(item=_item_or_404(key), by=request.user, day=timezone.localdate())
    messages.success(request, _("It is on the list again."))
    return redirect("desk:finding", key)


@at_desk
@require_POST
def check_now(request: HttpRequest) -> HttpResponse:
    """Look the catalogue through now."""
    check = actions.check_health(timezone.localdate())
    if check is None:
        messages.error(request, _("No catalogue has been published yet."))
    else:
        messages.success(request, _("The catalogue was looked through: %(n)s findings.") % {"n": len(check.items)})
    return redirect("desk:home")


def _item_or_404(key: str) -> WorkItem:
    check = HealthCheck.objects.first()
    plain = next((one for one in check.items if one["key"] == key), None) if check is not None else None
    if plain is None:
        raise Http404
    return WorkItem.from_plain(plain)


urlpatterns = [
    path("health/check/", check_now, name="check_health"),
    path("health/<slug:key>/", finding, name="finding"),
    path("health/<slug:key>/take-up/", take_up, name="take_up"),
]
