"""One profile in, its report out; nothing is stored, nothing is logged of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from rest_framework.request import Request

from companies.api.problems import FieldFault, Problem, pointer_to
from companies.api.promises import documented
from companies.api.views import ApiView
from companies.facts import Text, ValueFault, read_profile
from companies.facts.days import read_day
from companies.models.partners import Scope
from matching.engine.canonical import canonical_text
from matching.engine.report import make_report
from policies import rulebook
from policies.models import Release
from policies.rules import Verdict
from policies.rules.book import Rulebook

_FIELDS = ("name", "facts", "on", "release", "compare")
LONGEST_NAME = 200
_BODY = {
    "type": "object",
    "required": ["facts"],
    "additionalProperties": False,
    "properties": {
        "facts": {"$ref": "#/components/schemas/Facts"},
        "on": {"type": ["string", "null"], "description": "The day, such as 2026-11-25; today where none is given."},
        "release": {
            "type": ["integer", "null"],
            "minimum": 1,
            "description": "The number of a release; the current one where none is given.",
        },
        "name": {"type": "string", "maxLength": LONGEST_NAME, "description": "Whom the report is for."},
        "compare": {
            "type": "boolean",
            "default": False,
            "description": "Whether to add the comparison: elsewhere, next year, with titles.",
        },
    },
}
# The parts that callers rely on; the whole of it says docs/engine.md.
REPORT = {
    "type": "object",
    "required": ["schema", "engine", "day", "release", "offers"],
    "properties": {
        "schema": {"type": "string"},
        "engine": {"type": "string"},
        "day": {"type": "string", "format": "date"},
        "release": {"type": "object"},
        "offers": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["offer", "policy", "title", "verdict", "amount", "window"],
                "properties": {
                    "verdict": {"type": "string", "enum": [one.value for one in Verdict]},
                    "amount": {
                        "type": "object",
                        "description": "`low` and `high` as exact digits; null where it is not known, never 0.",
                    },
                },
            },
        },
    },
}


class Evaluate(ApiView):
    """A profile against a release as of a day."""

    scope = Scope.EVALUATE

    @documented(
        "evaluate",
        Text("One profile in, its report out", "提交一份资料，返回报告"),
        answers=REPORT,
        body=_BODY,
        problems=["unavailable"],
        body_example={
            "name": "Oasis Biotech",
            "on": "2026-11-25",
            "facts": {"registered_district": "changping", "employees": 40},
        },
    )
    @sensitive_variables()
    def post(self, request: Request) -> HttpResponse:
        """The report in canonical JSON: the same profile, release and day give the same bytes.

        `facts` as in a profile; `on` the day (today), `release` its number (the current one), `name` whom it is for,
        `compare` whether it is compared elsewhere, next year and with titles (it is not, unless asked: that takes about half as long again).
        """
        sent = request.data
        if not isinstance(sent, Mapping):
            said = Text("Send an object with `facts`.", "请发送带有 facts 的对象。")
            raise Problem("invalid", errors=[FieldFault("", "wrong_shape", said)])
        faults = [_strange(name) for name in sent if name not in _FIELDS]
        name, compare = _name(sent, faults), _flag(sent, faults)
        day, book = _day(sent, faults), _book(sent, faults)
        if "facts" not in sent:
            said = Text("Send the facts that are known; {} for none.", "请发送已知的事实项；没有则为 {}。")
            faults.append(FieldFault("/facts", "missing", said))
        # Read also when something else is wrong, so that all of it is told at once.
        vocabulary = (book or rulebook.current()).vocabulary
        profile, wrong = read_profile(vocabulary, sent.get("facts", {}))
        faults += [
            FieldFault(pointer_to("facts", *([one.name] if one.name else []), *one.path), one.code, one.message)
            for one in wrong
        ]
        if faults or book is None or day is None:
            raise Problem("invalid", errors=faults)
        report = make_report(book, profile, day, {"name": name}, compare=compare)
        return HttpResponse(canonical_text(report), content_type="application/json")


def _strange(name: Any) -> FieldFault:
    said = Text(
        f"This does not belong here; known are {', '.join(_FIELDS)}.",
        f"此处不应有该字段；可用字段：{'、'.join(_FIELDS)}。",
    )
    return FieldFault(pointer_to(str(name)[:80]), "unknown_field", said)


def _name(sent: Mapping[str, Any], faults: list[FieldFault]) -> str:
    name = sent.get("name", "")
    if isinstance(name, str) and len(name) <= LONGEST_NAME:
        return name
    said = Text(f"A name is text of at most {LONGEST_NAME} characters.", f"名称为文本，最多 {LONGEST_NAME} 字。")
    faults.append(FieldFault("/name", "bad_name", said))
    return ""


def _flag(sent: Mapping[str, Any], faults: list[FieldFault]) -> bool:
    compare = sent.get("compare", False)
    if isinstance(compare, bool):
        return compare
    faults.append(FieldFault("/compare", "not_yes_or_no", Text("Send true or false.", "请发送 true 或 false。")))
    return False


def _day(sent: Mapping[str, Any], faults: list[FieldFault]) -> date | None:
    if sent.get("on") is None:
        return timezone.localdate()
    try:
        return read_day(sent["on"])
    except ValueFault as fault:
        faults.append(FieldFault("/on", fault.code, fault.message))
        return None


def _book(sent: Mapping[str, Any], faults: list[FieldFault]) -> Rulebook | None:
    number = sent.get("release")
    if not Release.objects.exists():
        raise Problem("unavailable", Text("No release has been published yet.", "尚未发布任何版本。"))
    if number is None:
        return rulebook.current()
    if isinstance(number, int) and not isinstance(number, bool):
        try:
            return rulebook.of_release(number)
        except rulebook.NoRelease:
            pass
    said = Text("There is no release with this number.", "没有这一编号的发布版。")
    faults.append(FieldFault("/release", "unknown_release", said))
    return None
