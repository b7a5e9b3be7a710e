"""The counts of a reach as tables that may leave the desk: what is printed of an offer, its sums, and what is hidden."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from matching.engine.reach.counts import BEFORE, GAINED, LOST, MEASURES, NEAR, Counts, OfferReach
from matching.engine.reach.deducing import Cell, Sum
from matching.engine.reach.groups import Grouping
from matching.engine.reach.hiding import hide, is_small

COMPANIES = "companies"
PRINTED = ("eligible", "needs_review", "undetermined", NEAR)
"""What is printed of each line besides how many companies it has; the rest of them is not, but can be worked out."""
CHANGES = (GAINED, LOST)
EVERYBODY = 0
"""The line of all companies."""


def printed_lines(groupings: Sequence[Grouping]) -> list[int]:
    """The lines that are printed.

    Where groups overlap, those in none and those not known are left out: with them the groups would have to cover
    everybody, which says more of a hidden one than its own sums do.
    """
    lines, at = [EVERYBODY], 1
    for grouping in groupings:
        count = len(grouping.groups) + (2 if grouping.is_exclusive else 0)
        lines += range(at, at + count)
        at += len(grouping.groups) + 2
    return lines


def hidden_sizes(groupings: Sequence[Grouping], companies: Counts) -> frozenset[int]:
    """The lines whose number of companies is hidden: the same for every offer, so it is settled first."""
    system = _System(groupings)
    system.column(COMPANIES, companies)
    hidden = system.hide()
    return frozenset(line for line in system.lines if (line, COMPANIES) in hidden)


@dataclass(frozen=True, slots=True)
class OfferTable:
    """What may be printed of an offer: `None` where a number is hidden."""

    hidden: frozenset[Cell]
    offer: OfferReach
    companies: Counts

    def count(self, measure: str, line: int = EVERYBODY) -> int | None:
        """One number."""
        if (line, measure) in self.hidden:
            return None
        return int(self.companies[line]) if measure == COMPANIES else self.offer.count(measure, line)

    def near_by(self, criterion: int) -> int | None:
        """How many the criterion alone keeps out."""
        return None if ("near_by", criterion) in self.hidden else int(self.offer.near_by[criterion])

    def sum_of(self, whose: str, end: str) -> "Money | None":
        """The `low` or `high` end of what these companies get together; None where it is hidden."""
        if whose in self._hidden_money():
            return None
        total = self.offer.money[whose]
        unknown = getattr(total, f"{end}_unknown")
        known = total.companies - unknown
        if is_small(known) or is_small(unknown):
            return None
        return Money(getattr(total, end) if known else None, unknown)

    def _hidden_money(self) -> Collection[str]:
        """A sum over few is hidden, and so is one from which, with the others, a sum over few could be worked out."""
        money = self.offer.money
        few = {whose for whose, total in money.items() if is_small(total.companies)}
        few |= {whose for whose in (BEFORE, GAINED, LOST) if (EVERYBODY, whose) in self.hidden}
        if (
            few & {GAINED, LOST, "kept", "kept_before", BEFORE}
            or is_small(self.offer.revalued)
            or self._has_few_known()
        ):
            few |= {BEFORE, *CHANGES}
        if (EVERYBODY, "eligible") in self.hidden:
            few |= set(money)
        return few

    def _has_few_known(self) -> bool:
        """Whether few of those who gain, lose or stay have an amount, or few have none."""
        totals = [self.offer.money[whose] for whose in (GAINED, LOST, "kept", "kept_before")]
        unknown = [count for total in totals for count in (total.low_unknown, total.high_unknown)]
        known = [total.companies - count for total in totals for count in (total.low_unknown, total.high_unknown)]
        return any(map(is_small, (*unknown, *known)))


@dataclass(frozen=True, slots=True)
class Money:
    """A sum in fen (None: not one amount is known), and of how many companies the amount is not in it."""

    fen: int | None
    unknown: int


def table_of(
    groupings: Sequence[Grouping],
    companies: Counts,
    offer: OfferReach,
    sizes_hidden: Collection[int],
    *,
    with_changes: bool,
) -> OfferTable:
    """The table of one offer; `sizes_hidden` as found by `hidden_sizes`."""
    system = _System(groupings)
    system.column(COMPANIES, companies)
    system.rows(offer, companies, with_changes=with_changes)
    settled = {(line, COMPANIES) for line in system.lines}
    hidden: set[Cell] = {(line, COMPANIES) for line in sizes_hidden}
    if with_changes and offer.count(BEFORE) and _tells_of_few(offer):
        hidden.add((EVERYBODY, BEFORE))
    return OfferTable(system.hide(hidden, settled), offer, companies)


def _tells_of_few(offer: OfferReach) -> bool:
    """Whether beside the others the number of before would tell a small one: it is missed less than theirs."""
    gained, lost = offer.count(GAINED), offer.count(LOST)
    return any(map(is_small, (gained, lost, offer.count("eligible") - gained)))


class _System:
    """All that is printed, what can be worked out beside it, and how it adds up."""

    def __init__(self, groupings: Sequence[Grouping]) -> None:
        self.groupings = groupings
        self.lines = printed_lines(groupings)
        self.counts: dict[Cell, int] = {}
        self.implicit: set[Cell] = set()
        self.sums: list[Sum] = []

    def hide(self, hidden: Collection[Cell] = (), settled: Collection[Cell] = ()) -> frozenset[Cell]:
        return hide(self.counts, self.sums, implicit=self.implicit, hidden=hidden, settled=settled)

    def column(self, measure: str, counts: Counts, *, is_printed: bool = True) -> None:
        """One measure of all lines: groups that exclude each other add up to all, and each other group with the rest."""
        for line in self.lines:
            self.counts[line, measure] = int(counts[line])
        if not is_printed:
            self.implicit.update((line, measure) for line in self.lines)
        at = 1
        for grouping in self.groupings:
            count = len(grouping.groups) + 2
            if grouping.is_exclusive:
                parts = tuple((line, measure) for line in range(at, at + count))
                self.sums.append(Sum((EVERYBODY, measure), parts))
            else:
                for line in range(at, at + len(grouping.groups)):
                    self._beside((EVERYBODY, measure), (line, measure))
            at += count

    def rows(self, offer: OfferReach, companies: Counts, *, with_changes: bool) -> None:
        """What is printed of the offer, line by line, and what is left."""
        printed = {measure: _counts(offer, measure) for measure in (*PRINTED, *(CHANGES if with_changes else ()))}
        for measure, counts in printed.items():
            self.column(measure, counts)
        self.column("rest", companies - sum(printed[measure] for measure in PRINTED), is_printed=False)
        self.sums += [
            Sum((line, COMPANIES), tuple((line, measure) for measure in (*PRINTED, "rest"))) for line in self.lines
        ]
        if with_changes:
            self.column("kept", printed["eligible"] - printed[GAINED], is_printed=False)
            self.sums += [Sum((line, "eligible"), ((line, GAINED), (line, "kept"))) for line in self.lines]
            self.counts[EVERYBODY, BEFORE] = offer.count(BEFORE)
            self.sums.append(Sum((EVERYBODY, BEFORE), ((EVERYBODY, "kept"), (EVERYBODY, LOST))))
        for criterion, count in enumerate(offer.near_by.tolist()):
            self.counts["near_by", criterion] = count
            self._beside((EVERYBODY, NEAR), ("near_by", criterion))

    def _beside(self, whole: Cell, part: Cell) -> None:
        """The whole is this part and what is beside it, which is not printed."""
        beside = ("beside", part)
        self.counts[beside] = self.counts[whole] - self.counts[part]
        self.implicit.add(beside)
        self.sums.append(Sum(whole, (part, beside)))


def _counts(offer: OfferReach, measure: str) -> Counts:
    return offer.counts[:, MEASURES.index(measure)]
