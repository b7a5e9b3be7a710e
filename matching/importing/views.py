"""The pages of an import: send a file, see what would be taken beside what is known, take it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from companies.actions import save_answers
from companies.facts import Fact, Profile, Text, Vocabulary, show_value
from companies.models import Company, FactRecord
from companies.visitors import signed_in_or_holding, stay_known
from matching.importing.reading import Sent, read_answers, read_file
from matching.importing.tables import MOST_BYTES, Unreadable
from matching.importing.templates import template
from matching.interview.views import company_to_answer_or_404

_TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of the file: what is known of it now (None: nothing), and what it would be."""

    fact: Fact
    now: Text | None
    then: Text


@signed_in_or_holding
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables()
def import_profile(request: HttpRequest, company_id: UUID) -> HttpResponse:
    """Read a file and show what it says; with `answers`, as the page that shows it holds them, take it."""
    company, vocabulary = company_to_answer_or_404(request, company_id), FactRecord.objects.vocabulary()
    context = {"company": company, "most": MOST_BYTES // 1000}
    if request.method != "POST":
        return render(request, "matching/import.html", context)
    stay_known(request)
    try:
        if "answers" in request.POST:
            return _take(request, company, vocabulary, read_answers(request.POST["answers"], vocabulary))
        sent = request.FILES.get("file")
        if sent is None:
            return render(request, "matching/import.html", {**context, "fault": _("Choose a file first.")}, status=422)
        # One byte more than may be: what is larger is refused by its reader, and never read whole.
        found = read_file(sent.name or "", sent.read(MOST_BYTES + 1), vocabulary)
    except Unreadable as fault:
        return render(
            request,
            "matching/import.html",
            {**context, "fault": fault.message.said(get_language() or "en")},
            status=422,
        )
    return render(request, "matching/import.html", {**context, **_shown(company, vocabulary, found)})


@signed_in_or_holding
@never_cache
@require_safe
@sensitive_variables()
def import_template(request: HttpRequest, company_id: UUID, ending: str) -> HttpResponse:
    """The file to fill in, in the person's language."""
    company, vocabulary = company_to_answer_or_404(request, company_id), FactRecord.objects.vocabulary()
    if ending not in _TYPES:
        raise Http404
    latest = company.latest_version
    profile = latest.profile(vocabulary) if latest else Profile({})
    content = template(vocabulary, profile, get_language() or "en", ending)
    headers = {"Content-Disposition": f'attachment; filename="profile.{ending}"'}
    return HttpResponse(content, content_type=_TYPES[ending], headers=headers)


def _shown(company: Company, vocabulary: Vocabulary, sent: Sent) -> dict[str, object]:
    latest = company.latest_version
    before = latest.profile(vocabulary) if latest else Profile({})
    lines, same = [], 0
    for fact in vocabulary.asked:
        answer, known = sent.profile.get(fact.name), before.get(fact.name)
        if answer is None:
            continue
        if known is not None and known.value == answer.value:
            same += 1
            continue
        now = show_value(fact, known.value) if known else None
        lines.append(Line(fact, now, show_value(fact, answer.value)))
    taken = Profile({line.fact.name: sent.profile.answers[line.fact.name] for line in lines})
    return {
        "lines": lines,
        "same": same,
        "faults": sent.faults,
        "answers": json.dumps(taken.to_plain(vocabulary), ensure_ascii=False),
        "opened_on": latest.number if latest else 0,
        "has_read": True,
    }


def _take(request: HttpRequest, company: Company, vocabulary: Vocabulary, sent: Sent) -> HttpResponse:
    opened_on = request.POST.get("opened_on", "")
    save_answers(
        company=company,
        answers=sent.profile.to_plain(vocabulary),
        by=request.user,  # type: ignore[arg-type]
        vocabulary=vocabulary,
        opened_on=int(opened_on) if opened_on.isdecimal() and len(opened_on) < 10 else None,
    )
    count = len(sent.profile.answers)
    messages.success(request, _("Answers taken from the file: %(n)d.") % {"n": count})
    return redirect(company)
