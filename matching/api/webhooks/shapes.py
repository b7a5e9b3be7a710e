"""What is sent and answered about webhooks."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from companies.api.asking import Asked
from companies.facts import Text
from matching.models import EventKind, State, Stopped, WebhookEndpoint
from matching.models.webhooks import CHOSEN_KINDS
from matching.webhooks import actions
from matching.webhooks.addresses import LONGEST_ADDRESS
from matching.webhooks.posting import Outcome

ENDPOINT = Asked("endpoint", Text("The id of the endpoint.", "端点的编号。"), place="path")
LONGEST_LABEL = 100
HOURS = int(actions.LONGEST_OVERLAP.total_seconds() // 3600)
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
_LABEL = {"type": "string", "maxLength": LONGEST_LABEL, "description": "What it is for, in your words."}
ADDED = {
    "type": "object",
    "required": ["url", "kinds"],
    "additionalProperties": False,
    "properties": {"url": _URL, "kinds": _KINDS, "label": _LABEL},
}
CHANGED = {
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
ROTATED = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "overlap_hours": {
            "type": "integer",
            "minimum": 0,
            "maximum": HOURS,
            "default": int(actions.OVERLAP.total_seconds() // 3600),
            "description": "How long everything is signed with both secrets; 0 when the old one became known.",
        }
    },
}
_MOMENT = {"type": "string", "format": "date-time"}
REPLAYED = {
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
