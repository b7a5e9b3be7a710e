"""Words in the reader's language: `{{ fact.label|said }}`."""

from typing import Any

from django import template
from django.utils.translation import get_language

from companies.facts import Text

register = template.Library()


@register.filter
def said(words: Any) -> str:
    """The words of a Text, or of a `{"en": ..., "zh": ...}` pair, in the active language; nothing for nothing."""
    if isinstance(words, Text):
        return words.said(get_language())
    if isinstance(words, dict):
        return str(words.get("zh" if (get_language() or "").startswith("zh") else "en") or "")
    return "" if words is None else str(words)
