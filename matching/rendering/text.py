"""A report as plain text, in the active language."""

import textwrap
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from matching.rendering.combination import ChosenSet, Combination
from matching.rendering.offers import Criterion, OfferLines
from matching.rendering.outline import Group, Outline, outline_of
from matching.rendering.words import said

WIDTH = 100
UNPRICED_SHOWN = 8


def as_text(report: dict[str, Any], language: str) -> str:
    """The whole report for a terminal or a mail; ends with a line break."""
    with override(language):
        outline = outline_of(report)
        blocks = [_head(outline), _first(outline)]
        blocks += [_combination(combination) for combination in outline.combinations]
        blocks.append(_missing(outline))
        blocks += [_group(group) for group in outline.groups]
        blocks.append(_variants(outline))
        blocks.append(_foot(report))
        return "\n\n".join(block for block in blocks if block) + "\n"


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
    still = _("Still possible, together with what you can get now") if outline.combinations else _("Still possible")
    nothing_certain, nothing_more = _("nothing is certain yet"), _("nothing more")
    for label, worth, nothing in (
        (_("You can get"), outline.eligible, nothing_certain),
        (still, outline.possible, nothing_more),
    ):
        if not worth.offers:
            lines.append(f"{label}: {nothing}")
            continue
        offers = _("offers: %(n)s") % {"n": worth.together}
        lines.append(f"{label}: {offers}; {worth.total}" if worth.total else f"{label}: {offers}")
        if worth.tax_saving:
            lines.append("  " + _("of which estimated tax savings: %(sum)s") % {"sum": worth.tax_saving})
        if worth.to_confirm:
            lines.append("  " + _("amounts to be confirmed, not in the sum: %(n)s") % {"n": worth.to_confirm})
    if outline.parts.amounts and not outline.combinations:
        lines.append(said(outline.report["summary"]["worth"]["note"]))
    lines += [f"{due.day} {due.what}: {said(due.title)}" for due in outline.due]
    lines.append("; ".join(f"{mark.sign} {mark.word}: {count}" for _key, mark, count in outline.counts))
    return "\n".join(lines)


def _combination(combination: Combination) -> str:
    """What goes together, the runner-up, and one line for each offer left out."""
    proof = _("proven best") if combination.proven else _("best found")
    title = f"{combination.title}: {combination.total} ({proof})"
    lines = [title, "-" * min(len(title), WIDTH)]
    for chosen in combination.sets:
        lines += _chosen_set(chosen)
    if combination.runner_up:
        lines.append(_("Next best: %(runner_up)s") % {"runner_up": combination.runner_up})
    for heading, sentences in (
        (_("Left out:"), combination.left_out),
        (_("It depends:"), combination.depends_on),
        (_("Also in the texts, not computed here:"), [rule["said"] for rule in combination.stated]),
    ):
        lines += [heading, *_bullets(sentences)] if sentences else []
    return "\n".join([*lines, *(said(note) for note in combination.notes)])


def _chosen_set(chosen: ChosenSet) -> list[str]:
    lines = [f"{chosen.heading}: {chosen.total}"] if chosen.heading else []
    for one in [*chosen.priced, *chosen.unpriced[:UNPRICED_SHOWN]]:
        capped = f" ({_('under a cap')})" if one.capped else ""
        lines.append(f"  + {said(one.offer['title'])} — {one.amount}{capped}")
    if len(chosen.unpriced) > UNPRICED_SHOWN:
        lines.append(
            "  + " + _("and more without a known amount: %(n)s") % {"n": len(chosen.unpriced) - UNPRICED_SHOWN}
        )
    if chosen.tax_saving:
        lines.append("  " + _("of which estimated tax savings: %(sum)s") % {"sum": chosen.tax_saving})
    if chosen.to_confirm:
        lines.append("  " + _("amounts to be confirmed, not in the sum: %(n)s") % {"n": chosen.to_confirm})
    lines += _bullets(chosen.caps)
    lines += ["  " + _("year %(n)s: %(sum)s") % {"n": number, "sum": paid} for number, paid in chosen.years]
    return lines


def _bullets(sentences: list[dict[str, str]]) -> list[str]:
    return [
        line
        for sentence in sentences
        for line in textwrap.wrap(
            said(sentence), WIDTH, break_on_hyphens=False, initial_indent="  - ", subsequent_indent="    "
        )
    ]


def _missing(outline: Outline) -> str:
    if not outline.missing:
        return ""
    lines = [_("What to answer next, what decides most first:")]
    for fact in outline.missing[:15]:
        touched = _("offers: %(n)s") % {"n": len(fact["verdicts"]) or len(fact["amounts"])}
        if fact["stake_said"]:
            touched += "; " + _("at stake: %(sum)s") % {"sum": fact["stake_said"]}
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
        return "\n".join([*lines, *_routes(offer)])
    if plain["error"]:
        lines.append(f"  ! {plain['error']}")
    for line in offer.tree.walk() if offer.tree else ():
        indent = "  " * (line.depth + 1)
        body = _leaf(line.finding) if line.is_leaf else f"{_heading(line)}:"
        lines += textwrap.wrap(
            f"{line.mark.sign} {body}",
            WIDTH,
            break_on_hyphens=False,
            initial_indent=indent,
            subsequent_indent=indent + "  ",
        )
    lines += _routes(offer)
    lines.append("  " + _("Amount: %(said)s") % {"said": said(plain["amount"]["said"]) or offer.amount})
    lines.append("  " + _("Window: %(window)s") % {"window": said(offer.window)})
    if offer.papers:
        lines.append("  " + _("Papers: %(papers)s") % {"papers": "; ".join(said(paper) for paper in offer.papers)})
    if offer.missing:
        asked = "; ".join(said(fact["label"]) for fact in offer.missing)
        lines.append("  " + _("Missing: %(facts)s") % {"facts": asked})
    lines.append(f"  {offer.standing}; {offer.strength}; {offer.confidence}")
    return "\n".join(lines)


def _routes(offer: OfferLines) -> list[str]:
    """What it would take: one way a line, or why there is none."""
    ways = [f"{said(route['said'])} {said(route['earliest_said'])}" for route in offer.routes]
    if not ways and offer.no_route:
        ways = [said(offer.no_route)]
    return [
        line
        for way in ways
        for line in textwrap.wrap(
            _("What it would take: %(way)s") % {"way": way},
            WIDTH,
            break_on_hyphens=False,
            initial_indent="  → ",
            subsequent_indent="    ",
        )
    ]


def _heading(line: Criterion) -> str:
    return said(line.heading) if isinstance(line.heading, dict) else str(line.heading)


def _leaf(finding: dict[str, Any]) -> str:
    parts = [said(finding["sentence"])]
    if finding["actual"]:
        parts.append(_("yours: %(actual)s") % {"actual": said(finding["actual"])})
    if finding["clause"]:
        parts.append(said(finding["clause"]))
    return " · ".join(parts)


def _variants(outline: Outline) -> str:
    """The company elsewhere, next year, with other titles: a line each, and what comes out otherwise than now."""
    if not outline.variants:
        return ""
    title = _("What if: other places, next year, other titles")
    lines = [title, "-" * min(len(title) * 2, WIDTH)]
    for variant in outline.variants:
        lines.append(f"* {said(variant.name)} ({variant.day})")
        figures = {"eligible": variant.eligible, "possible": variant.possible}
        lines.append("  " + _("eligible: %(eligible)s; still possible: %(possible)s") % figures)
        sums = {"now": variant.best_now, "possible": variant.best_possible}
        lines.append("  " + _("best combination now: %(now)s; of all still possible: %(possible)s") % sums)
        for one in variant.differences:
            cells = [f"{cell.mark.word}{f' ({cell.amount})' if cell.amount else ''}" for cell in (one.now, one.here)]
            lines += textwrap.wrap(
                f"{said(one.title)}: {cells[0]} → {cells[1]}",
                WIDTH,
                break_on_hyphens=False,
                initial_indent="  ~ ",
                subsequent_indent="    ",
            )
    return "\n".join(lines)


def _foot(report: dict[str, Any]) -> str:
    return _("Release %(number)s (%(digest)s), profile %(profile)s, engine %(engine)s") % {
        "number": report["release"]["number"],
        "digest": report["release"]["digest"][:12],
        "profile": (report["profile"]["digest"] or "—")[:12],
        "engine": report["engine"],
    }
