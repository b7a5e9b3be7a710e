"""A partner's endpoints: added, read, changed, removed, and given another secret."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from companies.api.bodies import Body, faults_of_row
from companies.api.companies import IDEMPOTENCY_KEY, row_or_404
from companies.api.idempotency import answer_once
from companies.api.pages import PAGE, page_asked
from companies.api.problems import Problem
from companies.api.promises import documented, page_of
from companies.api.views import ApiView
from companies.facts import Text
from companies.models.partners import Scope
from matching.api.webhooks.shapes import ADDED, CHANGED, ENDPOINT, HOURS, LONGEST_LABEL, ROTATED, EndpointSerializer
from matching.models import WebhookEndpoint
from matching.models.webhooks import CHOSEN_KINDS
from matching.webhooks import actions
from matching.webhooks.addresses import LONGEST_ADDRESS


class EndpointView(ApiView):
    """What is about a partner's own endpoints, and nobody else's."""

    scope = Scope.WEBHOOKS

    def found(self, request: Request, endpoint: str) -> WebhookEndpoint:
        """The partner's endpoint of this id; raises Http404 alike for one that is not there and another's."""
        row: WebhookEndpoint = row_or_404(
            WebhookEndpoint.objects.visible_to_partner(request.user.partner), "public_id", endpoint
        )
        return row

    def shown_once(
        self, request: Request, status: int, make: Callable[[], tuple[WebhookEndpoint, str]]
    ) -> HttpResponse:
        """The endpoint with its new secret; what is kept for the Idempotency-Key is the same without it."""
        secrets: list[str] = []
        plain: dict[str, Any] = {}

        def made() -> Response:
            endpoint, secret = make()
            secrets.append(secret)
            plain.update(EndpointSerializer(endpoint).data)
            return Response(plain, status=status, headers={"Location": _address(endpoint)} if status == 201 else None)

        answer = answer_once(self, request, made)
        if answer.status_code != status or not secrets:
            return answer
        # Secrets stand sealed in the database, and not a second time in clear with the kept answers.
        told = Response({**plain, "secret": secrets[0]}, status=status)
        for name in {"Location", "Cache-Control"} & set(answer.headers):
            told.headers[name] = answer.headers[name]
        told.headers["Cache-Control"] = "no-store"
        return told


class EndpointList(EndpointView):
    """The partner's endpoints."""

    @documented(
        "list_webhooks", Text("Your endpoints", "您的端点"), answers=page_of(EndpointSerializer), asks=PAGE,
        problems=["bad-cursor"],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """All of them, the oldest first; never with their secrets."""
        rows = WebhookEndpoint.objects.visible_to_partner(request.user.partner)
        return page_asked(request, self.asked, "webhooks").answer(rows, "pk", _endpoint_said)

    @documented(
        "add_webhook",
        Text("Add an endpoint", "添加端点"),
        answers={201: EndpointSerializer},
        asks=[IDEMPOTENCY_KEY],
        body=ADDED,
        problems=["key-reused", "in-progress"],
        headers={"Location": Text("Its address.", "其地址。")},
        body_example={"url": "https://example.com/changce", "kinds": ["match.done", "changes.found"]},
    )
    def post(self, request: Request) -> HttpResponse:
        """Add an address to be told of events; the answer, and only this one, shows the secret that everything is signed with."""
        body = Body(request, ("url", "kinds", "label"))
        url, kinds = body.text("url", longest=LONGEST_ADDRESS, needed=True), _kinds(body)
        label = body.text("label", longest=LONGEST_LABEL)
        if "kinds" not in body:
            body.refuse("kinds", "missing", Text("This is needed.", "此项必填。"))
        body.check()
        add = actions.add_endpoint
        return self.shown_once(
            request, 201, _checked(lambda: add(partner=request.user.partner, url=url, kinds=kinds or [], label=label))
        )


class EndpointDetail(EndpointView):
    """One endpoint."""

    @documented("read_webhook", Text("One endpoint", "一个端点"), answers=EndpointSerializer, asks=[ENDPOINT])
    def get(self, request: Request, endpoint: str) -> Response:
        """Where it is, what it is told of, and whether it is well."""
        return Response(_endpoint_said(self.found(request, endpoint)))

    @documented(
        "change_webhook",
        Text("Change an endpoint", "修改端点"),
        answers=EndpointSerializer,
        asks=[ENDPOINT],
        body=CHANGED,
        body_example={"enabled": True},
    )
    @transaction.atomic
    def patch(self, request: Request, endpoint: str) -> Response:
        """Another address, other kinds; or switch it off, or on again after it was stopped (what it missed comes by replay)."""
        row = self.found(request, endpoint)
        body = Body(request, ("url", "kinds", "label", "enabled"))
        url = body.text("url", longest=LONGEST_ADDRESS, needed=True) if "url" in body else None
        kinds = _kinds(body)
        label = body.text("label", longest=LONGEST_LABEL) if "label" in body else None
        enabled = body.flag("enabled", default=row.is_sending)
        body.check()
        row = _checked(lambda: actions.change_endpoint(endpoint=row, url=url, kinds=kinds, label=label))()
        if enabled != row.is_sending:
            (actions.switch_on if enabled else actions.switch_off)(endpoint=row)
            row.refresh_from_db()
        return Response(_endpoint_said(row))

    @documented("remove_webhook", Text("Remove an endpoint", "删除端点"), answers={204: None}, asks=[ENDPOINT])
    @transaction.atomic
    def delete(self, request: Request, endpoint: str) -> Response:
        """Take it away, with the log of its deliveries."""
        actions.remove_endpoint(endpoint=self.found(request, endpoint))
        return Response(status=204)


class EndpointRotation(EndpointView):
    """A new secret."""

    @documented(
        "rotate_secret",
        Text("Rotate the secret", "轮换密钥"),
        answers=EndpointSerializer,
        asks=[ENDPOINT, IDEMPOTENCY_KEY],
        body=ROTATED,
        problems=["key-reused", "in-progress"],
        body_example={"overlap_hours": 24},
    )
    def post(self, request: Request, endpoint: str) -> HttpResponse:
        """Make another secret, shown in this answer only; until the overlap is over, everything is signed with both."""
        row = self.found(request, endpoint)
        body = Body(request, ("overlap_hours",))
        hours = body.sent.get("overlap_hours", int(actions.OVERLAP.total_seconds() // 3600))
        if not isinstance(hours, int) or isinstance(hours, bool) or not 0 <= hours <= HOURS:
            said = Text(f"A whole number from 0 to {HOURS}.", f"应为 0 至 {HOURS} 的整数。")
            body.refuse("overlap_hours", "out_of_bounds", said)
        body.check()
        return self.shown_once(
            request, 200, lambda: actions.rotate_secret(endpoint=row, overlap=timedelta(hours=hours))
        )


def _endpoint_said(endpoint: WebhookEndpoint) -> Any:
    return EndpointSerializer(endpoint).data


def _address(endpoint: WebhookEndpoint) -> str:
    return reverse("api:webhook", args=[endpoint.public_id])


def _checked(act: Callable[[], Any]) -> Callable[[], Any]:
    """The verb, whose refusals are answered as problems of the fields."""

    def checked() -> Any:
        try:
            return act()
        except ValidationError as fault:
            raise Problem("invalid", errors=faults_of_row(fault)) from None

    return checked


def _kinds(body: Body) -> list[str] | None:
    if "kinds" not in body:
        return None
    sent = body.sent["kinds"]
    if isinstance(sent, list) and sent and all(isinstance(one, str) and one in CHOSEN_KINDS for one in sent):
        return sent
    known = ", ".join(CHOSEN_KINDS)
    body.refuse("kinds", "bad_kinds", Text(f"A list of at least one of {known}.", f"应为列表，至少包含其一：{known}。"))
    return None
