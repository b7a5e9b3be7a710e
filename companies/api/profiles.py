"""The profile of a company: its newest version or an earlier one, written whole or fact by fact, never over somebody else."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags
from django.views.decorators.debug import sensitive_variables
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from companies.actions import partners as actions
from companies.api.asking import LARGEST_NUMBER, Asked
from companies.api.bodies import Body, fact_faults
from companies.api.companies import COMPANY, link_or_404
from companies.api.pages import PAGE, page_asked
from companies.api.problems import Problem
from companies.api.promises import documented, page_of
from companies.api.views import ApiView
from companies.facts import Source, Text
from companies.models import Company, FactRecord, ProfileVersion
from companies.models.partners import Scope

_IF_MATCH = Asked(
    "If-Match",
    Text(
        "The ETag of the version you read: where somebody has saved another since, nothing is stored.",
        "您读取的版本的 ETag：若此后已有他人保存，则不保存任何数据。",
    ),
    place="header",
)
_FACTS = {
    "type": "object",
    "required": ["facts"],
    "additionalProperties": False,
    "properties": {"facts": {"$ref": "#/components/schemas/Facts"}},
}
_STORED = {
    "type": "object",
    "required": ["company", "version", "saved_at", "digest", "facts"],
    "properties": {
        "company": {"type": "string", "format": "uuid"},
        "version": {"type": "integer", "minimum": 0, "description": "0 while nothing is known."},
        "saved_at": {"type": ["string", "null"], "format": "date-time"},
        "digest": {"type": ["string", "null"], "description": "SHA-256 of the facts as canonical JSON."},
        "facts": {
            "type": "object",
            "description": "Each fact that is known, with where it came from and the day it was given or is proved for.",
            "additionalProperties": {
                "type": "object",
                "required": ["value", "source"],
                "properties": {
                    "value": {},
                    "source": {"type": "string", "enum": [one.value for one in Source]},
                    "on": {"type": "string", "format": "date"},
                },
            },
        },
    },
}
_ETAG = {"ETag": Text("The version; send it as If-Match with what you change.", "版本号；修改时作为 If-Match 发送。")}
_EXAMPLE = {
    "facts": {"employees": 40, "rd_expense_y1": {"value": "2500000.00", "source": "document", "on": "2026-06-30"}}
}


class VersionSerializer(serializers.Serializer[ProfileVersion]):
    """One version of a profile, without its facts."""

    version = serializers.IntegerField(source="number")
    saved_at = serializers.DateTimeField(source="created_at")
    digest = serializers.CharField()
    by = serializers.SerializerMethodField(
        help_text="`you`, or `others`: the company's own people, or another partner."
    )

    def get_by(self, version: ProfileVersion) -> str:
        """Who saved it, as far as it is the caller's business."""
        return "you" if version.partner_id == self.context["partner"].pk else "others"


class Profile(ApiView):
    """The facts of one company."""

    scope = Scope.COMPANIES
    has_etag = True

    @documented(
        "read_profile",
        Text("The facts of a company", "企业的事实项"),
        answers=_STORED,
        asks=[
            COMPANY,
            Asked("version", Text("An earlier version, by its number.", "某一历史版本的编号。"), kind="whole", most=LARGEST_NUMBER),
        ],
    )  # fmt: skip
    def get(self, request: Request, company: str) -> HttpResponse:
        """The newest version, or the one that is asked for."""
        link, number = link_or_404(request, company), self.asked["version"]
        version = None
        if number is None:
            version = link.company.latest_version
        elif number:
            version = link.company.profile_versions.filter(number=number).first()
            if version is None:
                raise Http404
        return _told(link.company, version, request)

    @documented(
        "write_profile",
        Text("Write the whole profile", "写入完整资料"),
        answers=_STORED,
        asks=[COMPANY, _IF_MATCH],
        body=_FACTS,
        problems=["not-yours-to-change", "changed-meanwhile"],
        headers=_ETAG,
        body_example=_EXAMPLE,
    )
    @sensitive_variables()
    def put(self, request: Request, company: str) -> HttpResponse:
        """These facts and no others: what is not sent becomes unknown. All of it is stored, or nothing."""
        return self._save(request, company, whole=True)

    @documented(
        "change_profile",
        Text("Change some facts", "修改部分事实项"),
        answers=_STORED,
        asks=[COMPANY, _IF_MATCH],
        body=_FACTS,
        problems=["not-yours-to-change", "changed-meanwhile"],
        headers=_ETAG,
        body_example={"facts": {"employees": 41, "rd_expense_y1": None}},
    )
    @sensitive_variables()
    def patch(self, request: Request, company: str) -> HttpResponse:
        """Only these facts; null makes one unknown again. All of it is stored, or nothing."""
        return self._save(request, company, whole=False)

    def _save(self, request: Request, company: str, *, whole: bool) -> HttpResponse:
        link = link_or_404(request, company)
        if not link.may_change:
            raise Problem("not-yours-to-change")
        body = Body(request, ("facts",))
        if "facts" not in body:
            body.refuse("facts", "missing", Text("Send the facts; {} for none.", "请发送事实项；没有则为 {}。"))
        facts = body.facts()
        body.check()
        wanted = _versions_read(request)
        try:
            saved = actions.answer_for_company(
                company=link.company,
                answers=facts,
                partner=link.partner,
                vocabulary=FactRecord.objects.vocabulary(),
                whole=whole,
                only_after=lambda number: wanted is None or number in wanted,
            )
        except actions.ChangedMeanwhile:
            raise Problem("changed-meanwhile") from None
        if saved.faults:
            raise Problem("invalid", errors=fact_faults(saved.faults, "facts"))
        return _told(link.company, saved.version)


class Versions(ApiView):
    """All versions of a company's profile."""

    scope = Scope.COMPANIES

    @documented(
        "list_profile_versions",
        Text("The versions of a profile", "资料的各版本"),
        answers=page_of(VersionSerializer),
        asks=[COMPANY, *PAGE],
        problems=["bad-cursor"],
    )
    def get(self, request: Request, company: str) -> Response:
        """The newest first; each is read with `profile?version=`."""
        link = link_or_404(request, company)
        page = page_asked(request, self.asked, f"versions of {company}")
        rows = link.company.profile_versions.defer("answers")
        return page.answer(rows, "-number", lambda row: VersionSerializer(row, context={"partner": link.partner}).data)


def etag_of(version: ProfileVersion | None) -> str:
    """The ETag of a version; that of a profile without any is that of number 0."""
    return f'"{version.number if version else 0}"'


def _versions_read(request: Request) -> set[int] | None:
    """The numbers in If-Match; None where any will do. One that is no number fits no version."""
    sent = request.headers.get("If-Match")
    if sent is None or sent.strip() == "*":
        return None
    # Compression on the way makes an ETag weak; the version that it names is the same.
    words = [one.removeprefix("W/").strip('"') for one in parse_etags(sent)]
    return {int(one) for one in words if one.isascii() and one.isdigit() and len(one) <= 10}


def _told(company: Company, version: ProfileVersion | None, read_by: Request | None = None) -> HttpResponse:
    etag = etag_of(version)
    response: HttpResponse | None = get_conditional_response(read_by, etag=etag) if read_by is not None else None
    if response is None:
        response = Response(_plain(company, version), headers={"ETag": etag})
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _plain(company: Company, version: ProfileVersion | None) -> dict[str, Any]:
    return {
        "company": str(company.public_id),
        "version": version.number if version else 0,
        "saved_at": version.created_at if version else None,
        "digest": version.digest if version else None,
        "facts": version.answers if version else {},
    }
