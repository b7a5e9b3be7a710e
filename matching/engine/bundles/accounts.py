"""What a set of offers comes to: sums after caps at both ends, by nature and by year, with the caps that cut it."""

from collections.abc import Iterable, Mapping
from typing import Any

from companies.facts import Vocabulary
from matching.engine.bundles.budgets import Budget
from matching.engine.bundles.building import Setting
from matching.engine.bundles.choosing import Choice
from matching.engine.bundles.problem import ENDS, End
from matching.engine.bundles.sentences import say_cap
from matching.engine.totals import NATURES, total_worth


def describe_set(choice: Choice, chosen: int, setting: Setting, vocabulary: Vocabulary) -> dict[str, Any]:
    """The set as plain data; see `combine_offers`."""
    names = choice.structure.names(chosen)
    amounts = {name: _amount(choice, setting, name) for name in names}
    cuts = {end: budget.ledger.cut(chosen) for end, budget in _budgets(choice)}
    numbers = sorted(cuts["low"].keys() | cuts["high"].keys())
    under = [setting.problem.caps[number].members & set(names) for number in numbers]
    payments = {end: budget.ledger.payments(chosen) for end, budget in _budgets(choice)}
    # While a cap is not known, a sum of 0 at the low end only says that nothing is sure yet.
    unsure = any(
        setting.problem.caps[number].high is None
        or setting.problem.caps[number].low != setting.problem.caps[number].high
        for number in numbers
    )
    tally = _Tally(choice, payments, amounts, unsure)
    return {
        "offers": [
            {
                "id": name,
                "low": amounts[name]["low"],
                "high": amounts[name]["high"],
                "capped": any(name in members for members in under),
            }
            for name in names
        ],
        "total": tally.total(names),
        "by_nature": {
            nature: tally.total([name for name in names if amounts[name]["nature"] == nature]) for nature in NATURES
        },
        "caps": [
            {
                "offers": sorted(members),
                "low_cut": money(cuts["low"].get(number, 0)),
                "high_cut": money(cuts["high"].get(number, 0)),
                "said": say_cap(setting.caps[number], setting.offers, sorted(members), vocabulary).to_plain(),
            }
            for number, members in zip(numbers, under, strict=True)
        ],
        "by_year": tally.by_year(names),
    }


def money(fen: int) -> str:
    """Fen as money in text: "123.00"."""
    return f"{fen // 100}.{fen % 100:02d}"


def _budgets(choice: Choice) -> Iterable[tuple[End, Budget]]:
    return (("low", choice.low.budget), ("high", choice.high.budget))


def _amount(choice: Choice, setting: Setting, name: str) -> dict[str, Any]:
    """The entry's amount over all years, before caps."""
    candidate, amount = choice.structure.candidates[choice.structure.place[name]], setting.entries[name]["amount"]
    return {
        "status": amount["status"],
        "nature": amount["nature"],
        "low": None if candidate.low is None else money(sum(candidate.low)),
        "high": None if candidate.high is None else money(sum(candidate.high)),
    }


class _Tally:
    """Sums the payments of some of the offers of one set."""

    def __init__(
        self,
        choice: Choice,
        payments: Mapping[End, Mapping[tuple[int, int], int]],
        amounts: Mapping[str, Mapping[str, Any]],
        unsure: bool,
    ) -> None:
        self.choice, self.payments, self.amounts, self.unsure = choice, payments, amounts, unsure

    def total(self, names: Iterable[str]) -> dict[str, Any]:
        listed = list(names)
        places = {self.choice.structure.place[name] for name in listed}
        total = total_worth(self.amounts[name] for name in listed)
        return total | {end: self._sum(end, places) for end in ENDS}

    def by_year(self, names: Iterable[str]) -> list[dict[str, Any]] | None:
        places = {self.choice.structure.place[name] for name in names}
        years = 1 + max((year for end in ENDS for _, year in self.payments[end]), default=0)
        if years == 1:
            return None
        return [{"year": year + 1, **{end: self._sum(end, places, year) for end in ENDS}} for year in range(years)]

    def _sum(self, end: End, places: set[int], year: int | None = None) -> str | None:
        """What these are paid, or None where nothing is known of any of them at this end."""
        paid = [
            fen for (at, when), fen in self.payments[end].items() if at in places and (year is None or when == year)
        ]
        if not paid or (end == "low" and self.unsure and not sum(paid)):
            return None
        return money(sum(paid))
