"""Words for the small closed lists of a policy file."""

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

_WORDS = {
    "in_force": _("in force"),
    "in_force_presumed": _("presumed in force"),
    "unknown": _("not known whether in force"),
    "possibly_revised": _("possibly revised"),
    "partly_superseded": _("partly superseded"),
    "superseded": _("superseded"),
    "expired_presumed": _("presumed expired"),
    "stated": _("stated by a source"),
    "inferred": _("inferred by us"),
    "unconfirmed": _("not confirmed"),
    "high": _("official text seen"),
    "medium": _("from press or a summary"),
    "low": _("not yet checked against an official text"),
    "rolling": _("open all year"),
    "fixed": _("fixed days"),
    "yearly": _("once a year"),
    "batches": _("in batches"),
    "no_application": _("no application needed"),
    "not_announced": _("not announced"),
    "company": _("companies"),
    "person": _("people"),
    "investment_agency": _("investment agencies"),
    "park_operator": _("park operators"),
    "incubator": _("incubators"),
    "maker_and_user": _("makers and users"),
    "local_government": _("local governments"),
    "draft": _("draft"),
    "in_review": _("in review"),
    "published": _("published"),
    "retired": _("retired"),
    "all": _("All of these:"),
    "any": _("At least one of these:"),
    "not": _("This must not hold:"),
    "judged": _("decided by people"),
    "not_modelled": _("not computed here"),
}


@register.filter
def policy_word(key):
    """What a key of a policy file means, in the active language; the key itself when it is not known."""
    return _WORDS.get(str(key), key)
