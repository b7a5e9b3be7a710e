"""What a view promises to its callers, said once, on the method that keeps it; the OpenAPI document is made from that.

    class CompanyDetail(ApiView):
        scope = Scope.COMPANIES

        @documented("read_company", Text("One company", "一家企业"), answers=CompanySerializer,
                    asks=[Asked("id", Text("Its id.", "编号。"), place="path"), Asked("on", Text("The day.", "日期。"), kind="day")])
        def get(self, request: Request, id: str) -> HttpResponse:
            "What it does: the docstring is the description."
            day = self.asked["on"] or timezone.localdate()

`answers` is a serializer, or a mapping of statuses to serializers, JSON Schemas, None (no body), or a mapping of media types to those; `body` is a
serializer, a JSON Schema, or a mapping of media types to those; lists with a cursor answer `page_of(Serializer)`. Parameters of the address are read and checked from `asks`, the others refused.
Problems that every such view can have (400, 401, 403, 404, 406, 413, 415, 422, 429, 500, 503) come by themselves; `problems` names further ones by key (“in-progress”).
`./run check` fails for a view without this, and a test compares the document with the addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from companies.api.asking import Asked
from companies.facts import Text


class JsonField(serializers.JSONField):
    """A part of an answer that is described by a JSON Schema."""

    def __init__(self, *, schema: Mapping[str, Any], **more: Any) -> None:
        super().__init__(**more)
        extend_schema_field(dict(schema))(self)


@dataclass(frozen=True, slots=True)
class Promise:
    """What one method of one address takes and answers."""

    name: str
    summary: Text
    answers: Mapping[Any, Any]
    asks: tuple[Asked, ...] = ()
    body: Any = None
    problems: tuple[str, ...] = ()
    example: Any = None
    """An answer as it may come."""
    body_example: Any = None
    """A body as it may be sent."""
    headers: Mapping[str, Text] = field(default_factory=dict)
    """Headers of a good answer."""


def documented(
    name: str,
    summary: Text,
    *,
    answers: Any,
    asks: Sequence[Asked] = (),
    body: Any = None,
    problems: Sequence[str] = (),
    example: Any = None,
    body_example: Any = None,
    headers: Mapping[str, Text] | None = None,
) -> Callable[[Any], Any]:
    """Declares what the method of a view takes and answers; `name` is its name in clients, such as “list_facts”."""
    by_status = (
        answers if isinstance(answers, Mapping) and all(isinstance(one, int) for one in answers) else {200: answers}
    )
    promise = Promise(
        name, summary, by_status, tuple(asks), body, tuple(problems), example, body_example, headers or {}
    )

    def declare(method: Any) -> Any:
        method.promise = promise
        return method

    return declare


def promise_of(view: Any, method: str) -> Promise | None:
    """What the view promises for this method of HTTP; a HEAD is answered like a GET."""
    return getattr(getattr(view, method.lower(), None), "promise", None)


@lru_cache
def page_of(serializer: type[serializers.BaseSerializer[Any]], **more: type[serializers.BaseSerializer[Any]]) -> Any:
    """The serializer of one page of a list: `results`, and in `next` the address of the page after it, or null."""
    fields = {
        "results": serializer(many=True),
        "next": serializers.CharField(allow_null=True, help_text="The address of the next page, null on the last one."),
        **{name: one() for name, one in more.items()},
    }
    return type(serializer.__name__.removesuffix("Serializer") + "PageSerializer", (serializers.Serializer,), fields)
