"""Words of the desk."""

from django import template
from django.utils.translation import get_language

from policies.rules.closed_words import VERDICT_WORDS

register = template.Library()


@register.filter
def verdict_word(verdict):
    """A verdict, in the active language."""
    return VERDICT_WORDS[verdict.value].said(get_language())
