"""One profile in, its report out; nothing is stored, nothing is logged of it."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.debug import sensitive_variables
from rest_framework.request import Request

from companies.api.bodies import Body
from companies.api.promises import documented
from companies.api.views import ApiView
from companies.facts import Text, read_profile
from companies.models.partners import Scope
from matching.api.releases import ON_SCHEMA, RELEASE_SCHEMA, book_asked
from matching.engine.canonical import canonical_text
from matching.engine.report import make_report
from policies.rules import Verdict

_FIELDS = ("name", "facts", "on", "release", "compare")
LONGEST_NAME = 200
_BODY = {
    "type": "object",
    "required": ["facts"],
    "additionalProperties": False,
    "properties": {
        "facts": {"$ref": "#/components/schemas/Facts"},
        "on": ON_SCHEMA,
        "release": RELEASE_SCHEMA,
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
        body = Body(request, _FIELDS)
        name, compare = body.text("name", longest=LONGEST_NAME), body.flag("compare", default=False)
        day, book = body.day("on"), book_asked(body)
        if "facts" not in body:
            body.refuse(
                "facts",
                "missing",
                Text("Send the facts that are known; {} for none.", "请发送已知的事实项；没有则为 {}。"),
            )
        # Read also when something else is wrong, so that all of it is told at once.
        profile, wrong = read_profile(book.vocabulary, body.facts())
        body.refuse_facts(wrong)
        body.check()
        report = make_report(book, profile, day, {"name": name}, compare=compare)
        return HttpResponse(canonical_text(report), content_type="application/json")
