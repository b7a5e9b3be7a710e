"""The words a report uses for its closed lists: groups, statuses, standings, amounts, windows, strengths."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Mark:
    """A word with a sign and a colour class; the sign and the word carry the meaning, colour only helps."""

    sign: str
    word: str | Promise
    tone: str
    meaning: str | Promise = ""


def said(text: dict[str, str] | None) -> str:
    """A bilingual text in the active language; nothing for None."""
    if text is None:
        return ""
    return text["zh"] if (get_language() or "").startswith("zh") else text["en"]


GROUPS: Final[dict[str, Mark]] = {
    "eligible": Mark("✓", _("Eligible"), "yes", _("Every criterion that the text states holds.")),
    "needs_review": Mark(
        "◆", _("Needs a decision"), "judged", _("Everything that can be computed holds; people decide the rest.")
    ),
    "undetermined": Mark(
        "?", _("Not decided yet"), "unknown", _("A fact that is missing can still change the answer.")
    ),
    "not_modelled": Mark(
        "…", _("Read the text"), "unknown", _("Nothing fails, but part of the text is not modelled here.")
    ),
    "ineligible": Mark("✗", _("Not eligible"), "no", _("A criterion fails, whatever else is answered.")),
    "error": Mark("!", _("Could not be evaluated"), "no", _("The engine failed on this offer. That is our fault.")),
    "not_yet": Mark("→", _("Not in force yet"), "unknown", _("The document takes effect after the day asked for.")),
    "ended": Mark("■", _("Ended"), "no", _("The document was over, or replaced, on the day asked for.")),
}

STATUSES: Final[dict[str, Mark]] = {
    "yes": Mark("✓", _("met"), "yes"),
    "no": Mark("✗", _("not met"), "no"),
    "unknown": Mark("?", _("not known yet"), "unknown"),
    "judged": Mark("◆", _("people decide"), "judged"),
    "not_modelled": Mark("…", _("not modelled"), "unknown"),
}

NODES: Final[dict[str, str | Promise]] = {
    "all": _("all of these"),
    "any": _("one of these is enough"),
    "not": _("this must not be so"),
}

SOURCES: Final[dict[str, str | Promise]] = {
    "self_declared": _("you told us"),
    "document": _("from a document"),
    "partner": _("from a partner"),
    "registry": _("from a registry"),
}

ANSWERED_BY: Final[dict[str, str | Promise]] = {
    "computed": _("computed from your answers"),
    "judged": _("decided by people"),
    "not_modelled": _("not modelled here: read the text"),
}

STANDINGS: Final[dict[str, str | Promise]] = {
    "in_force": _("in force"),
    "presumed": _("presumed to be in force"),
    "unknown": _("not known whether still in force"),
    "not_yet": _("not in force yet"),
    "ended": _("ended or replaced"),
}

WINDOWS: Final[dict[str, str | Promise]] = {
    "open": _("open now"),
    "rolling": _("open all year"),
    "no_application": _("no application needed"),
    "closed": _("closed"),
    "not_announced": _("not announced"),
}

STRENGTHS: Final[dict[str, str | Promise]] = {
    "self_declared": _("rests on what you told us"),
    "evidenced": _("rests on documents or registries"),
    "none": _("rests on no answer yet"),
}

CONFIDENCES: Final[dict[str, str | Promise]] = {
    "high": _("source: high confidence"),
    "medium": _("source: medium confidence"),
    "low": _("source: low confidence"),
}

NATURES: Final[dict[str, str | Promise]] = {
    "cash": _("money"),
    "tax_saving": _("estimated tax saving"),
    "in_kind": _("in kind"),
}

LEVELS: Final[dict[str, str | Promise]] = {
    "national": _("national"),
    "municipal": _("Beijing"),
    "district": _("Changping"),
}
