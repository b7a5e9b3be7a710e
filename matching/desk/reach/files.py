"""A reach as a CSV file for outside the desk: a number is left out where it, or one near it, is about too few."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies.facts import Text, Vocabulary
from matching.batches.writing import harmless
from matching.engine.reach import (
    BEFORE,
    CHANGES,
    COMPANIES,
    LEAST,
    PRINTED,
    OfferTable,
    Reach,
    ReachPlan,
    criteria_of,
    hidden_sizes,
    printed_lines,
    table_of,
)
from policies.rules import say_expression

_OF = ("eligible", "open")


def csv_of_reach(plan: ReachPlan, reach: Reach, vocabulary: Vocabulary, day: date, *, is_compared: bool) -> str:
    """One row for each number: offer, what it is of, the group, and the number, or that it is hidden."""
    out = io.StringIO()
    out.write("\ufeff")  # by this mark spreadsheets know that it is UTF-8
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_("as of"), _("offer"), _("grouping"), _("group"), _("what"), _("number"), _("unit")])
    for row in _rows(plan, reach, vocabulary, is_compared):
        writer.writerow([day.isoformat(), *map(harmless, row)])
    hidden = _("Numbers under %(n)s are hidden, and others by which they could be worked out.") % {"n": LEAST}
    writer.writerow([day.isoformat(), "", "", "", hidden, "", ""])
    return out.getvalue()


def _rows(plan: ReachPlan, reach: Reach, vocabulary: Vocabulary, is_compared: bool) -> Iterator[list[str]]:
    sizes = hidden_sizes(plan.groupings, reach.companies)
    names = [(_said(label_of(plan, grouping)), _said(label)) for grouping, _key, label in plan.lines]
    companies = _("companies")
    for line in printed_lines(plan.groupings):
        shown = None if line in sizes else int(reach.companies[line])
        yield ["", *names[line], companies, _number(shown), companies]
    for one, (old, new) in zip(reach.offers, plan.offers, strict=True):
        table = table_of(plan.groupings, reach.companies, one, sizes, with_changes=is_compared)
        title = _said((new or old).title)  # type: ignore[union-attr]
        for line in printed_lines(plan.groupings):
            for measure in (*PRINTED, *(CHANGES if is_compared else ())):
                yield [title, *names[line], _word(measure), _number(table.count(measure, line)), companies]
        if is_compared:
            yield [title, *names[0], _word(BEFORE), _number(table.count(BEFORE)), companies]
        for at, when in enumerate(criteria_of(new.requires) if new else ()):
            what = _("kept out by this alone: %(criterion)s") % {"criterion": _said(say_expression(when, vocabulary))}
            yield [title, *names[0], what, _number(table.near_by(at)), companies]
        whose = (*_OF, *(CHANGES if is_compared else ()), *((BEFORE,) if is_compared else ()))
        yield from ([title, *names[0], *row] for row in _money(table, whose))


def _money(table: OfferTable, whose: Iterable[str]) -> Iterator[list[str]]:
    for one in whose:
        for end, words in (("low", _("money at least: %(whose)s")), ("high", _("money at most: %(whose)s"))):
            found = table.sum_of(one, end)
            what = words % {"whose": _word(one)}
            if found is None:
                yield [what, _number(None), "CNY"]
                continue
            said = _("not known") if found.fen is None else f"{Decimal(found.fen).scaleb(-2):.2f}"
            yield [what, said, "CNY"]
            if found.unknown:
                yield [_("%(what)s, amounts not in it") % {"what": what}, str(found.unknown), _("companies")]


def label_of(plan: ReachPlan, grouping: str) -> Text:
    """What a grouping is called; nothing for all companies."""
    return next((one.label for one in plan.groupings if one.key == grouping), Text("", ""))


def _number(count: int | None) -> str:
    return _("hidden") if count is None else str(count)


def _word(measure: str) -> str:
    words = {
        COMPANIES: _("companies"),
        "eligible": _("eligible"),
        "needs_review": _("needs a decision by people"),
        "undetermined": _("not decided yet: an answer is missing"),
        "open": _("still open"),
        "near": _("one criterion away"),
        "gained": _("become eligible"),
        "lost": _("eligible no more"),
        "before": _("eligible by the version in force"),
    }
    return words[measure]


def _said(text: Text) -> str:
    return text.said(get_language())
