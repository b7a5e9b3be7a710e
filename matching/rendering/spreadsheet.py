"""A report as a spreadsheet: in short, offers, the best combinations, criteria, what to answer next and dates, a sheet each.

Money is numbers, days are days, the heads can be filtered. No formula, no link, no macro.
"""

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import override

from matching.rendering.offers import OfferLines
from matching.rendering.outline import Outline, Worth, outline_of
from matching.rendering.sheets import AS_TEXT, Rows, formats_of, number, write_sheet
from matching.rendering.words import said


def as_spreadsheet(report: dict[str, Any], language: str) -> bytes:
    """The file (.xlsx); the same report in the same language gives the same bytes."""
    file = io.BytesIO()
    with override(language), xlsxwriter.Workbook(file, AS_TEXT) as book:
        outline = outline_of(report)
        day = datetime.combine(date.fromisoformat(report["day"]), time())
        book.set_properties({"title": _title(report), "created": day})
        formats = formats_of(book)
        for name, rows in (
            (_("In short"), _short(outline)),
            (_("Offers"), _offers(outline)),
            (_("Best combination"), _combinations(outline)),
            (_("Criteria"), _criteria(outline)),
            (_("What to answer next"), _missing(outline)),
            (_("Dates"), _dates(outline)),
        ):
            write_sheet(book.add_worksheet(name), rows, formats)
    return file.getvalue()


def _title(report: dict[str, Any]) -> str:
    return _("Policy report for %(name)s, as of %(day)s") % {
        "name": report["subject"].get("name", ""),
        "day": report["day"],
    }


def _short(outline: Outline) -> Rows:
    report = outline.report
    yield [_title(report), "", _("Lowest amount (CNY)"), _("Highest amount (CNY)")]
    yield [_("Questions answered: %(answered)s of %(asked)s") % report["profile"]]
    for label, worth, nothing in (
        (_("What you can get"), outline.eligible, _("nothing is certain yet")),
        (_("What is still possible"), outline.possible, _("nothing more")),
    ):
        yield [label, _worth(worth, nothing), number(worth.low), number(worth.high)]
    for _key, mark, count in outline.counts:
        yield [f"{mark.sign} {mark.word}", count]
    yield [_("Release of the catalogue"), f"{report['release']['number']} ({report['release']['digest'][:12]})"]
    yield [_("Engine"), report["engine"]]


def _worth(worth: Worth, nothing: str) -> str:
    if not worth.offers:
        return nothing
    return worth.total or _("offers: %(n)s") % {"n": worth.offers}


def _offers(outline: Outline) -> Rows:
    yield [
        _("Verdict"), _("Offer"), _("Lowest amount (CNY)"), _("Highest amount (CNY)"), _("Amount"), _("Kind of benefit"),
        _("Best combination"), _("Window"), _("Opens"), _("Closes"), _("Policy"), _("Clause"), _("Level"), _("Why not"), _("Missing"),
        _("What it would take"), _("Papers"), _("What the answer rests on"), _("Standing"), _("Source"), _("Id"),
    ]  # fmt: skip
    for group in outline.groups:
        for offer in group.offers:
            plain = offer.plain
            yield [
                f"{offer.mark.sign} {offer.mark.word}", said(plain["title"]),
                number(plain["amount"]["low"]), number(plain["amount"]["high"]), offer.amount, offer.nature,
                _role(offer), said(offer.window), _day(plain["window"]["opens"]), _day(plain["window"]["closes"]),
                said(offer.policy["title"]), said(plain["clause"]), offer.level,
                _lines(said(reason["sentence"]) for reason in plain["reasons"]),
                _lines(said(fact["label"]) for fact in offer.missing),
                _lines(_routes(offer)), _lines(said(paper) for paper in offer.papers),
                offer.strength, offer.standing, _lines(offer.policy["sources"][:2]), plain["id"],
            ]  # fmt: skip


def _combinations(outline: Outline) -> Rows:
    """Each set with its offers and its sum after caps, so that the sum can be worked out again."""
    yield [
        _("Combination"), _("Offer"), _("Lowest amount (CNY)"), _("Highest amount (CNY)"), _("Amount"), _("Under a cap"),
        _("Id"),
    ]  # fmt: skip
    for combination in outline.combinations:
        for chosen in combination.sets:
            name = f"{combination.title}: {chosen.heading}" if chosen.heading else str(combination.title)
            for one in [*chosen.priced, *chosen.unpriced]:
                yield [
                    name, said(one.offer["title"]), number(one.low), number(one.high), one.amount,
                    _("yes") if one.capped else "", one.offer["id"],
                ]  # fmt: skip
        yield [
            str(combination.title), _("Together, after caps"), number(combination.low), number(combination.high),
            combination.total,
        ]  # fmt: skip


def _routes(offer: OfferLines) -> Iterator[str]:
    for route in offer.routes:
        yield f"{said(route['said'])} {said(route['earliest_said'])}".strip()
    if not offer.routes and offer.no_route:
        yield said(offer.no_route)


def _role(offer: OfferLines) -> str:
    if offer.role is None:
        return ""
    return str(offer.role.scope) if offer.role.chosen else said(offer.role.left_out[0])


def _criteria(outline: Outline) -> Rows:
    yield [_("Offer"), _("Verdict"), _("Criterion"), _("Yours"), _("Clause"), _("Source"), _("Id")]
    for group in outline.groups:
        for offer in group.offers:
            for node in offer.tree.walk() if offer.tree else ():
                finding, indent = node.finding, "    " * node.depth
                heading = said(node.heading) if isinstance(node.heading, dict) else str(node.heading)
                yield [
                    said(offer.plain["title"]), f"{node.mark.sign} {node.mark.word}",
                    f"{indent}{said(finding['sentence']) if node.is_leaf else heading}",
                    said(finding["actual"]), said(finding["clause"]), finding["source"], offer.plain["id"],
                ]  # fmt: skip


def _missing(outline: Outline) -> Rows:
    yield [
        _("Fact"),
        _("Question"),
        _("Offers it can decide"),
        _("Amounts it changes"),
        _("At stake"),
        _("Name in files"),
    ]
    for fact in outline.missing:
        yield [
            said(fact["label"]), said(fact["question"]), len(fact["verdicts"]), len(fact["amounts"]),
            fact["stake_said"], fact["fact"],
        ]  # fmt: skip


def _dates(outline: Outline) -> Rows:
    yield [_("Day"), _("What"), _("Offer"), _("Policy")]
    for due in outline.due:
        policy = "" if due.offer is None else said(outline.report["policies"][due.offer["policy"]]["title"])
        yield [_day(due.day), due.what, said(due.title), policy]


def _day(day: str | None) -> date | None:
    return None if day is None else date.fromisoformat(day)


def _lines(parts: Any) -> str:
    return "\n".join(str(part) for part in parts if part)
