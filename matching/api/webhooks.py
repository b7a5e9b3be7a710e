"""Webhooks in the API: a partner's endpoints, what was delivered to them, and sending again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from companies.api.asking import Asked
from companies.api.bodies import Body, faults_of_row
from companies.api.companies import IDEMPOTENCY_KEY, row_or_404
from companies.api.idempotency import answer_once, creates
from companies.api.pages import PAGE, page_asked
from companies.api.problems import Problem
from companies.api.promises import documented, page_of
from companies.api.views import ApiView
from companies.facts import Text
from companies.models.partners import Scope
from matching.models import Delivery, Event, EventKind, State, Stopped, WebhookEndpoint
from matching.models.webhooks import CHOSEN_KINDS
from matching.webhooks import actions
from matching.webhooks.addresses import LONGEST_ADDRESS
from matching.webhooks.posting import Outcome

ENDPOINT = Asked("endpoint", Text("The id of the endpoint.", "端点的编号。"), place="path")
_LONGEST_LABEL = 100
_HOURS = int(actions.LONGEST_OVERLAP.total_seconds() // 3600)
_KINDS = {
    "type": "array",
    "items": {"type": "string", "enum": [kind.value for kind in CHOSEN_KINDS]},
    "minItems": 1,
    "uniqueItems": True,
    "description": "What it is told of.",
}
_URL = {
    "type": "string",
    "maxLength": LONGEST_ADDRESS,
    "description": "https, and a host that is on the public internet.",
}
_LABEL = {"type": "string", "maxLength": _LONGEST_LABEL, "description": "What it is for, in your words."}
_ADDED = {
    "type": "object",
    "required": ["url", "kinds"],
    "additionalProperties": False,
    "properties": {"url": _URL, "kinds": _KINDS, "label": _LABEL},
}
_CHANGED = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "url": _URL,
        "kinds": _KINDS,
        "label": _LABEL,
        "enabled": {
            "type": "boolean",
            "description": "false sends nothing more, not even what waits; true begins anew.",
        },
    },
}
_ROTATED = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "overlap_hours": {
            "type": "integer",
            "minimum": 0,
            "maximum": _HOURS,
            "default": int(actions.OVERLAP.total_seconds() // 3600),
            "description": "How long everything is signed with both secrets; 0 when the old one became known.",
        }
    },
}
_MOMENT = {"type": "string", "format": "date-time"}
_REPLAYED = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "event": {"type": "string", "format": "uuid", "description": "One event, by its id (webhook-id)."},
        "from": {**_MOMENT, "description": "Or all events of a period: from this moment,"},
        "to": {**_MOMENT, "description": "and before this one; until now where it is not said."},
    },
}


class StoppedSerializer(serializers.Serializer[Any]):
    """Why and since when nothing is sent."""

    why = serializers.ChoiceField(choices=Stopped.choices, source="stopped_why")
    since = serializers.DateTimeField(source="stopped_at")


class EndpointSerializer(serializers.Serializer[Any]):
    """An endpoint. `secret` is there only in the answer that made it."""

    id = serializers.UUIDField(source="public_id")
    url = serializers.CharField()
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=[kind.value for kind in CHOSEN_KINDS]))
    label = serializers.CharField()
    enabled = serializers.BooleanField(source="is_sending")
    stopped = serializers.SerializerMethodField()
    failing_since = serializers.DateTimeField(
        allow_null=True, help_text="The first failure after the last success; after three days nothing more is sent."
    )
    earlier_secret_until = serializers.DateTimeField(source="earlier_until", allow_null=True)
    created_at = serializers.DateTimeField()
    secret = serializers.SerializerMethodField()

    def get_stopped(self, endpoint: WebhookEndpoint) -> dict[str, Any] | None:
        """Null while it is sent to."""
        return None if endpoint.is_sending else dict(StoppedSerializer(endpoint).data)

    def get_secret(self, endpoint: WebhookEndpoint) -> str | None:
        """Shown once: null ever after, also in an answer that is repeated for its Idempotency-Key."""
        return None


class EventSerializer(serializers.Serializer[Any]):
    """What is told."""

    id = serializers.UUIDField(source="public_id", help_text="The webhook-id, the same at every attempt.")
    kind = serializers.ChoiceField(choices=EventKind.choices)
    created_at = serializers.DateTimeField()
    data = serializers.JSONField(source="about", help_text="Ids, and never a figure.")


class DeliverySerializer(serializers.Serializer[Any]):
    """One event to one endpoint, and what came of the last attempt."""

    id = serializers.UUIDField(source="public_id")
    event = EventSerializer()
    state = serializers.ChoiceField(choices=State.choices)
    attempts = serializers.IntegerField()
    next_try = serializers.DateTimeField(allow_null=True)
    tried_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.ChoiceField(choices=[one.value for one in Outcome], allow_blank=True)
    code = serializers.IntegerField(allow_null=True, help_text="The status of the receiver's answer.")
    milliseconds = serializers.IntegerField(allow_null=True)


class QueuedSerializer(serializers.Serializer[Any]):
    """How many deliveries were queued."""

    queued = serializers.IntegerField(min_value=0)


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
        body=_ADDED,
        problems=["key-reused", "in-progress"],
        headers={"Location": Text("Its address.", "其地址。")},
        body_example={"url": "https://example.com/changce", "kinds": ["match.done", "changes.found"]},
    )
    def post(self, request: Request) -> HttpResponse:
        """Add an address to be told of events; the answer, and only this one, shows the secret that everything is signed with."""
        body = Body(request, ("url", "kinds", "label"))
        url, kinds = body.text("url", longest=LONGEST_ADDRESS, needed=True), _kinds(body)
        label = body.text("label", longest=_LONGEST_LABEL)
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
        body=_CHANGED,
        body_example={"enabled": True},
    )
    @transaction.atomic
    def patch(self, request: Request, endpoint: str) -> Response:
        """Another address, other kinds; or switch it off, or on again after it was stopped (what it missed comes by replay)."""
        row = self.found(request, endpoint)
        body = Body(request, ("url", "kinds", "label", "enabled"))
        url = body.text("url", longest=LONGEST_ADDRESS, needed=True) if "url" in body else None
        kinds = _kinds(body)
        label = body.text("label", longest=_LONGEST_LABEL) if "label" in body else None
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


class EndpointDeliveries(EndpointView):
    """The log of an endpoint."""

    @documented(
        "list_deliveries",
        Text("What was delivered", "投递记录"),
        answers=page_of(DeliverySerializer),
        asks=[
            ENDPOINT,
            *PAGE,
            Asked("state", Text("Only those in this state.", "仅此状态。"), one_of=tuple(State.values)),
        ],
        problems=["bad-cursor"],
    )
    def get(self, request: Request, endpoint: str) -> Response:
        """Each event that was queued for it, the newest first, kept for 30 days."""
        rows = Delivery.objects.filter(endpoint=self.found(request, endpoint)).select_related("event")
        if self.asked["state"] is not None:
            rows = rows.filter(state=self.asked["state"])
        return page_asked(request, self.asked, f"deliveries {endpoint}").answer(rows, "-pk", _delivery_said)


class EndpointTest(EndpointView):
    """A test of an endpoint."""

    @documented(
        "send_test",
        Text("Send a test", "发送测试"),
        answers={202: DeliverySerializer},
        asks=[ENDPOINT, IDEMPOTENCY_KEY],
        problems=["endpoint-stopped", "key-reused", "in-progress"],
    )
    @creates
    def post(self, request: Request, endpoint: str) -> Response:
        """Queue an event of kind webhook.test for this endpoint only, which is tried once; look for it among the deliveries."""
        try:
            delivery = actions.send_test(endpoint=self.found(request, endpoint))
        except actions.EndpointStopped:
            raise Problem("endpoint-stopped") from None
        return Response(_delivery_said(delivery), status=202)


class EndpointReplay(EndpointView):
    """Sending again."""

    @documented(
        "replay_events",
        Text("Send events again", "重发事件"),
        answers={202: QueuedSerializer},
        asks=[ENDPOINT, IDEMPOTENCY_KEY],
        body=_REPLAYED,
        problems=["endpoint-stopped", "key-reused", "in-progress"],
        body_example={"from": "2026-11-24T00:00:00+08:00"},
    )
    @creates
    def post(self, request: Request, endpoint: str) -> Response:
        """One event by its id, or those of a period that the endpoint is told of, also those it never got; under the same ids as before."""
        row = self.found(request, endpoint)
        body = Body(request, ("event", "from", "to"))
        since, until = _moment(body, "from"), _moment(body, "to")
        event = None
        if "event" in body:
            event = _event(body, request)
            if "from" in body or "to" in body:
                body.refuse(
                    "event", "not_both", Text("One event or a period, not both.", "只能指定一个事件或一段时间。")
                )
        elif "from" not in body:
            body.refuse("from", "missing", Text("Say `event` or `from`.", "请给出 event 或 from。"))
        body.check()
        try:
            queued = actions.replay(endpoint=row, event=event, since=since, until=until)
        except actions.EndpointStopped:
            raise Problem("endpoint-stopped") from None
        return Response({"queued": queued}, status=202)


class EndpointRotation(EndpointView):
    """A new secret."""

    @documented(
        "rotate_secret",
        Text("Rotate the secret", "轮换密钥"),
        answers=EndpointSerializer,
        asks=[ENDPOINT, IDEMPOTENCY_KEY],
        body=_ROTATED,
        problems=["key-reused", "in-progress"],
        body_example={"overlap_hours": 24},
    )
    def post(self, request: Request, endpoint: str) -> HttpResponse:
        """Make another secret, shown in this answer only; until the overlap is over, everything is signed with both."""
        row = self.found(request, endpoint)
        body = Body(request, ("overlap_hours",))
        hours = body.sent.get("overlap_hours", int(actions.OVERLAP.total_seconds() // 3600))
        if not isinstance(hours, int) or isinstance(hours, bool) or not 0 <= hours <= _HOURS:
            said = Text(f"A whole number from 0 to {_HOURS}.", f"应为 0 至 {_HOURS} 的整数。")
            body.refuse("overlap_hours", "out_of_bounds", said)
        body.check()
        return self.shown_once(
            request, 200, lambda: actions.rotate_secret(endpoint=row, overlap=timedelta(hours=hours))
        )


def _endpoint_said(endpoint: WebhookEndpoint) -> Any:
    return EndpointSerializer(endpoint).data


def _delivery_said(delivery: Delivery) -> Any:
    return DeliverySerializer(delivery).data


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


def _moment(body: Body, name: str) -> datetime | None:
    if name not in body:
        return None
    sent = body.sent[name]
    try:
        found = parse_datetime(sent) if isinstance(sent, str) and len(sent) <= 40 else None
    except ValueError:
        found = None
    if found is None or timezone.is_naive(found):
        said = Text(
            "A moment with its offset, such as 2026-11-24T00:00:00+08:00.",
            "应为带时区的时刻，例如 2026-11-24T00:00:00+08:00。",
        )
        body.refuse(name, "bad_moment", said)
        return None
    return found


def _event(body: Body, request: Request) -> Event | None:
    sent = body.sent["event"]
    try:
        own = Event.objects.visible_to_partner(request.user.partner)
        found = own.filter(public_id=sent).first() if isinstance(sent, str) else None
    except ValidationError:
        found = None
    if found is None:
        body.refuse("event", "unknown_event", Text("You have no event of this id.", "没有该编号的事件。"))
    return found
