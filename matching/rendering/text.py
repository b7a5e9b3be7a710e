"""A report as plain text, in the active language."""

import textwrap
from typing import Any

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from matching.rendering.outline import Criterion, Group, OfferLines, Outline, outline_of

WIDTH = 100


def as_text(report: dict[str, Any], language: str) -> str:
    """The whole report for a terminal or a mail; ends with a line break."""
    with override(language):
        outline = outline_of(report)
        blocks = [_head(outline), _first(outline), _missing(outline)]
        blocks += [_group(group) for group in outline.groups]
        blocks.append(_foot(report))
        return "\n\n".join(block for block in blocks if block) + "\n"


def said(text: dict[str, str] | None) -> str:
    """A bilingual text in the active language; nothing for None."""
    if text is None:
        return ""
    return text["zh"] if (get_language() or "").startswith("zh") else text["en"]


def _head(outline: Outline) -> str:
    report = outline.report
    title = _("Policy report for %(name)s, as of %(day)s") % {
        "name": report["subject"].get("name", ""),
        "day": report["day"],
    }
    answered = _("Questions answered: %(answered)s of %(asked)s") % report["profile"]
    return f"{title}\n{'=' * min(len(title), WIDTH)}\n{answered}"


def _first(outline: Outline) -> str:
    lines = []
    for label, worth in ((_("You can get"), outline.eligible), (_("Still possible"), outline.possible)):
        lines.append(f"{label}: {_('offers: %(n)s') % {'n': worth.offers}}; {worth.total}")
        if worth.tax_saving:
            lines.append("  " + _("of which estimated tax savings: %(sum)s") % {"sum": worth.tax_saving})
        if worth.to_confirm:
            lines.append("  " + _("amounts to be confirmed, not in the sum: %(n)s") % {"n": worth.to_confirm})
    lines.append(said(outline.report["summary"]["worth"]["note"]))
    for due in outline.due[:5]:
        lines.append(f"{due.day} {due.what}: {said(due.offer['title'])}")
    lines.append("; ".join(f"{mark.sign} {mark.word}: {count}" for _key, mark, count in outline.counts))
    return "\n".join(lines)


def _missing(outline: Outline) -> str:
    if not outline.missing:
        return ""
    lines = [_("Missing facts, those that can settle most offers first:")]
    for fact in outline.missing[:15]:
        touched = _("offers: %(n)s") % {"n": len(fact["verdicts"]) or len(fact["amounts"])}
        lines.append(f"  ? {said(fact['label'])} [{fact['fact']}] ({touched})")
    if len(outline.missing) > 15:
        lines.append("  " + _("and more: %(n)s") % {"n": len(outline.missing) - 15})
    return "\n".join(lines)


def _group(group: Group) -> str:
    title = f"{group.mark.sign} {group.mark.word} ({len(group.offers)})"
    short = group.key in ("ineligible", "ended")
    return "\n".join([title, "-" * min(len(title) + 4, WIDTH), *(_offer(offer, short=short) for offer in group.offers)])


def _offer(offer: OfferLines, *, short: bool) -> str:
    plain = offer.plain
    lines = [f"* {said(plain['title'])} — {offer.amount}"]
    lines.append(
        f"  {said(offer.policy['title'])}; {said(plain['clause']) if plain['clause'] else ''} [{plain['id']}]".replace(
            ";  [", " ["
        )
    )
    if short:
        lines += [f"  ✗ {_leaf(reason)}" for reason in plain["reasons"]]
        return "\n".join(lines)
    if plain["error"]:
        lines.append(f"  ! {plain['error']}")
    for line in offer.tree.walk() if offer.tree else ():
        indent = "  " * (line.depth + 1)
        body = _leaf(line.finding) if line.is_leaf else f"{_heading(line)}:"
        lines += textwrap.wrap(
            f"{line.mark.sign} {body}", WIDTH, initial_indent=indent, subsequent_indent=indent + "  "
        )
    lines.append("  " + _("Amount: %(said)s") % {"said": said(plain["amount"]["said"]) or offer.amount})
    lines.append("  " + _("Window: %(window)s") % {"window": said(offer.window)})
    if offer.papers:
        lines.append("  " + _("Papers: %(papers)s") % {"papers": "; ".join(said(paper) for paper in offer.papers)})
    if offer.missing:
        asked = "; ".join(said(fact["label"]) for fact in offer.missing)
        lines.append("  " + _("Missing: %(facts)s") % {"facts": asked})
    lines.append(f"  {offer.standing}; {offer.strength}; {offer.confidence}")
    return "\n".join(lines)


def _heading(line: Criterion) -> str:
    return said(line.heading) if isinstance(line.heading, dict) else str(line.heading)


def _leaf(finding: dict[str, Any]) -> str:
    parts = [said(finding["sentence"])]
    if finding["actual"]:
        parts.append(_("yours: %(actual)s") % {"actual": said(finding["actual"])})
    if finding["clause"]:
        parts.append(said(finding["clause"]))
    return " · ".join(parts)


def _foot(report: dict[str, Any]) -> str:
    return _("Release %(number)s (%(digest)s), profile %(profile)s, engine %(engine)s") % {
        "number": report["release"]["number"],
        "digest": report["release"]["digest"][:12],
        "profile": report["profile"]["digest"][:12],
        "engine": report["engine"],
    }
