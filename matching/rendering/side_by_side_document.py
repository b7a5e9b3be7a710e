"""A comparison as PDF: what each column comes to, the offers that come out otherwise, and why."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import override

from matching.rendering.blocks import Block, bullets, heading, lead, paragraph, set_blocks, table
from matching.rendering.side_by_side import Cell, Column, Row, Sum, Table
from matching.rendering.words import said


def as_document(compared: Table, company: str, language: str) -> bytes:
    """The file; the same table in the same language gives the same bytes. Raises `blocks.NotSet`."""
    words = {"name": company, "day": compared.day}
    with override(language):
        return set_blocks(
            title=_("Side by side: %(name)s, as of %(day)s") % words,
            foot=_("Nothing of this comparison is stored. The authority named in each policy decides."),
            blocks=_blocks(compared),
            day=compared.day,
            language=language,
        )


def _blocks(compared: Table) -> Iterator[Block]:
    yield heading(_("What each column comes to"))
    yield table(
        ["", _("What is assumed"), _("Applied for on"), _("Eligible"), _("Still possible"),
         _("Best combination now"), _("Of all still possible")],
        [1, 4, 3, 2, 2, 5, 5],
        [
            [one.letter, said(one.name), one.day, one.eligible, one.possible, _sum(one.now), _sum(one.best)]
            for one in compared.columns
        ],
    )  # fmt: skip
    yield heading(_("What is changed in each column"))
    yield bullets(f"{column.letter}: {_changes(column)}" for column in compared.columns)
    yield heading(_("Offers that come out otherwise: %(n)s") % {"n": len(compared.differing)})
    if compared.differing:
        yield lead(_("Marked with ≠: otherwise than in column %(letter)s.") % {"letter": compared.columns[0].letter})
        yield table(
            [_("Offer"), *(column.letter for column in compared.columns)],
            [4, *(3 for _column in compared.columns)],
            [[_offer(row), *(_cell(cell) for cell in row.cells)] for row in compared.differing],
        )
        yield from _why(compared)
    else:
        yield paragraph(_("None: to the rules these columns are the same company."))
    if compared.alike:
        yield heading(_("The same in every column: %(n)s") % {"n": len(compared.alike)})
        yield bullets(f"{_offer(row)}: {_verdict(row.cells[0])}" for row in compared.alike)
    yield paragraph(_("Out of reach in every column: %(n)s offers.") % {"n": compared.out})


def _why(compared: Table) -> Iterator[Block]:
    lines = [
        f"{said(row.title)} ({cell.column.letter}): {_causes(cell)}"
        for row in compared.differing
        for cell in row.cells
        if cell.causes
    ]
    if lines:
        yield heading(_("Why"))
        yield bullets(lines)


def _causes(cell: Cell) -> str:
    told = []
    for cause in cell.causes:
        clause = f" ({cause.clause})" if cause.clause else ""
        turned = f": {cause.before} → {cause.after}" if cause.before and cause.after else ""
        told.append(f"{cause.sentence}{clause}{turned}")
    return "; ".join(told)


def _changes(column: Column) -> str:
    changes = [
        f"{said(change['label'])}: {said(change['shown']['from'])} → {said(change['shown']['to'])}"
        for change in column.changes
    ]
    return "; ".join(changes) or _("no answer is changed")


def _offer(row: Row) -> str:
    return " · ".join(word for word in (said(row.title), said(row.clause)) if word)


def _cell(cell: Cell) -> str:
    return f"≠ {_verdict(cell)}" if cell.differs else _verdict(cell)


def _verdict(cell: Cell) -> str:
    return " · ".join(word for word in (f"{cell.mark.sign} {cell.mark.word}", cell.amount) if word)


def _sum(one: Sum) -> str:
    notes = []
    if one.saving:
        notes.append(_("of which estimated tax savings: %(sum)s") % {"sum": one.saving})
    if one.to_confirm:
        notes.append(_("amounts to be confirmed, not in the sum: %(n)s") % {"n": one.to_confirm})
    return "; ".join([one.said, *notes])
