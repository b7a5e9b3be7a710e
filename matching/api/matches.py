"""Matches of a partner: asked for, looked after, cancelled."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from companies.api.asking import Asked
from companies.api.bodies import Body
from companies.api.companies import IDEMPOTENCY_KEY, row_or_404
from companies.api.idempotency import answer_once
from companies.api.pages import PAGE, page_asked
from companies.api.promises import documented, page_of
from companies.api.views import ApiView
from companies.facts import Text
from companies.models import Company
from companies.models.partners import Scope
from matching import actions
from matching.api.releases import ON_SCHEMA, RELEASE_SCHEMA, release_asked
from matching.api.waiting import APPLIED, PREFER, seconds_to_wait, wait_for_the_end
from matching.models import MatchRequest, State

_BODY = {
    "type": "object",
    "required": ["company"],
    "additionalProperties": False,
    "properties": {
        "company": {"type": "string", "format": "uuid", "description": "The id of one of your companies."},
        "on": ON_SCHEMA,
        "release": RELEASE_SCHEMA,
    },
}
MATCH = Asked("match", Text("The id of the match.", "匹配的编号。"), place="path")
_LOCATION = {"Location": Text("The address of the match.", "匹配的地址。")}
_SOON = {"Retry-After": Text("When to look again, in seconds.", "多少秒后再次查询。")}


class ProgressSerializer(serializers.Serializer[Any]):
    """How many offers are done."""

    done = serializers.IntegerField(source="progress_done")
    total = serializers.IntegerField(source="progress_total")


class MatchSerializer(serializers.Serializer[Any]):
    """One match: what was asked, and where it stands."""

    id = serializers.UUIDField(source="public_id")
    url = serializers.SerializerMethodField()
    company = serializers.UUIDField(source="company.public_id")
    profile_version = serializers.IntegerField(source="profile_version.number")
    release = serializers.IntegerField(source="release.number")
    day = serializers.DateField()
    state = serializers.ChoiceField(choices=State.choices)
    progress = ProgressSerializer(source="*")
    reason = serializers.CharField(help_text="A stable key of why the last attempt did not come to its end, or empty.")
    reason_said = serializers.CharField(source="get_reason_display", help_text="The same in the caller's language.")
    report = serializers.SerializerMethodField(help_text="The address of the report, null until it is there.")
    asked_at = serializers.DateTimeField(source="created_at")
    ended_at = serializers.DateTimeField(source="finished_at", allow_null=True)

    def get_url(self, match: MatchRequest) -> str:
        """Its address."""
        return reverse("api:match", args=[match.public_id])

    def get_report(self, match: MatchRequest) -> str | None:
        """Where the report is."""
        return reverse("api:report", args=[match.report.public_id]) if match.state == State.DONE else None


class MatchList(ApiView):
    """The matches that the partner asked for."""

    scope = Scope.COMPANIES

    @documented(
        "list_matches",
        Text("Your matches", "您的匹配"),
        answers=page_of(MatchSerializer),
        asks=[
            *PAGE,
            Asked("company", Text("Only those of this company.", "仅该企业的匹配。")),
            Asked("state", Text("Only those that stand so.", "仅该状态的匹配。"), one_of=tuple(State.values)),
        ],
        problems=["bad-cursor"],
    )
    def get(self, request: Request) -> Response:
        """The newest first."""
        matches = visible_matches(request)
        if self.asked["company"] is not None:
            company = _company(request, self.asked["company"])
            matches = matches.filter(company=company) if company else matches.none()
        if self.asked["state"] is not None:
            matches = matches.filter(state=self.asked["state"])
        return page_asked(request, self.asked, "matches").answer(matches, "-pk", lambda one: MatchSerializer(one).data)

    @documented(
        "ask_for_match",
        Text("Ask for a match", "申请一次匹配"),
        answers={202: MatchSerializer, 201: MatchSerializer},
        asks=[IDEMPOTENCY_KEY, PREFER],
        body=_BODY,
        problems=["key-reused", "in-progress"],
        headers={**_LOCATION, **_SOON, **APPLIED},
    )
    def post(self, request: Request) -> HttpResponse:
        """The company's newest profile against a release, as of a day; the report is made in the background.

        202 with the address to look at; with `Prefer: wait=N` the answer waits, and is 201 when the match has ended meanwhile.
        What is asked twice while it has not ended is one match, also without an `Idempotency-Key`.
        """
        return answer_once(self, request, lambda: self._ask(request), lambda answer: self._wait(request, answer))

    def _ask(self, request: Request) -> HttpResponse:
        body, partner = Body(request, ("company", "on", "release")), request.user.partner
        company, day, release = _company(request, body.sent.get("company")), body.day("on"), release_asked(body)
        if company is None:
            said = Text("There is no such company among yours.", "您的企业中没有该企业。")
            body.refuse("company", "unknown_company" if body.sent.get("company") else "missing", said)
        body.check()
        assert company is not None
        # The company's row is locked until this is stored, so that two equal requests at once find each other.
        version = actions.version_to_match(company=company, by=partner)
        match = actions.request_match(profile_version=version, day=day, by=partner, release=release)
        return _accepted(visible_matches(request).get(pk=match.pk))

    def _wait(self, request: Request, accepted: HttpResponse) -> HttpResponse:
        seconds, matches = seconds_to_wait(request), visible_matches(request)
        match = matches.filter(public_id=accepted.data["id"]).first() if seconds else None  # type: ignore[attr-defined]
        if match is None or not wait_for_the_end(match, seconds):
            return accepted
        return _after_waiting(matches.filter(pk=match.pk).first() or match, seconds, made=True)


class MatchDetail(ApiView):
    """One match."""

    scope = Scope.COMPANIES

    @documented(
        "read_match",
        Text("Where a match stands", "匹配的进展"),
        answers=MatchSerializer,
        asks=[MATCH, PREFER],
        headers={**_SOON, **APPLIED},
    )
    def get(self, request: Request, match: str) -> HttpResponse:
        """Its state and progress and, once it is done, the address of the report; `Prefer: wait=N` waits for the end."""
        found, seconds = match_or_404(request, match), seconds_to_wait(request)
        if wait_for_the_end(found, 0 if found.has_ended else seconds):
            return _after_waiting(match_or_404(request, match), seconds, made=False)
        return _standing(found)


class MatchCancel(ApiView):
    """The end of a match before its time."""

    scope = Scope.COMPANIES

    @documented("cancel_match", Text("Cancel a match", "取消匹配"), answers=MatchSerializer, asks=[MATCH])
    @transaction.atomic
    def post(self, request: Request, match: str) -> HttpResponse:
        """Stop it, if it has not ended; one that has ended stays as it is. Safe to send twice."""
        found = match_or_404(request, match)
        actions.cancel(request=found, by=request.user.partner)
        return _standing(match_or_404(request, match))


def visible_matches(request: Request) -> QuerySet[MatchRequest]:
    """The matches that the caller asked for, with what is said of each."""
    mine = MatchRequest.objects.visible_to_partner(request.user.partner)
    return (
        mine.select_related("company", "profile_version", "release", "report")
        .defer("profile_version__answers", "release__snapshot", "release__changes", "report__content")
    )  # fmt: skip


def match_or_404(request: Request, match: str) -> MatchRequest:
    """The one with this id; one that is not there and one of somebody else are the same."""
    found: MatchRequest = row_or_404(visible_matches(request), "public_id", match)
    return found


def _company(request: Request, written: Any) -> Company | None:
    if not isinstance(written, str):
        return None
    try:
        company: Company = row_or_404(Company.objects.visible_to_partner(request.user.partner), "public_id", written)
    except Http404:
        return None
    return company


def _accepted(match: MatchRequest) -> Response:
    plain = MatchSerializer(match).data
    return Response(plain, status=202, headers={"Location": plain["url"], "Retry-After": "1"})


def _standing(match: MatchRequest) -> Response:
    headers = {} if match.has_ended else {"Retry-After": "1"}
    return Response(MatchSerializer(match).data, headers={**headers, "Cache-Control": "private, no-cache"})


def _after_waiting(match: MatchRequest, seconds: int, *, made: bool) -> Response:
    if made and not match.has_ended:
        answer = _accepted(match)
    else:
        answer = _standing(match)
        if made:
            answer.status_code, answer.headers["Location"] = 201, reverse("api:match", args=[match.public_id])
    answer.headers["Preference-Applied"] = f"wait={seconds}"
    return answer
