"""The letter with a person's news: plain words in their language, and a way out of it in one click."""

from __future__ import annotations

import textwrap
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from companies.models import User
from matching.models import Digest, VerdictChange
from matching.news.showing import NewsItem, items_of, with_sides

MOST_ITEMS = 30
_SALT = "matching.news.no_more_letters"


def letter_of(digest: Digest) -> EmailMessage | None:
    """The letter as things are now; None when there is nothing to say, or the person is not written to any more."""
    person = digest.user
    if not (person.addressee.by_mail and person.is_active):
        return None
    # What they see now, not then: who is no member any more is told nothing.
    news = VerdictChange.objects.visible_to(person).news_for(person).of_runs(digest.after, digest.up_to)
    count = news.count()
    if not count:
        return None
    shown = with_sides(news).order_by("company__name", "run__sequence", "pk")[:MOST_ITEMS]
    with override(person.addressee.language):
        out = settings.SITE_URL + reverse("news:no_letters", args=[signing.dumps(person.pk, salt=_SALT)])
        parts = [_("This changed for companies that you watch:"), *(_said(item) for item in items_of(shown))]
        if count > MOST_ITEMS:
            parts.append(_("And %(count)s more on the page of news.") % {"count": count - MOST_ITEMS})
        parts.append(_("All of it: %(address)s") % {"address": settings.SITE_URL + reverse("news:list")})
        parts.append(_("You asked for these letters. Here you end them: %(address)s") % {"address": out})
        subject = _("What changed for you (%(count)s)") % {"count": count}
        return EmailMessage(
            settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + subject,
            "\n\n".join(parts) + "\n",
            settings.DEFAULT_FROM_EMAIL,
            [person.email],
            headers={
                # The same at each attempt.
                "Message-ID": f"<{digest.public_id}@{urlsplit(settings.SITE_URL).hostname or 'changce'}>",
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{out}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
            },
        )


def reader_of(mark: str) -> User | None:
    """Whom the way out of a letter is for; None for a mark that we did not make."""
    try:
        pk = signing.loads(mark, salt=_SALT)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk).first()


def _said(item: NewsItem) -> str:
    """A piece of news in lines; names that hold line breaks cannot make lines of their own."""
    lines = [f"{_flat(item.change.company.name)}: {_flat(item.title)}"]
    lines += [f"{line.what}: {line.was} → {line.now}" for line in item.lines]
    for what, names in ((_("Came in"), item.added), (_("Left out now"), item.dropped)):
        if names:
            lines.append(f"{what}: {'; '.join(map(_flat, names))}")
    if item.causes:
        lines.append(f"{_('Why')}: {'; '.join(item.causes)}")
    lines += [_flat(f"{one.clause}: {one.sentence}" if one.clause else one.sentence) for one in item.criteria]
    if item.in_catalogue:
        lines.append(settings.SITE_URL + reverse("policies:detail", args=[item.policy]))
    return lines[0] + "\n" + textwrap.indent("\n".join(lines[1:]), "  ")


def _flat(name: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
