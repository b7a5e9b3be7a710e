"""What would be: a company with some facts otherwise; and what to ask it next. Nothing is stored."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from rest_framework.request import Request
from rest_framework.response import Response

from companies.api.asking import Asked, refuse_key
from companies.api.bodies import Body
from companies.api.companies import COMPANY, link_or_404
from companies.api.problems import FieldFault, Problem
from companies.api.promises import documented
from companies.api.views import ApiView
from companies.facts import Profile, Text, Vocabulary, read_profile
from companies.models import Company
from companies.models.partners import Scope
from matching.api.evaluate import REPORT
from matching.api.releases import ON_SCHEMA, RELEASE_SCHEMA, book_asked
from matching.engine.canonical import canonical_text
from matching.engine.comparison import Variant, compare_variants
from matching.engine.questions import ranked_questions
from matching.engine.report import make_report
from policies import rulebook

_BODY = {
    "type": "object",
    "required": ["facts"],
    "additionalProperties": False,
    "properties": {
        "facts": {"$ref": "#/components/schemas/Facts"},
        "on": ON_SCHEMA,
        "release": RELEASE_SCHEMA,
    },
}
_COMPARED = {
    **REPORT,
    "properties": {
        **REPORT["properties"],  # type: ignore[dict-item]
        "comparison": {
            "type": "object",
            "description": "The company as it is (`now`) beside what would be (`what-if`).",
        },
    },
}
_NOW, _WHAT_IF = Text("As it is now", "现状"), Text("What would be", "假设")
_QUESTION = {
    "type": "object",
    "required": ["fact", "label", "verdicts", "alone", "amounts", "stake", "again"],
    "properties": {
        "fact": {"type": "string"},
        "label": {"type": "object"},
        "verdicts": {"type": "array", "items": {"type": "string"}, "description": "Offers whose verdict it can change."},
        "alone": {"type": "array", "items": {"type": "string"}, "description": "Of these, offers that wait for nothing else."},
        "amounts": {"type": "array", "items": {"type": "string"}, "description": "Offers whose amount it makes known."},
        "stake": {"type": "object", "description": "What all these offers may be worth together."},
        "again": {"type": "boolean", "description": "Whether it is answered, and a part is missing."},
    },
}  # fmt: skip
_QUESTIONS = {
    "type": "object",
    "required": ["day", "release", "profile_version", "results"],
    "properties": {
        "day": {"type": "string", "format": "date"},
        "release": {"type": "integer"},
        "profile_version": {"type": "integer", "minimum": 0},
        "results": {"type": "array", "items": _QUESTION, "description": "The one to ask next first; none when nothing can change."},
    },
}  # fmt: skip


class WhatIf(ApiView):
    """One company with some facts otherwise."""

    scope = Scope.COMPANIES

    @documented(
        "what_if",
        Text("A company with some facts otherwise", "假设企业的部分事实项不同"),
        answers=_COMPARED,
        asks=[COMPANY],
        body=_BODY,
        body_example={"facts": {"employees": 120}},
    )
    @sensitive_variables()
    def post(self, request: Request, company: str) -> HttpResponse:
        """The report of the company as it would be with these facts on top of its newest profile (null: not known), and in
        `comparison` both, with what comes out otherwise. The same question gives the same bytes; nothing is stored.
        """
        link = link_or_404(request, company)
        body = Body(request, ("facts", "on", "release"))
        day, book = body.day("on"), book_asked(body)
        if "facts" not in body:
            body.refuse("facts", "missing", Text("Send what would be otherwise.", "请发送假设不同的事实项。"))
        facts = body.facts()
        given, wrong = read_profile(book.vocabulary, facts)
        body.refuse_facts(wrong)
        body.check()
        now, number = _profile_of(link.company, book.vocabulary)
        named = [fact.name for word in facts if (fact := book.vocabulary.resolve(word))]
        changed = Variant("what-if", _WHAT_IF, {name: given.get(name) for name in named})
        subject = {"name": link.company.name, "profile_version": str(number)}
        report = make_report(book, changed.apply(now), day, subject, compare=False)
        report["comparison"] = compare_variants(book, now, [Variant("now", _NOW), changed], day=day)
        return HttpResponse(canonical_text(report), content_type="application/json")


class Questions(ApiView):
    """What to ask a company next."""

    scope = Scope.COMPANIES

    @documented(
        "list_questions",
        Text("What to ask a company next", "下一步应询问企业的问题"),
        answers=_QUESTIONS,
        asks=[
            COMPANY,
            Asked("on", Text("The day, today unless said.", "日期，默认今天。"), kind="day"),
            Asked("release", Text("The number of a release, the current one unless said.", "发布版编号，默认当前版本。"), kind="whole", least=1),
            Asked("declined", Text("Facts that the company cannot tell: they are not asked.", "企业无法提供的事实项，不再询问。"), many=True),
        ],
    )  # fmt: skip
    def get(self, request: Request, company: str) -> HttpResponse:
        """The facts whose answer can still change a verdict or an amount, ranked: what an answer settles, then the money at stake."""
        link = link_or_404(request, company)
        book = _book(self.asked["release"])
        declined, day = _declined(self.asked["declined"], book.vocabulary), self.asked["on"] or timezone.localdate()
        profile, number = _profile_of(link.company, book.vocabulary)
        questions = [_plain(question) for question in ranked_questions(book, profile, day, declined)]
        plain = {"day": day.isoformat(), "release": book.number, "profile_version": number, "results": questions}
        return Response(plain, headers={"Cache-Control": "private, no-cache"})


def _profile_of(company: Company, vocabulary: Vocabulary) -> tuple[Profile, int]:
    """The newest answers, and the number of their version; none and 0 where the company has said nothing yet."""
    version = company.latest_version
    return (version.profile(vocabulary), version.number) if version else (Profile({}), 0)


def _book(number: int | None) -> Any:
    try:
        return rulebook.current() if number is None else rulebook.of_release(number)
    except rulebook.NoRelease:
        if number is None:
            raise Problem("unavailable", Text("No release has been published yet.", "尚未发布任何版本。")) from None
        said = Text("There is no release with this number.", "没有这一编号的发布版。")
        raise Problem("invalid", errors=[FieldFault("", "unknown_release", said, parameter="release")]) from None


def _declined(words: tuple[str, ...], vocabulary: Vocabulary) -> frozenset[str]:
    found = [(word, vocabulary.resolve(word)) for word in words]
    strange = [refuse_key("declined", word, [fact.name for fact in vocabulary]) for word, fact in found if fact is None]
    if strange:
        raise Problem("invalid", errors=strange)
    return frozenset(fact.name for _word, fact in found if fact is not None)


def _plain(question: Any) -> dict[str, Any]:
    plain = question.to_plain()
    # How many there are says the list itself.
    del plain["left"]
    return plain
