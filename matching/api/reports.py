"""The reports that a partner asked for, in the form and the language that the caller wants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from companies.api.asking import Asked
from companies.api.companies import row_or_404
from companies.api.problems import Problem
from companies.api.promises import documented
from companies.api.views import ApiView
from companies.facts import Text
from companies.models.partners import Scope
from matching.api.evaluate import REPORT
from matching.models import MatchReport
from matching.rendering.calendar import as_calendar
from matching.rendering.document import NotSet, as_document
from matching.rendering.html import as_html
from matching.rendering.spreadsheet import as_spreadsheet
from matching.rendering.text import as_text

log = structlog.get_logger(__name__)

REPORT_ID = Asked("report", Text("The id of the report.", "报告的编号。"), place="path")


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a report: its short name, its media type, and how it is made (None: as it is stored)."""

    name: str
    media_type: str
    make: Callable[[dict[str, Any], str], str | bytes] | None


FORMS = {
    form.name: form
    for form in (
        Form("json", "application/json", None),
        Form("text", "text/plain", as_text),
        Form("html", "text/html", as_html),
        Form("pdf", "application/pdf", as_document),
        Form("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_spreadsheet),
        Form("ics", "text/calendar", as_calendar),
    )
}


# What programs of a desk open, not programs that call.
_FILES = ("pdf", "xlsx", "ics")


def _renderer(form: Form) -> type[JSONRenderer]:
    """What chooses a form by Accept. It renders problems only, and these are JSON in any case."""
    return type(f"{form.name.title()}Form", (JSONRenderer,), {"media_type": form.media_type, "format": form.name})


class ReportDetail(ApiView):
    """One report: JSON byte for byte as it is stored, or made from that for reading."""

    scope = Scope.COMPANIES
    has_etag = True
    renderer_classes = tuple(_renderer(form) for form in FORMS.values())

    @documented(
        "read_report",
        Text("A report", "一份报告"),
        answers={200: {form.media_type: (REPORT if form.name == "json" else {"type": "string"}) for form in FORMS.values()}},
        asks=[
            REPORT_ID,
            Asked("format", Text("The form, before Accept.", "格式，优先于 Accept。"), one_of=tuple(FORMS)),
        ],
    )  # fmt: skip
    def get(self, request: Request, report: str) -> HttpResponse:
        """In the form of `format` or Accept, and in English or Chinese by Accept-Language; JSON has both languages in it."""
        visible = MatchReport.objects.visible_to_partner(request.user.partner)
        stored: MatchReport = row_or_404(visible, "public_id", report)
        form = FORMS[self.asked["format"] or request.accepted_renderer.format]
        language = get_language() or "en"
        etag = f'"{stored.digest[:32]}-{form.name}-{language}"'
        answer = get_conditional_response(request, etag=etag)
        if answer is None:
            answer = as_file(stored, form, language)
            answer.headers["ETag"] = etag
        answer.headers["Cache-Control"] = "private, no-cache"
        patch_vary_headers(answer, ["Accept", "Accept-Language"])
        return answer

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """By Accept, unless the address names a form."""
        return super().perform_content_negotiation(request, force=force or "format" in request.query_params)


def as_file(stored: MatchReport, form: Form, language: str) -> HttpResponse:
    """The report in this form and language; raises Problem (unavailable) where the document could not be set in time."""
    try:
        content = stored.content if form.make is None else form.make(stored.model(), language)
    except NotSet as fault:
        log.error("report_not_set", report=str(stored.public_id), fault=str(fault))
        said = Text("The PDF could not be made in time; try again.", "未能及时生成 PDF，请重试。")
        raise Problem("unavailable", said) from fault
    kind = f"{form.media_type}; charset=utf-8" if form.media_type.startswith("text/") else form.media_type
    name = f"report-{stored.public_id}.{form.name}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'} if form.name in _FILES else {}
    return HttpResponse(content, content_type=kind, headers=headers)
