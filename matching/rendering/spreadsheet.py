"""A report as a spreadsheet: offers, criteria, what to answer next and dates, a sheet each. No formula, no link, no macro."""

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import override

from matching.rendering.offers import OfferLines
from matching.rendering.outline import Outline, Worth, outline_of
from matching.rendering.words import said

# What a cell holds, by the file format; what is longer is cut, because the library would leave it out.
_LONGEST_CELL = 32_767
# Money as a number that can be summed; a cell holds fifteen digits exactly.
_MONEY = "#,##0.00"
# XML cannot hold these at all.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WIDTHS = (12, 60)

Rows = Iterator[list[Any]]


def as_spreadsheet(report: dict[str, Any], language: str) -> bytes:
    """The file (.xlsx); the same report in the same language gives the same bytes."""
    file = io.BytesIO()
    # Text stays text, whatever it begins with: a company may be called “=1+1”.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with override(language), xlsxwriter.Workbook(file, options) as book:
        outline = outline_of(report)
        day = datetime.combine(date.fromisoformat(report["day"]), time())
        book.set_properties({"title": _title(report), "created": day})
        formats = {
            "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "money": book.add_format({"num_format": _MONEY, "valign": "top"}),
        }
        for name, rows in (
            (_("In short"), _short(outline)),
            (_("Offers"), _offers(outline)),
            (_("Criteria"), _criteria(outline)),
            (_("What to answer next"), _missing(outline)),
            (_("Dates"), _dates(outline)),
        ):
            _sheet(book.add_worksheet(name), rows, formats)
    return file.getvalue()


def _title(report: dict[str, Any]) -> str:
    return _("Policy report for %(name)s, as of %(day)s") % {
        "name": report["subject"].get("name", ""),
        "day": report["day"],
    }


def _sheet(sheet: Any, rows: Rows, formats: dict[str, Any]) -> None:
    widths: list[int] = []
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            widths += [0] * (column + 1 - len(widths))
            if isinstance(value, float | int):
                sheet.write_number(at, column, value, formats["money" if isinstance(value, float) else "text"])
                widths[column] = max(widths[column], 16)
            elif value is not None:
                text = _UNWRITABLE.sub("", str(value))[:_LONGEST_CELL]
                sheet.write_string(at, column, text, formats["text" if at else "head"])
                widths[column] = max(widths[column], sum(1 if sign.isascii() else 2 for sign in text))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(max(width, _WIDTHS[0]), _WIDTHS[1]))
    sheet.freeze_panes(1, 0)


def _short(outline: Outline) -> Rows:
    report = outline.report
    yield [_title(report), ""]
    yield [_("Questions answered: %(answered)s of %(asked)s") % report["profile"], ""]
    yield [_("What you can get"), _worth(outline.eligible, _("nothing is certain yet"))]
    yield [_("What is still possible"), _worth(outline.possible, _("nothing more"))]
    for _key, mark, count in outline.counts:
        yield [f"{mark.sign} {mark.word}", count]
    for combination in outline.combinations:
        yield [combination.title, combination.total]
        for chosen in combination.sets:
            for one in [*chosen.priced, *chosen.unpriced]:
                yield [f"+ {said(one.offer['title'])}", one.amount]
    yield [_("Release of the catalogue"), f"{report['release']['number']} ({report['release']['digest'][:12]})"]
    yield [_("Engine"), report["engine"]]


def _worth(worth: Worth, nothing: str) -> str:
    if not worth.offers:
        return nothing
    return worth.total or _("offers: %(n)s") % {"n": worth.offers}


def _offers(outline: Outline) -> Rows:
    yield [
        _("Verdict"), _("Offer"), _("Lowest amount (CNY)"), _("Highest amount (CNY)"), _("Amount"), _("Kind of benefit"),
        _("Window"), _("Opens"), _("Closes"), _("Policy"), _("Clause"), _("Level"), _("Why not"), _("Missing"),
        _("What it would take"), _("Papers"), _("What the answer rests on"), _("Standing"), _("Source"), _("Id"),
    ]  # fmt: skip
    for group in outline.groups:
        for offer in group.offers:
            plain = offer.plain
            yield [
                f"{offer.mark.sign} {offer.mark.word}", said(plain["title"]),
                _number(plain["amount"]["low"]), _number(plain["amount"]["high"]), offer.amount, offer.nature,
                said(offer.window), plain["window"]["opens"], plain["window"]["closes"],
                said(offer.policy["title"]), said(plain["clause"]), offer.level,
                _lines(said(reason["sentence"]) for reason in plain["reasons"]),
                _lines(said(fact["label"]) for fact in offer.missing),
                _lines(_routes(offer)), _lines(said(paper) for paper in offer.papers),
                offer.strength, offer.standing, _lines(offer.policy["sources"][:2]), plain["id"],
            ]  # fmt: skip


def _routes(offer: OfferLines) -> Iterator[str]:
    for route in offer.routes:
        yield f"{said(route['said'])} {said(route['earliest_said'])}".strip()
    if not offer.routes and offer.no_route:
        yield said(offer.no_route)


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
        yield [due.day, due.what, said(due.title), policy]


def _number(amount: str | None) -> float | None:
    return None if amount is None else float(amount)


def _lines(parts: Any) -> str:
    return "\n".join(str(part) for part in parts if part)
