"""What was delivered to an endpoint, a test of it, and sending again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.request import Request
from rest_framework.response import Response

from companies.api.asking import Asked
from companies.api.bodies import Body
from companies.api.companies import IDEMPOTENCY_KEY
from companies.api.idempotency import creates
from companies.api.pages import PAGE, page_asked
from companies.api.problems import Problem
from companies.api.promises import documented, page_of
from companies.facts import Text
from matching.api.webhooks.endpoints import EndpointView
from matching.api.webhooks.shapes import ENDPOINT, REPLAYED, DeliverySerializer, QueuedSerializer
from matching.models import Delivery, Event, State
from matching.webhooks import actions


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
        body=REPLAYED,
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


def _delivery_said(delivery: Delivery) -> Any:
    return DeliverySerializer(delivery).data


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
