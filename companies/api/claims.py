"""The link by which a person takes over a company that the partner sent."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from companies.actions import claims as actions
from companies.api.bodies import Body
from companies.api.companies import COMPANY, link_or_404
from companies.api.problems import Problem
from companies.api.promises import documented
from companies.api.views import ApiView
from companies.facts import Text
from companies.models.partners import Scope


class ClaimSerializer(serializers.Serializer[Any]):
    """A link to hand on."""

    url = serializers.URLField(help_text="The whole address; told now and never again.")
    expires_at = serializers.DateTimeField()


class ClaimOfCompany(ApiView):
    """The claim of one company."""

    scope = Scope.COMPANIES

    @documented(
        "make_claim",
        Text("Hand a company over", "移交一家企业"),
        answers={201: ClaimSerializer},
        asks=[COMPANY],
        body={"type": "object", "additionalProperties": False},
        problems=["not-yours-to-change"],
        body_example={},
    )
    def post(self, request: Request, company: str) -> Response:
        """A link by which a person takes over a company that you sent: it works once, for 14 days, and replaces one made before."""
        link = link_or_404(request, company)
        Body(request, ()).check()
        try:
            claim, token = actions.make_claim(link=link)
        except actions.HasPeople:
            raise Problem("not-yours-to-change") from None
        url = request.build_absolute_uri(reverse("claim", args=[token]))
        return Response(ClaimSerializer({"url": url, "expires_at": claim.expires_at}).data, status=201)

    @documented("take_back_claim", Text("Take the link back", "撤回移交链接"), answers={204: None}, asks=[COMPANY])
    def delete(self, request: Request, company: str) -> Response:
        """End a link that was made and not used; nothing happens where there is none."""
        actions.take_back_claims(link=link_or_404(request, company))
        return Response(status=204)
