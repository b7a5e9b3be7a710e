"""The reports that a partner asked for, in the form and the language that the caller wants."""

from __future__ import annotations

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
from matching.rendering.blocks import NotSet
from matching.rendering.forms import FORMS, Form

log = structlog.get_logger(__name__)

REPORT_ID = Asked("report", Text("The id of the report.", "报告的编号。"), place="path")


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
            answer = _made(stored, form, language)
            answer.headers["ETag"] = etag
        answer.headers["Cache-Control"] = "private, no-cache"
        patch_vary_headers(answer, ["Accept", "Accept-Language"])
        return answer

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """By Accept, unless the address names a form."""
        return super().perform_content_negotiation(request, force=force or "format" in request.query_params)


def _made(stored: MatchReport, form: Form, language: str) -> HttpResponse:
    try:
        # What is stored is given as it is: nothing is read and written again on the way.
        content = stored.content if form.name == "json" else form.make(stored.model(), language)
    except NotSet as fault:
        log.error("report_not_set", report=str(stored.public_id), fault=str(fault))
        said = Text("The PDF could not be made in time; try again.", "未能及时生成 PDF，请重试。")
        raise Problem("unavailable", said) from fault
    name = f"report-{stored.public_id}.{form.name}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'} if form.is_file else {}
    return HttpResponse(content, content_type=form.content_type, headers=headers)
