"""The companies of a partner: those it sent, and those that agreed to be seen by it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from companies.actions import partners as actions
from companies.api.asking import Asked
from companies.api.bodies import Body, fact_faults, faults_of_row
from companies.api.idempotency import creates
from companies.api.pages import PAGE, page_asked
from companies.api.problems import FieldFault, Problem
from companies.api.promises import documented, page_of
from companies.api.views import ApiView
from companies.facts import Text
from companies.models import Basis, FactRecord, PartnerCompany, ProfileVersion
from companies.models.partners import Scope

_MADE_OF = ("reference", "name", "other_name", "founded", "uscc", "facts")
_CHANGEABLE = ("reference", "name", "other_name")
_LONGEST_NAME, _LONGEST_REFERENCE = 200, 100


_NAME = {"type": "string", "minLength": 1, "maxLength": _LONGEST_NAME}
_REFERENCE = {
    "type": ["string", "null"],
    "maxLength": _LONGEST_REFERENCE,
    "description": "What you call the company; once among your companies.",
}
_OTHER_NAME = {"type": ["string", "null"], "maxLength": _LONGEST_NAME, "description": "The name in the other language."}
_SENT = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "reference": _REFERENCE,
        "name": _NAME,
        "other_name": _OTHER_NAME,
        "founded": {"type": "boolean", "default": True, "description": "False for a company that is only planned."},
        "uscc": {"type": ["string", "null"], "description": "Its unified social credit code, once it is founded."},
        "facts": {"$ref": "#/components/schemas/Facts"},
    },
}
_CHANGED = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"reference": _REFERENCE, "name": _NAME, "other_name": _OTHER_NAME},
}
COMPANY = Asked("company", Text("The id of the company.", "企业的编号。"), place="path")
IDEMPOTENCY_KEY = Asked(
    "Idempotency-Key",
    Text(
        "The same key with the same body makes it once, and gets the first answer again.",
        "相同的键与请求体只创建一次，并得到首次的答复。",
    ),
    place="header",
)


class NewestSerializer(serializers.Serializer[Any]):
    """How far a profile is."""

    version = serializers.IntegerField(min_value=0, help_text="0 while nothing is known.")
    saved_at = serializers.DateTimeField(allow_null=True)


class CompanySerializer(serializers.Serializer[Any]):
    """One company, as a partner sees it."""

    id = serializers.UUIDField(source="company.public_id")
    url = serializers.SerializerMethodField()
    reference = serializers.CharField(allow_null=True)
    name = serializers.CharField(source="company.name")
    other_name = serializers.CharField(source="company.other_name")
    founded = serializers.BooleanField(source="company.founded")
    uscc = serializers.CharField(source="company.uscc", allow_null=True)
    basis = serializers.ChoiceField(choices=Basis.choices, help_text="Why you may see it.")
    may_change = serializers.BooleanField(help_text="Whether you may change its name and its facts.")
    since = serializers.DateTimeField()
    profile = NewestSerializer(source="*")

    def get_url(self, link: PartnerCompany) -> str:
        """Its address."""
        return reverse("api:company", args=[link.company.public_id])


class CompanyList(ApiView):
    """The partner's companies, oldest first; `reference` keeps the one that the partner calls so."""

    scope = Scope.COMPANIES

    @documented(
        "list_companies",
        Text("Your companies", "您的企业"),
        answers=page_of(CompanySerializer),
        asks=[*PAGE, Asked("reference", Text("The one that you call so.", "您以此编号称呼的企业。"))],
        problems=["bad-cursor"],
    )
    def get(self, request: Request) -> Response:
        """Those you sent and those that agreed, a page at a time, the oldest first."""
        links = visible_links(request)
        if self.asked["reference"] is not None:
            links = links.filter(reference=self.asked["reference"])
        return page_asked(request, self.asked, "companies").answer(links, "pk", company_said)

    @documented(
        "send_company",
        Text("Send a company", "发送一家企业"),
        answers={201: CompanySerializer},
        asks=[IDEMPOTENCY_KEY],
        body=_SENT,
        problems=["key-reused", "in-progress"],
        headers={"Location": Text("Its address.", "其地址。")},
        body_example={"reference": "A-17", "name": "绿洲生物", "facts": {"employees": 40}},
    )
    @creates
    def post(self, request: Request) -> Response:
        """Send a company, with its facts or without."""
        body = Body(request, _MADE_OF)
        name, other_name = body.text("name", longest=_LONGEST_NAME, needed=True), _other_name(body)
        founded, uscc = body.flag("founded", default=True), body.text("uscc", longest=18)
        reference, facts = body.text("reference", longest=_LONGEST_REFERENCE), body.facts()
        body.check()
        partner = request.user.partner
        try:
            link = actions.send_company(
                partner=partner, name=name, other_name=other_name, founded=founded, uscc=uscc, reference=reference
            )
        except ValidationError as fault:
            raise Problem("invalid", errors=faults_of_row(fault)) from None
        except actions.ReferenceTaken:
            raise _taken() from None
        if facts:
            saved = actions.answer_for_company(
                company=link.company, answers=facts, partner=partner, vocabulary=FactRecord.objects.vocabulary()
            )
            if saved.faults:
                raise Problem("invalid", errors=fact_faults(saved.faults, "facts"))
        made = company_said(visible_links(request).get(pk=link.pk))
        return Response(made, status=201, headers={"Location": made["url"]})


class CompanyDetail(ApiView):
    """One company of the partner."""

    scope = Scope.COMPANIES

    @documented("read_company", Text("One company", "一家企业"), answers=CompanySerializer, asks=[COMPANY])
    def get(self, request: Request, company: str) -> Response:
        """What it is called, why the partner may see it, and how far its profile is."""
        return Response(company_said(link_or_404(request, company)))

    @documented(
        "change_company",
        Text("Rename a company", "修改企业名称或编号"),
        answers=CompanySerializer,
        asks=[COMPANY],
        body=_CHANGED,
        problems=["not-yours-to-change"],
        body_example={"reference": "A-18"},
    )
    @transaction.atomic
    def patch(self, request: Request, company: str) -> Response:
        """Other names, or another number of the partner's own; the latter also for a company that only agreed."""
        link = link_or_404(request, company)
        body = Body(request, _CHANGEABLE)
        names = {}
        if "name" in body:
            names["name"] = body.text("name", longest=_LONGEST_NAME, needed=True)
        if "other_name" in body:
            names["other_name"] = _other_name(body)
        reference = body.text("reference", longest=_LONGEST_REFERENCE) if "reference" in body else link.reference
        if names and not link.may_change:
            raise Problem("not-yours-to-change")
        body.check()
        try:
            actions.change_company(link=link, names=names, reference=reference)
        except ValidationError as fault:
            raise Problem("invalid", errors=faults_of_row(fault)) from None
        except actions.ReferenceTaken:
            raise _taken() from None
        return Response(company_said(link))

    @documented("give_up_company", Text("Give a company up", "放弃一家企业"), answers={204: None}, asks=[COMPANY])
    @transaction.atomic
    def delete(self, request: Request, company: str) -> Response:
        """Give it up: what only this partner had sent is erased, anything else stays with whom it belongs to."""
        actions.let_go(link=link_or_404(request, company))
        return Response(status=204)


def visible_links(request: Request) -> QuerySet[PartnerCompany]:
    """The companies that the caller may see, each with what is said of it."""
    newest = ProfileVersion.objects.filter(company=OuterRef("company")).order_by("-number")
    return (
        PartnerCompany.objects.visible_to_partner(request.user.partner)
        .with_may_change()
        .select_related("company", "partner")
        .annotate(
            version=Coalesce(Subquery(newest.values("number")[:1]), 0),
            saved_at=Subquery(newest.values("created_at")[:1]),
        )
    )


def link_or_404(request: Request, company: str) -> PartnerCompany:
    """The one that the caller may see under this id; one that is not there and one of somebody else are the same."""
    found: PartnerCompany = row_or_404(visible_links(request), "company__public_id", company)
    return found


def row_or_404(rows: QuerySet[Any], field: str, written: str) -> Any:
    """The row of these whose id is written so; raises Http404 where it is none, or not the id of one."""
    try:
        found = rows.filter(**{field: UUID(written)}).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def company_said(link: PartnerCompany) -> Any:
    """One company as it is sent; `link` comes from `visible_links`."""
    return CompanySerializer(link).data


def _other_name(body: Body) -> str:
    return body.text("other_name", longest=_LONGEST_NAME)


def _taken() -> Problem:
    said = Text(
        "Another of your companies has this reference. Look it up with GET companies?reference=…",
        "您的另一家企业已使用该编号。可用 GET companies?reference=… 查找。",
    )
    return Problem("invalid", errors=[FieldFault("/reference", "reference_taken", said)])
