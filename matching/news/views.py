"""The pages of being told: the list of news, and how a person wants to hear."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from django.conf import settings as project
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from companies.models import Company, Membership
from companies.returning import way_back
from matching.models import Addressee, MutedPolicy
from matching.news import actions
from matching.news.calendars import calendar_of, digest_of
from matching.news.letters import reader_of
from matching.news.showing import items_of, news_of
from policies import rulebook
from policies.models import Policy

ON_A_PAGE = 20
_PLACE = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")


@login_required
@never_cache
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """What changed for the companies that this person watches, the newest first."""
    place = _PLACE.fullmatch(request.GET.get("before", ""))
    before = (int(place[1]), int(place[2])) if place else None
    rows = list(news_of(request.user, before=before)[: ON_A_PAGE + 1])
    shown = rows[:ON_A_PAGE]
    addressee = Addressee.objects.filter(user=request.user).first()
    context = {
        "items": items_of(shown),
        "read_up_to": addressee.read_up_to if addressee else 0,
        "up_to": shown[0].run.sequence if shown and before is None else None,
        "older": f"{shown[-1].run.sequence}.{shown[-1].pk}" if len(rows) > ON_A_PAGE else None,
        "newest_page": before is None,
    }
    return render(request, "news/list.html", context)


@login_required
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Note that the person has seen the news up to the run that the page showed."""
    up_to = request.POST.get("up_to", "")
    if re.fullmatch(r"[0-9]{1,18}", up_to):
        actions.note_read(up_to=int(up_to), by=request.user)
    return redirect("news:list")


@login_required
@never_cache
@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """How this person is told: of which companies, of which policies not, by letter and calendar."""
    return _settings_page(request)


def _settings_page(request: HttpRequest, *, address: str = "") -> HttpResponse:
    memberships = Membership.objects.filter(
        user=request.user, company__in=Company.objects.visible_to(request.user)
    ).annotate(is_told=F("watch__is_on"))
    titles = _titles()
    muted = [
        (key, titles(key)) for key in MutedPolicy.objects.filter(user=request.user).values_list("policy", flat=True)
    ]
    addressee = Addressee.objects.filter(user=request.user).first()
    context = {
        "memberships": memberships.select_related("company").order_by("company__name", "pk"),
        "muted": muted,
        "addressee": addressee or Addressee(user=request.user, language=get_language() or "en"),
        "languages": project.LANGUAGES,
        "can_write": bool(project.EMAIL_URL),
        "address": address,
    }
    return render(request, "news/settings.html", context)


@login_required
@require_POST
def letters(request: HttpRequest) -> HttpResponse:
    """Write to this person of news, in a language, or do not any more."""
    if request.POST.get("on") == "yes":
        actions.write_to(by=request.user, language=_language_sent(request))
        messages.success(request, _("From now on you get a letter when something changes, at most one a day."))
    else:
        actions.stop_writing(to=request.user)
        messages.success(request, _("You get no more letters."))
    return redirect("news:settings")


@csrf_exempt  # mail programs press it for the reader (RFC 8058); the signed mark says for whom
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def no_letters(request: HttpRequest, mark: str) -> HttpResponse:
    """The way out of a letter: a button for whoever follows the link, one click for a mail program."""
    reader = reader_of(mark)
    if reader is None:
        raise Http404
    if request.method == "POST":
        actions.stop_writing(to=reader)
    return render(request, "news/no_letters.html", {"done": request.method == "POST"})


@login_required
@never_cache
@require_POST
def calendar_address(request: HttpRequest) -> HttpResponse:
    """Make an address for this person's calendar, shown once, or end it."""
    if request.POST.get("on") == "yes":
        secret = actions.open_calendar(by=request.user, language=get_language() or "en")
        return _settings_page(request, address=request.build_absolute_uri(reverse("news:calendar", args=[secret])))
    actions.close_calendar(by=request.user)
    messages.success(request, _("The calendar's address has ended."))
    return redirect("news:settings")


@never_cache
@require_safe
def calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar at a secret address: for programs, which do not sign in."""
    found = Addressee.objects.filter(calendar_digest=digest_of(secret), user__is_active=True).select_related("user")
    addressee = get_object_or_404(found)
    content = calendar_of(addressee, timezone.localdate())
    headers = {"X-Robots-Tag": "noindex", "Content-Disposition": 'attachment; filename="changce.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


@login_required
@require_POST
def watch(request: HttpRequest, company_id: UUID) -> HttpResponse:
    """Tell, or do not tell any more, of changes for one company."""
    company = get_object_or_404(
        Company.objects.visible_to(request.user).filter(memberships__user=request.user), public_id=company_id
    )
    if request.POST.get("on") == "yes":
        actions.watch(company=company, by=request.user)
        messages.success(request, _("You are told of changes for %(name)s from now on.") % {"name": company.name})
    else:
        actions.stop_watching(company=company, by=request.user)
        messages.success(request, _("You are not told of changes for %(name)s any more.") % {"name": company.name})
    return redirect(way_back(request, reverse("news:settings")))


@login_required
@require_POST
def mute(request: HttpRequest, policy: str) -> HttpResponse:
    """Tell nothing more about a policy, or tell again."""
    if request.POST.get("on") == "yes":
        actions.unmute(policy=policy, by=request.user)
        messages.success(request, _("You are told about this policy again: %(title)s") % {"title": _titles()(policy)})
    else:
        if not _is_policy(policy):
            raise Http404
        actions.mute(policy=policy, by=request.user)
        messages.success(
            request,
            _("You are not told about this policy any more: %(title)s. You can change that at any time.")
            % {"title": _titles()(policy)},
        )
    return redirect(way_back(request, reverse("news:settings")))


def _is_policy(key: str) -> bool:
    try:
        known = rulebook.current().policy(key) is not None
    except rulebook.NoRelease:
        known = False
    return known or Policy.objects.filter(key=key).exists()


def _titles() -> Callable[[str], str]:
    """What policies are called in the release in force; a key stays as it is where there is no such policy."""
    try:
        book = rulebook.current()
    except rulebook.NoRelease:
        return str

    def title(key: str) -> str:
        policy = book.policy(key)
        return key if policy is None else policy.title.said(get_language())

    return title


def _language_sent(request: HttpRequest) -> str:
    sent = request.POST.get("language", "")
    return sent if sent in dict(project.LANGUAGES) else get_language() or "en"
