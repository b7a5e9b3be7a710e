"""The feed of changes: each verdict, amount, window or best combination that became another one for a partner's companies."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Q, Subquery
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from companies.api.facts import TextSerializer
from companies.api.pages import PAGE, USUAL, next_address, read_cursor, write_cursor
from companies.api.problems import Problem
from companies.api.promises import documented
from companies.api.views import ApiView
from companies.facts import Text
from companies.models import PartnerCompany
from companies.models.partners import Scope
from matching.models import VerdictChange
from matching.news.telling import CAUSES, WITHOUT_BULK, Told, tell
from policies.rules import Verdict

NAME = "changes"
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


class CombinationOfChangeSerializer(serializers.Serializer[Any]):
    """What a company can best have at once."""

    offers = serializers.ListField(child=serializers.CharField(), help_text="The best where amounts come out low.")
    otherwise = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="The best where they come out high, if another one."
    )
    low = serializers.CharField(allow_null=True)
    high = serializers.CharField(allow_null=True)
    open = serializers.BooleanField(help_text="Whether it may be more: an upper end is not known.")


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
    combination = CombinationOfChangeSerializer(allow_null=True, help_text="Null unless it is what changed.")


class CriterionOfChangeSerializer(serializers.Serializer[Any]):
    """A criterion whose answer is another one; null where there was no such criterion."""

    clause = TextSerializer(allow_null=True)
    sentence = TextSerializer()
    facts = serializers.ListField(child=serializers.CharField())
    before = serializers.ChoiceField(choices=STATUSES, allow_null=True)
    after = serializers.ChoiceField(choices=STATUSES, allow_null=True)


class ChangeSerializer(serializers.Serializer[Any]):
    """What changed for one company and one offer, or for its best combination."""

    id = serializers.CharField(help_text="Never given to another change.")
    run = serializers.UUIDField(help_text="The run over all companies that found it.")
    found_at = serializers.DateTimeField()
    company = serializers.UUIDField()
    reference = serializers.CharField(allow_null=True, help_text="What you call the company.")
    offer = serializers.CharField(allow_null=True, help_text="Null where the best combination of all is what changed.")
    title = TextSerializer(allow_null=True)
    changed = serializers.ListField(
        child=serializers.ChoiceField(choices=("verdict", "amount", "window", "combination"))
    )
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
        """Each verdict, amount, window or best combination that changed for your companies since the cursor, with the cause; without one, from the beginning.

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
        following = next_address(request, cursor) if len(rows) > limit else None
        return Response({"results": [_plain(one) for one in tell(shown)], "cursor": cursor, "next": following})


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
    return (
        VerdictChange.objects.visible_to_partner(partner)
        .filter(later)
        .select_related("company", "run__release", "run__compared_with__release")
        .defer(*WITHOUT_BULK)
        .annotate(reference=Subquery(own.values("reference")[:1]))
        .order_by("run__sequence", "pk")
    )


def _plain(told: Told) -> dict[str, Any]:
    one = told.change
    return ChangeSerializer(
        {
            "id": f"{one.run.sequence}.{one.pk}",
            "run": one.run.public_id,
            "found_at": one.run.finished_at,
            "company": one.company.public_id,
            "reference": one.reference,  # type: ignore[attr-defined]
            "offer": one.offer or None,
            "title": None if told.offer is None else told.offer.title.to_plain(),
            "changed": told.changed,
            "before": {
                **told.before.plain(),
                "verdict": one.before or None,
                "amount": one.before_amount,
                "window": one.before_window,
                "combination": one.before_combination,
            },
            "after": {
                **told.after.plain(),
                "verdict": one.after or None,
                "amount": one.after_amount,
                "window": one.after_window,
                "combination": one.after_combination,
            },
            "causes": told.causes,
            "facts": told.facts,
            "criteria": told.criteria,
        }
    ).data
