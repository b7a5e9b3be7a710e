"""Words of the desk."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from companies.signed_out import MARK_OF_WRITER, mark_of
from policies.rules.closed_words import VERDICT_WORDS

register = template.Library()


@register.filter
def verdict_word(verdict):
    """A verdict, in the active language."""
    return VERDICT_WORDS[verdict.value].said(get_language())


@register.simple_tag
def described(shown) -> SafeString:
    """The attributes by which an input points to its hint and to its first fault."""
    ids = [f"{shown.field}-hint"] * (shown.input.hint is not None) + [f"{shown.field}-fault-1"] * bool(shown.faults)
    if not ids:
        return SafeString("")
    wrong = SafeString(' aria-invalid="true"' if shown.faults else "")
    return format_html(' aria-describedby="{}"{}', " ".join(ids), wrong)


@register.simple_tag(takes_context=True)
def quickly(context, form_id) -> SafeString:
    """The attributes by which a button that saves nothing answers without a new page, where scripts run."""
    path = context["request"].path
    said = ' hx-post="{0}" hx-target="#{1}" hx-select="#{1}" hx-swap="outerHTML"'
    return format_html(said, path, form_id)


@register.simple_tag(takes_context=True)
def writer_mark(context) -> SafeString:
    """The field by which a form says whose page it is, so that what is sent while signed out comes back to nobody else."""
    return format_html('<input type="hidden" name="{}" value="{}">', MARK_OF_WRITER, mark_of(context["request"].user))


@register.simple_tag
def redraws() -> SafeString:
    """The attributes by which a choice that other inputs depend on shows them at once, where scripts run."""
    return SafeString(
        """ hx-post hx-trigger="change" hx-vals='{"act": "form"}' hx-target="#part" hx-select="#part" hx-swap="outerHTML" """
    )
