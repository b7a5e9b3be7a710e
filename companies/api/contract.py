"""The OpenAPI document, made from what views promise (`promises`); loaded only where the document is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from drf_spectacular.drainage import warn
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_doc
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from companies.api.problems import MEDIA_TYPE, PROBLEMS
from companies.api.promises import Promise, promise_of
from companies.facts import Kind, Source, Vocabulary, value_schema
from companies.models.partners import KEY_MARK

_EVERYWHERE = ("malformed", "unauthenticated", "not-acceptable", "invalid", "throttled", "failed", "unavailable")
_WITH_BODY = ("too-large", "unsupported-media-type")
_TOO_LONG = "An address of more than 4,094 characters. The web server says so itself, before any of this is asked."
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the answer you have: 304 while nothing has changed.",
)
_HEADERS = {
    "RateLimit-Limit": ("integer", "Requests in a window."),
    "RateLimit-Remaining": ("integer", "How many of them are left."),
    "RateLimit-Policy": ("string", "The limit and its window in seconds."),
}


class BearerKey(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the document says that keys come in the header."""

    target_class = "companies.api.keys.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """A bearer token; scopes are named with each operation."""
        said = "A key of a partner. It holds scopes; where one is needed, the operation names it."
        return {"type": "http", "scheme": "bearer", "bearerFormat": f"{KEY_MARK}_…", "description": said}


class Contract(AutoSchema):
    """One operation of the document."""

    @property
    def promise(self) -> Promise | None:
        """What the method declared."""
        return promise_of(self.view, self.method)

    @property
    def _has_etag(self) -> bool:
        return bool(self.view.has_etag) and self.method == "GET"

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Any:
        """The operation with all its problems; a method that declared nothing is a warning, which `./run check` refuses."""
        if promise_of(self.view, method) is None:
            warn(f"{method} {path} is not @documented (companies.api.promises)")
            return None
        made = super().get_operation(path, path_regex, path_prefix, method, registry)
        if "requestBody" in made:
            made["requestBody"]["required"] = True
        for status, answer in made["responses"].items():
            answer["description"] = answer.get("description") or HTTPStatus(int(status)).phrase
            if status == "304":
                answer.pop("content", None)
            answer["headers"] = {**answer.get("headers", {}), **self._headers(int(status))}
        for key in self._problems():
            made["responses"].setdefault(str(PROBLEMS[key].status), {"$ref": f"#/components/responses/{key}"})
        made["responses"]["414"] = {"description": _TOO_LONG}
        made["responses"] = dict(sorted(made["responses"].items()))
        return made

    def _problems(self) -> Iterable[str]:
        assert self.promise is not None
        found = [*_EVERYWHERE, *self.promise.problems]
        found += ["forbidden"] if self.view.scope is not None else []
        found += ["not-found"] if "{" in self.path else []
        return [*found, *(_WITH_BODY if self.promise.body is not None else ())]

    def _headers(self, status: int) -> dict[str, Any]:
        assert self.promise is not None
        found = {name: _header(kind, said) for name, (kind, said) in _HEADERS.items()}
        if self._has_etag:
            found["ETag"] = _header("string", "Send it as If-None-Match next time.")
        if status < HTTPStatus.MULTIPLE_CHOICES:
            found |= {name: _header("string", said.en) for name, said in self.promise.headers.items()}
        return found

    def get_operation_id(self) -> str:
        """The name in clients."""
        return self.promise.name if self.promise else super().get_operation_id()

    def get_summary(self) -> str | None:
        """In English; the Chinese one stands at the head of the description."""
        return self.promise.summary.en if self.promise else None

    def get_description(self) -> str:
        """The docstring of the method, in its paragraphs."""
        assert self.promise is not None
        said = get_doc(getattr(self.view, self.method.lower()))
        return f"{self.promise.summary.zh}\n\n{said}"

    def get_tags(self) -> list[str]:
        """The first step of the address."""
        return self._tokenize_path()[:1]

    def get_extensions(self) -> dict[str, Any]:
        """The summary in Chinese, for tools that show it."""
        assert self.promise is not None
        return {"x-summary-zh": self.promise.summary.zh}

    def get_auth(self) -> list[dict[str, Any]]:
        """The key with the scope it must have; none is needed for what is public."""
        super().get_auth()
        scope = self.view.scope
        return [{"key": [str(scope)] if scope else []}, *([{}] if self.view.is_public else [])]

    def get_override_parameters(self) -> list[OpenApiParameter]:
        """What is asked for."""
        assert self.promise is not None
        found = [
            OpenApiParameter(
                one.name, {**one.schema, **({"examples": [one.example]} if one.example else {})}, one.place,
                required=one.place == "path", description=f"{one.said.en} {one.said.zh}",
            )
            for one in self.promise.asks
        ]  # fmt: skip
        return [*found, _IF_NONE_MATCH] if self._has_etag else found

    def get_request_serializer(self) -> Any:
        """The body by media type."""
        body = self.promise.body if self.promise else None
        return body if _by_media_type(body) or not isinstance(body, Mapping) else {"application/json": body}

    def get_response_serializers(self) -> Any:
        """The answers by status."""
        assert self.promise is not None
        found: dict[Any, OpenApiResponse] = {}
        for status, answer in self.promise.answers.items():
            if _by_media_type(answer):
                found |= {(status, name): OpenApiResponse(one) for name, one in answer.items()}
            else:
                found[status] = OpenApiResponse(answer)
        return {**found, 304: OpenApiResponse(None, "Nothing has changed")} if self._has_etag else found

    def get_examples(self) -> list[OpenApiExample]:
        """An answer and a body as they may be."""
        assert self.promise is not None
        good = str(min(self.promise.answers))
        found = []
        if self.promise.example is not None:
            found.append(OpenApiExample("answer", self.promise.example, response_only=True, status_codes=[good]))
        if self.promise.body_example is not None:
            found.append(OpenApiExample("body", self.promise.body_example, request_only=True))
        return found


def _by_media_type(promised: Any) -> bool:
    return isinstance(promised, Mapping) and all("/" in name for name in promised)


def plain_paths(endpoints: Iterable[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """The addresses without the slash that may stand at their end."""
    return [(path.rstrip("/"), regex, method, callback) for path, regex, method, callback in endpoints]


def with_problems(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """The document with the form of a problem and one answer for each kind."""
    components = result.setdefault("components", {})
    components["schemas"] = dict(
        sorted({**components.get("schemas", {}), "Problem": _PROBLEM, "Facts": _FACTS, "Answer": _ANSWER}.items())
    )
    components["responses"] = {
        key: {
            "description": f"{one.title.en} / {one.title.zh}. {one.explanation.en}",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for key, one in PROBLEMS.items()
    }
    return result


def _header(kind: str, said: str) -> dict[str, Any]:
    return {"description": said, "schema": {"type": kind}}


_FAULT = {
    "type": "object",
    "required": ["code", "detail"],
    "properties": {
        "pointer": {"type": "string", "description": "JSON pointer (RFC 6901) to the value in the body."},
        "parameter": {"type": "string", "description": "The parameter of the address."},
        "code": {"type": "string", "description": "Stable; what is wrong."},
        "detail": {"type": "string", "description": "What is wrong and what to do, in the caller's language."},
    },
}
_PROBLEM = {
    "type": "object",
    "description": "What is wrong (RFC 9457), in the language asked for by Accept-Language: English or Chinese.",
    "required": ["type", "title", "status", "instance"],
    "properties": {
        "type": {"type": "string", "description": "Stable; the address of a page that explains it."},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The address that was called."},
        "errors": {"type": "array", "items": _FAULT, "description": "Each value that cannot be used."},
    },
}
_FACTS = {
    "type": "object",
    "description": "What is known of a company: by the name of a fact (or its label, or an alias) a value, or an Answer. "
    "What is not sent is not known, which is never no and never 0.",
    "additionalProperties": True,
}
_ANSWER = {
    "type": "object",
    "required": ["value"],
    "additionalProperties": False,
    "description": "A value with where it came from, and the day it was given or is proved for.",
    "properties": {
        "value": {"description": "As the schema of the fact says."},
        "source": {"type": "string", "enum": [one.value for one in Source], "default": Source.SELF.value},
        "on": {"type": ["string", "null"], "description": "A day, such as 2026-11-30."},
    },
}


def with_facts(plain: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """The document with the JSON Schema of each fact that can be sent: those of today, because curators add some any day."""
    components = plain["components"]
    asked = [fact for fact in vocabulary if fact.derived is None]
    own = {f"fact.{fact.name}": {"title": fact.label.en, **value_schema(fact)} for fact in asked}
    properties = {
        fact.name: {
            "title": f"{fact.label.en} {fact.label.zh}",
            "anyOf": [
                {"$ref": f"#/components/schemas/fact.{fact.name}"},
                {"$ref": "#/components/schemas/Answer"},
                {
                    "type": [*_TYPED[fact.kind], "string", "null"],
                    "description": "As people write it; null is not known.",
                },
            ],
        }
        for fact in asked
    }
    schemas = {**components["schemas"], **own, "Facts": {**_FACTS, "properties": properties}}
    return {**plain, "components": {**components, "schemas": schemas}}


_TYPED: dict[Kind, list[str]] = {
    Kind.YES_NO: ["boolean"], Kind.WHOLE: ["number"], Kind.MONEY: ["number"], Kind.NUMBER: ["number"], Kind.RATIO: ["number"],
    Kind.DAY: [], Kind.ONE: [], Kind.MANY: ["array"], Kind.CERTIFICATES: ["array"],
}  # fmt: skip
