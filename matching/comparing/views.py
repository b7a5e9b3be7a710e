"""The page of a comparison, and the same as a file."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from companies.facts import Profile
from companies.models import Company
from companies.visitors import signed_in_or_holding
from matching.comparing.forms import ColumnForm, Offered, columns_of
from matching.engine.comparison import side_by_side
from matching.rendering.blocks import NotSet
from matching.rendering.side_by_side import Table, table_of
from matching.rendering.side_by_side_files import FILES
from policies import rulebook

log = structlog.get_logger(__name__)


@never_cache
@require_safe
def compare_any(request: HttpRequest) -> HttpResponse:
    """Leads to the comparison of the person's company, or lets them choose one; whoever has none begins with one."""
    companies = list(Company.objects.visible_to(request.user))
    if not companies:
        return redirect("matching:start")
    choices = [(one, reverse("matching:compare", args=[one.public_id])) for one in companies]
    if len(choices) == 1:
        return redirect(choices[0][1])
    return render(request, "matching/compare.html", {"choices": choices})


@signed_in_or_holding
@never_cache
@require_safe
@sensitive_variables()
def compare(request: HttpRequest, company_id: UUID) -> HttpResponse:
    """Up to four columns of the same company, each evaluated anew; the address holds what is asked, nothing is stored."""
    company = get_object_or_404(Company.objects.visible_to(request.user), public_id=company_id)
    offered = _offered(company)
    if offered is None:
        return render(request, "matching/compare.html", {"company": company, "offered": None})
    columns = columns_of(request.GET, offered)
    table = _table(columns, offered)
    context = {
        "company": company,
        "offered": offered,
        "columns": columns,
        "table": table,
        "asked": request.GET.urlencode(),
        "files": FILES,
    }
    return render(request, "matching/compare.html", context, status=200 if table else 422)


@signed_in_or_holding
@never_cache
@require_safe
@sensitive_variables()
def compare_file(request: HttpRequest, company_id: UUID, form: str) -> HttpResponse:
    """The same comparison as a file, in the reader's language; back to the page where it cannot be made."""
    company = get_object_or_404(Company.objects.visible_to(request.user), public_id=company_id)
    if form not in FILES:
        raise Http404
    offered = _offered(company)
    table = None if offered is None else _table(columns_of(request.GET, offered), offered)
    page = f"{reverse('matching:compare', args=[company.public_id])}?{request.GET.urlencode()}"
    if table is None:
        return redirect(page)
    try:
        content = FILES[form].make(table, company.name, get_language() or "en")
    except NotSet:
        log.exception("comparison_not_set", company=str(company.public_id))
        messages.error(request, _("The PDF could not be made in time. Please try again."))
        return redirect(page)
    name = f"comparison-{company.public_id}-{table.day}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=FILES[form].content_type, headers=headers)


def _offered(company: Company) -> Offered | None:
    """None where there is no catalogue yet."""
    try:
        book = rulebook.current()
    except rulebook.NoRelease:
        return None
    version = company.latest_version
    profile = version.profile(book.vocabulary) if version else Profile({})
    return Offered(book, profile, timezone.localdate())


def _table(columns: list[ColumnForm], offered: Offered) -> Table | None:
    """None where something that was asked cannot be read."""
    used = [column for column in columns if column.is_used]
    if not all(column.is_valid() for column in used):
        return None
    variants = [column.variant() for column in used]
    return table_of(side_by_side(offered.book, offered.profile, variants, day=offered.day), offered.book)
