"""A report as PDF: the outline in blocks."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from matching.rendering.blocks import Block, bullets, heading, lead, paragraph, set_blocks, table
from matching.rendering.chart import Chart
from matching.rendering.combination import Combination, Role
from matching.rendering.offers import Criterion, OfferLines
from matching.rendering.outline import Outline, Worth, outline_of
from matching.rendering.words import said

_MOST_MISSING, _MOST_STEPS, _MOST_WAYS = 15, 8, 2


def as_document(report: dict[str, Any], language: str) -> bytes:
    """The file (PDF/A-2a and PDF/UA-1); the same report in the same language gives the same bytes. Raises NotSet."""
    words = {"name": report["subject"].get("name", ""), "day": report["day"]}
    foot = {
        "number": report["release"]["number"],
        "digest": report["release"]["digest"][:12],
        "profile": (report["profile"]["digest"] or "—")[:12],
        "engine": report["engine"],
    }
    with override(language):
        return set_blocks(
            title=_("Policy report for %(name)s, as of %(day)s") % words,
            foot=_("Release %(number)s (%(digest)s), profile %(profile)s, engine %(engine)s") % foot,
            blocks=_blocks(outline_of(report)),
            day=report["day"],
            language=language,
        )


def _blocks(outline: Outline) -> Iterator[Block]:
    yield paragraph(_("Questions answered: %(answered)s of %(asked)s") % outline.report["profile"])
    yield {
        "kind": "figures",
        "items": [
            _figure(_("What you can get"), outline.eligible, _("Nothing is certain yet")),
            _figure(_("What is still possible"), outline.possible, _("Nothing more")),
        ],
    }
    yield bullets(f"{mark.sign} {mark.word}: {count}" for _key, mark, count in outline.counts)
    if outline.steps:
        yield heading(_("One step away"))
        yield bullets(
            f"{said(step.offer['title'])}: {said(step.change['said'])} → {step.then.word}"
            for step in outline.steps[:_MOST_STEPS]
        )
    if outline.due:
        yield heading(_("Dates"))
        yield bullets(f"{due.day} {due.what}: {said(due.title)}" for due in outline.due)
    for combination in outline.combinations:
        yield from _combination(combination)
    if outline.missing:
        yield heading(_("What to answer next"))
        yield table(
            [_("Fact"), _("Question"), _("Offers"), _("At stake")],
            [3, 6, 1, 3],
            [
                [said(fact["label"]), said(fact["question"]), len(fact["verdicts"]) or len(fact["amounts"]), fact["stake_said"]]
                for fact in outline.missing[:_MOST_MISSING]
            ],
        )  # fmt: skip
    if outline.chart.lines:
        yield heading(_("What each may be worth"))
        yield _amounts(outline.chart)
    for group in outline.groups:
        yield heading(f"{group.mark.sign} {group.mark.word} ({len(group.offers)})")
        yield lead(str(group.mark.meaning))
        for offer in group.offers:
            yield _offer(offer, short=group.key in ("ineligible", "ended"))
    if outline.variants:
        yield heading(_("What if: other places, next year, other titles"))
        yield table(
            [_("Variant"), _("Eligible"), _("Still possible"), _("Best combination now"), _("Of all still possible")],
            [3, 1, 1, 2, 2],
            [
                [f"{said(one.name)} ({one.day})", one.eligible, one.possible, one.best_now, one.best_possible]
                for one in outline.variants
            ],
        )
    yield from _strength(outline)


def _amounts(chart: Chart) -> Block:
    (_zero, smallest, _side), _middle, (_whole, largest, _end) = chart.ticks
    return {
        "kind": "bars",
        "head": [_("Offer"), _("Amount"), f"{smallest} – {largest}"],
        "rows": [
            {
                "title": said(line.offer["title"]),
                "said": line.amount,
                "start": line.bar.start,
                "width": min(line.bar.width, 100 - line.bar.start),
                "pale": line.bar.low_open or line.bar.high_open,
            }
            for line in chart.lines
        ],
    }


def _strength(outline: Outline) -> Iterator[Block]:
    strength = outline.strength
    told = [
        (_("Your answers"), strength.sources if outline.parts.own else []),
        (_("Criteria of the offers still open"), strength.criteria),
        (_("Their sources"), strength.confidence),
    ]
    lines = [
        f"{label}: " + " · ".join(f"{share.word}: {share.count} ({share.percent}%)" for share in shares)
        for label, shares in told
        if shares
    ]
    if lines:
        yield heading(_("How sure this answer is"))
        yield bullets(iter(lines))


def _figure(label: str, worth: Worth, nothing: str) -> dict[str, Any]:
    if not worth.offers:
        return {"label": label, "figure": nothing, "notes": []}
    offers = _("offers: %(n)s") % {"n": worth.together}
    if not worth.total:
        return {"label": label, "figure": offers, "notes": []}
    notes = [offers]
    if worth.tax_saving:
        notes.append(_("of which estimated tax savings: %(sum)s") % {"sum": worth.tax_saving})
    if worth.to_confirm:
        notes.append(_("amounts to be confirmed, not in the sum: %(n)s") % {"n": worth.to_confirm})
    return {"label": label, "figure": worth.total, "notes": notes}


def _combination(combination: Combination) -> Iterator[Block]:
    proof = _("proven best") if combination.proven else _("best found")
    yield heading(f"{combination.title}: {combination.total} ({proof})")
    yield lead(str(combination.meaning))
    for chosen in combination.sets:
        if chosen.heading:
            yield paragraph(f"{chosen.heading}: {chosen.total}")
        yield bullets(f"{said(one.offer['title'])} — {one.amount}" for one in chosen.priced)
        if chosen.unpriced:
            number = _("Without a known amount, to be had together with these: %(n)s") % {"n": len(chosen.unpriced)}
            yield paragraph(f"{number}. " + "; ".join(said(one.offer["title"]) for one in chosen.unpriced))
        yield bullets(said(cap) for cap in chosen.caps)
    if combination.runner_up:
        yield paragraph(_("Next best: %(runner_up)s") % {"runner_up": combination.runner_up})
    for label, sentences in (
        (_("Left out:"), combination.left_out),
        (_("It depends:"), combination.depends_on),
        (_("Also in the texts, not computed here:"), [rule["said"] for rule in combination.stated]),
    ):
        if sentences:
            yield lead(label)
            yield bullets(said(sentence) for sentence in sentences)
    for note in combination.notes:
        yield paragraph(said(note))


def _offer(offer: OfferLines, *, short: bool) -> Block:
    plain = offer.plain
    policy = " · ".join(word for word in (str(offer.level), said(offer.policy["title"]), said(plain["clause"])) if word)
    if short:
        criteria = [_line(reason, 0, "✗", "no") for reason in plain["reasons"]]
    else:
        criteria = [_node(node) for node in offer.tree.walk()] if offer.tree else []
    return {
        "kind": "offer",
        "sign": offer.mark.sign,
        "tone": offer.mark.tone,
        "title": said(plain["title"]),
        "amount": offer.amount,
        "policy": policy,
        "criteria": criteria,
        "parts": [{"label": label, "said": text} for label, text in _parts(offer, short=short) if text],
    }


def _parts(offer: OfferLines, *, short: bool) -> Iterator[tuple[str, str]]:
    plain = offer.plain
    ways = [f"{said(route['said'])} {said(route['earliest_said'])}".strip() for route in offer.routes]
    if len(ways) > _MOST_WAYS:
        more = _("%(n)s more ways stand on the page of the report") % {"n": len(ways) - _MOST_WAYS}
        ways = [*ways[:_MOST_WAYS], more]
    if not ways and offer.no_route:
        ways = [said(offer.no_route)]
    yield _("What it would take:"), " / ".join(ways)
    if short:
        return
    yield _("What it gives:"), said(plain["amount"]["said"])
    yield _("Paid in parts:"), "; ".join(f"{said(when)}: {part}" for when, part in offer.instalments)
    yield _("Together with other offers:"), " ".join(_role(offer.role))
    yield _("Missing:"), "; ".join(said(fact["label"]) for fact in offer.missing)
    yield _("Window:"), said(offer.window)
    yield _("Papers:"), "; ".join(said(paper) for paper in offer.papers)
    yield _("Basis:"), f"{offer.standing}; {offer.strength}; {offer.confidence}"
    yield _("Source:"), " ".join(offer.policy["sources"][:1])


def _role(role: Role | None) -> Iterator[str]:
    if role is None:
        return
    if role.chosen:
        yield _("Part of: %(scope)s") % {"scope": role.scope}
    yield from (said(sentence) for sentence in role.left_out)


def _node(node: Criterion) -> dict[str, Any]:
    if node.is_leaf:
        return _line(node.finding, node.depth, node.mark.sign, node.mark.tone)
    label = said(node.heading) if isinstance(node.heading, dict) else str(node.heading)
    return {"depth": node.depth, "sign": node.mark.sign, "tone": node.mark.tone, "said": label}


def _line(finding: dict[str, Any], depth: int, sign: str, tone: str) -> dict[str, Any]:
    parts = [said(finding["sentence"])]
    if finding["actual"]:
        parts.append(_("yours: %(actual)s") % {"actual": said(finding["actual"])})
    if finding["clause"]:
        parts.append(said(finding["clause"]))
    return {"depth": depth, "sign": sign, "tone": tone, "said": " · ".join(parts)}
