"""The feed of changes: each verdict, amount or window that became another one for a partner's companies, with the cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import OuterRef, Q, Subquery
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from companies.api.facts import TextSerializer
from companies.api.pages import PAGE, USUAL, read_cursor, write_cursor
from companies.api.problems import Problem
from companies.api.promises import documented
from companies.api.views import ApiView
from companies.facts import Text
from companies.models import PartnerCompany, ProfileVersion
from companies.models.partners import Scope
from matching.engine.because import criteria_changed, facts_changed
from matching.jobs.leases import ReleaseUnreadable
from matching.jobs.run_changes import rulebook_of
from matching.models import Run, VerdictChange
from policies.rules import OfferFinding, Situation, Verdict, evaluate_offer
from policies.rules.book import Rulebook

NAME = "changes"
CAUSES = ("profile", "release", "day", "engine")
STATUSES = ("yes", "no", "unknown", "judged", "not_modelled")


class AmountOfChangeSerializer(serializers.Serializer[Any]):
    """An amount; null for an end that is not known."""

    status = serializers.CharField()
    low = serializers.CharField(allow_null=True)
    high = serializers.CharField(allow_null=True)


class WindowOfChangeSerializer(serializers.Serializer[Any]):
    """When one can apply."""

    state = serializers.CharField()
    opens = serializers.DateField(allow_null=True)
    closes = serializers.DateField(allow_null=True)


class SideSerializer(serializers.Serializer[Any]):
    """How it stood before, or stands after."""

    day = serializers.DateField(allow_null=True)
    release = serializers.IntegerField(allow_null=True)
    profile = serializers.IntegerField(allow_null=True, help_text="The number of the profile version.")
    verdict = serializers.ChoiceField(
        choices=[one.value for one in Verdict], allow_null=True, help_text="Null where there was no such offer."
    )
    amount = AmountOfChangeSerializer(allow_null=True)
    window = WindowOfChangeSerializer(allow_null=True, help_text="Null where the window is the same before and after.")


class CriterionOfChangeSerializer(serializers.Serializer[Any]):
    """A criterion whose answer is another one; null where there was no such criterion."""

    clause = TextSerializer(allow_null=True)
    sentence = TextSerializer()
    facts = serializers.ListField(child=serializers.CharField())
    before = serializers.ChoiceField(choices=STATUSES, allow_null=True)
    after = serializers.ChoiceField(choices=STATUSES, allow_null=True)


class ChangeSerializer(serializers.Serializer[Any]):
    """What changed for one company and one offer."""

    id = serializers.CharField(help_text="Never given to another change.")
    run = serializers.UUIDField(help_text="The run over all companies that found it.")
    found_at = serializers.DateTimeField()
    company = serializers.UUIDField()
    reference = serializers.CharField(allow_null=True, help_text="What you call the company.")
    offer = serializers.CharField()
    title = TextSerializer(allow_null=True)
    changed = serializers.ListField(child=serializers.ChoiceField(choices=("verdict", "amount", "window")))
    before = SideSerializer()
    after = SideSerializer()
    causes = serializers.ListField(child=serializers.ChoiceField(choices=CAUSES))
    facts = serializers.ListField(child=serializers.CharField(), help_text="Asked by the offer, and answered anew.")
    criteria = CriterionOfChangeSerializer(many=True)


class FeedSerializer(serializers.Serializer[Any]):
    """A piece of the feed."""

    results = ChangeSerializer(many=True)
    cursor = serializers.CharField(
        help_text="Keep it once you have worked through the results, and ask with it next time."
    )
    next = serializers.CharField(
        allow_null=True, help_text="The address to go on with, null when that was all for now."
    )


class ChangeFeed(ApiView):
    """What changed for the partner's companies, in the order in which it was found."""

    scope = Scope.COMPANIES

    @documented(
        "list_changes",
        Text("What changed since", "自某时点以来的变化"),
        answers=FeedSerializer,
        asks=PAGE,
        problems=["bad-cursor"],
    )
    def get(self, request: Request) -> Response:
        """Each verdict, amount or window that changed for your companies since the cursor, with the cause; without one, from the beginning.

        Nothing comes twice and nothing is left out. Changes are found by the runs over all companies that follow each release and each day:
        new answers are told after the next one (for an answer at once, ask for a match).
        """
        after = _place(self.asked["cursor"])
        limit = self.asked["limit"] or USUAL
        rows = list(_since(request, after)[: limit + 1])
        shown = rows[:limit]
        if shown:
            after = (shown[-1].run.sequence or 0, shown[-1].pk)
        cursor = write_cursor(NAME, f"{after[0]}.{after[1]}")
        asked = {name: value for name, value in request.query_params.items() if name != "cursor"}
        following = f"{request.path}?{urlencode({**asked, 'cursor': cursor})}" if len(rows) > limit else None
        return Response({"results": _said(shown), "cursor": cursor, "next": following})


def _place(cursor: str | None) -> tuple[int, int]:
    """The last change that was told: the place of its run, and its own in that run."""
    if cursor is None:
        return 0, 0
    run, _dot, change = str(read_cursor(NAME, cursor)).partition(".")
    if not (run.isdigit() and change.isdigit()):
        raise Problem("bad-cursor")
    return int(run), int(change)


def _since(request: Request, after: tuple[int, int]) -> Any:
    """Runs by the places they got when they ended, not by their ids: an older id may be committed later.

    All changes of a run are there when it ends, so within it their ids are as good as any order.
    """
    partner = request.user.partner
    own = PartnerCompany.objects.visible_to_partner(partner).filter(company=OuterRef("company"))
    later = Q(run__sequence__gt=after[0]) | Q(run__sequence=after[0], pk__gt=after[1])
    bulk = [
        f"{run}{column}"
        for run in ("run__", "run__compared_with__")
        for column in ("members", "release__snapshot", "release__changes")
    ]
    return (
        VerdictChange.objects.visible_to_partner(partner)
        .filter(later)
        .select_related("company", "run__release", "run__compared_with__release")
        .defer(*bulk)
        .annotate(reference=Subquery(own.values("reference")[:1]))
        .order_by("run__sequence", "pk")
    )


def _said(changes: Iterable[VerdictChange]) -> list[dict[str, Any]]:
    changes = list(changes)
    read = {pk for one in changes for pk in (one.before_version, one.after_version) if pk is not None}
    versions = ProfileVersion.objects.in_bulk(read) if read else {}
    books = _Books()
    return [ChangeSerializer(_plain(one, versions, books)).data for one in changes]


class _Books:
    """The rules of the runs on a page, each looked up once."""

    def __init__(self) -> None:
        self._by_release: dict[int, Rulebook | None] = {}

    def of(self, run: Run | None) -> Rulebook | None:
        """None for a run that is not there any more, or whose release this edition cannot read."""
        if run is None:
            return None
        number = run.release.number
        if number not in self._by_release:
            try:
                self._by_release[number] = rulebook_of(run)
            except ReleaseUnreadable:
                self._by_release[number] = None
        return self._by_release[number]


def _plain(one: VerdictChange, versions: Mapping[int, ProfileVersion], books: _Books) -> dict[str, Any]:
    sides = [
        _Side(one.run.compared_with, one.offer, versions.get(one.before_version or 0), books),
        _Side(one.run, one.offer, versions.get(one.after_version or 0), books),
    ]
    before, after = sides
    facts = _facts(before, after)
    offer = (after.book and after.book.offer(one.offer)) or (before.book and before.book.offer(one.offer)) or None
    causes = {
        # New answers to what the offer does not ask for did not cause it.
        "profile": one.by_profile and (bool(facts) or one.after_version is None),
        "release": one.by_release,
        "day": one.by_day,
        "engine": one.by_engine,
    }
    return {
        "id": f"{one.run.sequence}.{one.pk}",
        "run": one.run.public_id,
        "found_at": one.run.finished_at,
        "company": one.company.public_id,
        "reference": one.reference,  # type: ignore[attr-defined]
        "offer": one.offer,
        "title": None if offer is None else offer.title.to_plain(),
        "changed": _changed(one),
        "before": {
            **before.plain(),
            "verdict": one.before or None,
            "amount": one.before_amount,
            "window": one.before_window,
        },
        "after": {
            **after.plain(),
            "verdict": one.after or None,
            "amount": one.after_amount,
            "window": one.after_window,
        },
        "causes": [cause for cause in CAUSES if causes[cause]],
        "facts": facts,
        "criteria": criteria_changed(before.found(), after.found()),
    }


def _changed(one: VerdictChange) -> list[str]:
    sides = {
        "verdict": (one.before, one.after),
        "amount": (one.before_amount, one.after_amount),
        "window": (one.before_window, one.after_window),
    }
    return [name for name, (before, after) in sides.items() if before != after]


class _Side:
    """A run, and what it read: rules, day and profile version."""

    def __init__(self, run: Run | None, offer: str, version: ProfileVersion | None, books: _Books) -> None:
        self.run, self.offer, self.version, self.book = run, offer, version, books.of(run)

    def plain(self) -> dict[str, Any]:
        run, version = self.run, self.version
        return {
            "day": None if run is None else run.day,
            "release": None if run is None else run.release.number,
            "profile": None if version is None else version.number,
        }

    def found(self) -> OfferFinding | None:
        """The offer's finding as it was then, made anew: rules and versions never change."""
        offer = None if self.book is None else self.book.offer(self.offer)
        if self.run is None or self.version is None or self.book is None or offer is None:
            return None
        profile = self.version.profile(self.book.vocabulary)
        return evaluate_offer(offer, Situation(self.book.vocabulary, profile, self.run.day))


def _facts(before: _Side, after: _Side) -> list[str]:
    book = after.book
    offer = None if book is None else book.offer(after.offer)
    if book is None or offer is None or before.version is None or after.version is None:
        return []
    old, new = (side.version.profile(book.vocabulary) for side in (before, after))  # type: ignore[union-attr]
    return facts_changed(offer, book.vocabulary, old, new)
