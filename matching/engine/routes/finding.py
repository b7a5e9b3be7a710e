"""Routes to qualify: for one company, offer after offer, with what is common to offers found once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from matching.engine.routes.search import GOOD, Search, Walker
from matching.engine.routes.telling import none_to_plain, search_to_plain
from policies.rules import OfferText, Situation, Verdict, standing_on, verdict_of


class RouteFinder:
    """The routes of one company on one day; keep it for all offers, they share criteria."""

    def __init__(self, situation: Situation, lists: Mapping[str, Sequence[Mapping[str, Any]]] | None = None) -> None:
        """`lists` are the reference lists of the rulebook: the chains of certificates stand in them."""
        self._walker = Walker(situation, lists or {})

    def routes(self, offer: OfferText, verdict: Verdict | None = None) -> dict[str, Any]:
        """Up to three smallest sets of changes as JSON: `{"routes": [...], "none": None | {"code", "said"}}`.

        Every route was applied and evaluated anew; its `result` is the verdict that came of it. `verdict` is the
        offer's own, where it is known already. Raises nothing but MemoryError: a faulty offer has no route.
        """
        try:
            return self._routes(offer, verdict)
        except MemoryError:
            raise
        except Exception:
            # Its verdict is `error`, and that is where the report says what went wrong.
            return {"routes": [], "none": none_to_plain("error")}

    def _routes(self, offer: OfferText, verdict: Verdict | None) -> dict[str, Any]:
        walker = self._walker
        if verdict is None:
            verdict = verdict_of(offer, walker.situation)
        if verdict in GOOD:
            return {"routes": [], "none": none_to_plain("met")}
        standing = standing_of(offer, walker.situation.day)
        if standing in ("ended", "not_yet"):
            return {"routes": [], "none": none_to_plain(standing)}
        search = walker.search(offer)
        if search.found:
            live = tuple(one for one in search.found if standing_of(offer, one.state.day) != "ended")
            search = Search(live, None if live else "ends_before")
        return search_to_plain(search, offer, walker)


def standing_of(offer: OfferText, day: date) -> str:
    """Whether the edition that the offer stands in is in force on the day."""
    edition = offer.edition
    return standing_on(
        edition.status, edition.effective_from, edition.effective_to, edition.superseded_on, edition.issued, day
    )


def routes_to_qualify(
    offer: OfferText, situation: Situation, *, lists: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
) -> dict[str, Any]:
    """The routes of one offer; for many offers of one company keep a `RouteFinder`."""
    return RouteFinder(situation, lists).routes(offer)
