"""The pages of the interview: start without an account, one question after another, and what is left."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from companies.facts import Fact
from companies.models import Company, Role, Visit, Visitor
from companies.rates import count_one_more
from companies.visitors import MOST_HELD, address_of, hold, signed_in_or_holding, stay_known
from matching.interview import answering
from matching.interview.forms import StartForm
from matching.interview.pages import page_of
from policies import rulebook
from policies.rules.book import Rulebook

# Many people may share one address: an office, a phone company.
STARTS_AN_HOUR = 60


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Begin with a company: without an account it is held by the browser, else it is the person's own."""
    form = StartForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            refused = _refused(request)
            if not refused:
                return _started(request, form)
            form.add_error(None, refused)
            status = 429
    held = Company.objects.held_by(request.user)
    return render(request, "matching/interview/start.html", {"form": form, "held": held}, status=status)


def _refused(request: HttpRequest) -> str:
    """Why no more can be started from here; nothing where it can."""
    if request.user.is_authenticated:
        return ""
    if Visit.objects.held_by(request.user).count() >= MOST_HELD:
        return _(
            "This browser holds as many companies as it can without an account. Go on with one of them, or sign in."
        )
    if count_one_more(f"starts:{address_of(request)}", seconds=3600) > STARTS_AN_HOUR:
        return _(
            "Very many companies were started from your network in the last hour. Please try again later, or sign in."
        )
    return ""


def _started(request: HttpRequest, form: StartForm) -> HttpResponse:
    book = _book()
    company, secret = answering.start(
        name=form.cleaned_data["name"],
        founded=form.cleaned_data["founded"],
        by=request.user,  # type: ignore[arg-type]
        vocabulary=book.vocabulary if book else None,
    )
    if secret is not None:
        hold(request, secret)
    return redirect("matching:interview", company.public_id)


@signed_in_or_holding
@never_cache
@require_http_methods(["GET", "HEAD"])
def interview(request: HttpRequest, company_id: UUID) -> HttpResponse:
    """The question to ask next, or that nothing is left to ask."""
    company, book = company_to_answer_or_404(request, company_id), _book()
    if book is None:
        return render(request, "matching/interview/no_catalogue.html", {"company": company}, status=503)
    return render(request, "matching/interview/question.html", _context(request, company, book, None))


@signed_in_or_holding
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, company_id: UUID, name: str) -> HttpResponse:
    """One question: to answer it, to change its answer, or to leave it open."""
    company, book = company_to_answer_or_404(request, company_id), _book()
    fact = book.vocabulary.get(name) if book else None
    if book is None or fact is None or fact.derived is not None:
        raise Http404
    if request.method != "POST":
        return render(request, "matching/interview/question.html", _context(request, company, book, fact))
    with_what = {"company": company, "fact": fact, "by": request.user, "vocabulary": book.vocabulary}
    stay_known(request)
    if "unknown" in request.POST:
        answering.decline(**with_what)  # type: ignore[arg-type]
    elif not answering.answer(**with_what, sent=request.POST) or "more" in request.POST:  # type: ignore[arg-type]
        return redirect("matching:question", company.public_id, fact.name)
    return redirect("matching:interview", company.public_id)


def _context(request: HttpRequest, company: Company, book: Rulebook, fact: Fact | None) -> dict[str, Any]:
    page = page_of(company, book, fact, day=timezone.localdate())
    visit = Visit.objects.held_by(request.user).filter(company=company).first()
    return {
        "company": company,
        "page": page,
        "visit": visit,
        "may_edit": True,
        "is_visitor": isinstance(request.user, Visitor),
    }


def company_to_answer_or_404(request: HttpRequest, company_id: UUID) -> Company:
    """The company that this person may answer for; 404 where they may not see it, 403 where they may only read."""
    visible = Company.objects.visible_to(request.user).with_role_of(request.user)
    company = get_object_or_404(visible, public_id=company_id)
    if company.role == Role.READER:
        raise PermissionDenied
    return company


def _book() -> Rulebook | None:
    try:
        return rulebook.current()
    except rulebook.NoRelease:
        return None
