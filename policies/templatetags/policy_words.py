"""Words for the small closed lists of a policy file."""

from django import template
from django.utils.translation import get_language

from policies.rules.closed_words import closed_word

register = template.Library()


@register.filter
def policy_word(key):
    """What a key of a policy file means, in the active language; the key itself when it is not known."""
    return closed_word(str(key)).said(get_language())


@register.filter
def is_web_address(source):
    """Whether the source may be a link: a draft can hold any words, also `javascript:`."""
    return str(source).startswith(("https://", "http://"))
