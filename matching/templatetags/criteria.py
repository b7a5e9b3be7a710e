"""The criteria of an offer as nested lists: `{% criteria offer.tree %}`.

In Python, not in a template that includes itself: a report has hundreds of them, and they were half of its page's time. For the
same reason words are looked up once a language. Everything that is not written here goes through `escape`.
"""

from collections.abc import Iterator
from functools import cache
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from matching.rendering.offers import Criterion
from matching.rendering.words import NODES, SOURCES, STATUSES

register = template.Library()


@register.simple_tag
def criteria(tree: Criterion) -> SafeString:
    """The node and all under it, each with whether it holds, what is required, what the company has, and the clause."""
    told = _told(get_language() or "en")
    return mark_safe(f'<ul class="criteria">{told.node(tree)}</ul>')  # each part is escaped where it is put in


class _Told:
    """The words of one language, and criteria told in them."""

    def __init__(self, language: str) -> None:
        self.language = "zh" if language.startswith("zh") else "en"
        self.statuses = {
            key: f'<li class="criterion tone-{mark.tone}"><span class="status"><span class="sign" aria-hidden="true">'
            f"{escape(mark.sign)}</span> {escape(str(mark.word))}</span> "
            for key, mark in STATUSES.items()
        }
        self.nodes = {kind: str(word) for kind, word in NODES.items()}
        self.sources = {key: str(word) for key, word in SOURCES.items()}
        self.required, self.yours, self.open = _("Required"), _("Yours"), _("not answered yet")
        self.clause, self.source = _("Clause"), _("Source")
        self.doubts = {"low": _("low confidence"), "medium": _("medium confidence")}

    def said(self, text: dict[str, str] | None) -> str:
        return "" if text is None else escape(text[self.language])

    def node(self, node: Criterion) -> str:
        finding = node.finding
        if node.is_leaf:
            says = self.said(finding["sentence"])
            pairs = "".join(f"<div><dt>{label}</dt><dd>{shown}</dd></div>" for label, shown in self.pairs(node))
            below = f'<dl class="criterion-facts">{pairs}</dl>'
        else:
            says = self.said(finding["sentence"]) if finding["kind"] == "at_least" else self.nodes[finding["kind"]]
            below = f'<ul class="criteria">{"".join(self.node(child) for child in node.children)}</ul>'
        return f'{self.statuses[finding["status"]]}<span class="criterion-says">{says}</span>{below}</li>'

    def pairs(self, node: Criterion) -> Iterator[tuple[str, str]]:
        finding = node.finding
        if finding["required"]:
            yield self.required, self.said(finding["required"])
        if finding["actual"]:
            yield self.yours, self.said(finding["actual"])
        for fact in finding["facts"]:
            shown = self.said(fact["shown"]) or self.open
            if fact["shown"] and fact["source"] in self.sources:
                since = f", {escape(fact['on'])}" if fact["on"] else ""
                shown += f' <span class="text-secondary">({self.sources[fact["source"]]}{since})</span>'
            yield self.said(fact["label"]), shown
        if finding["clause"] or finding["source"]:
            yield (self.clause if finding["clause"] else self.source), self.where(node)

    def where(self, node: Criterion) -> str:
        finding = node.finding
        words = self.said(finding["clause"]) or escape(node.source_site)
        if finding["source"]:
            words = f'<a href="{escape(finding["source"])}" rel="noreferrer">{words}</a>'
        doubt = self.doubts.get(finding["confidence"])
        return f'{words} <span class="badge badge-mark">{doubt}</span>' if doubt else words


@cache
def _told(language: str) -> _Told:
    """Made while this language is the active one."""
    return _Told(language)
