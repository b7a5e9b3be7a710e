"""What follows when an endpoint of a partner was stopped, and when news have become old."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext

from matching.models import Event, Stopped, WebhookEndpoint

log = structlog.get_logger(__name__)

KEPT = timedelta(days=30)
LANGUAGES = ("en", "zh-hans")


def tell_of_stopped() -> int:
    """Write to the contacts of partners whose endpoints we stopped; how many letters went out.

    A letter that could not be sent is sent the next time; a console page shows the same in the meantime.
    """
    told = 0
    waiting = WebhookEndpoint.objects.filter(stopped_why__in=[Stopped.GONE, Stopped.FAILING], told_at=None)
    for endpoint in waiting.select_related("partner"):
        subject, words = _letter(endpoint)
        try:
            send_mail(subject, words, settings.DEFAULT_FROM_EMAIL, [endpoint.partner.contact])
        except OSError as fault:  # all that smtplib raises is one
            log.error("webhook_notice_failed", endpoint=str(endpoint.public_id), fault=type(fault).__name__)
            continue
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(told_at=Now())
        told += 1
    return told


def old_events() -> QuerySet[Event]:
    """The events that were kept long enough."""
    return Event.objects.filter(created_at__lt=Now() - KEPT)


def forget_old() -> int:
    """Take the old events away, with their deliveries; how many events. Safe at any time and twice."""
    return old_events().delete()[1].get(Event._meta.label, 0)


def _letter(endpoint: WebhookEndpoint) -> tuple[str, str]:
    """In both languages: nobody knows which one whoever reads the mailbox prefers."""
    said = []
    for language in LANGUAGES:
        with translation.override(language):
            said.append(
                gettext(
                    "Nothing more is sent to your webhook endpoint %(endpoint)s: %(why)s. When the receiver is well "
                    "again, switch the endpoint on in the partner console or by the API, and replay what it missed; "
                    "events are kept for %(days)s days."
                )
                % {"endpoint": endpoint.public_id, "why": endpoint.get_stopped_why_display(), "days": KEPT.days}
            )
    return "[Changce 昌策] Webhook stopped / Webhook 已停用", "\n\n".join(said)
