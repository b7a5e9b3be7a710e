"""What follows when an endpoint of a partner was stopped, and when news have become old."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from companies.letters import write_letter
from matching.models import Event, Stopped, WebhookEndpoint

KEPT = timedelta(days=30)


def tell_of_stopped() -> int:
    """Write to the contacts of partners whose endpoints we stopped; how many letters were written. Safe at any time and twice."""
    waiting = WebhookEndpoint.objects.filter(stopped_why__in=[Stopped.GONE, Stopped.FAILING], told_at=None)
    return sum(_tell(endpoint) for endpoint in waiting.select_related("partner"))


@transaction.atomic
def _tell(endpoint: WebhookEndpoint) -> bool:
    if not WebhookEndpoint.objects.filter(pk=endpoint.pk, told_at=None).update(told_at=Now()):
        return False

    def body() -> str:
        said = _(
            "Nothing more is sent to your webhook endpoint %(endpoint)s: %(why)s. When the receiver is well "
            "again, switch the endpoint on in the partner console or by the API, and replay what it missed; "
            "events are kept for %(days)s days."
        )
        return said % {"endpoint": endpoint.public_id, "why": endpoint.get_stopped_why_display(), "days": KEPT.days}

    write_letter(to=endpoint.partner.contact, subject=lambda: _("Webhook stopped"), body=body, kind="webhook_stopped")
    return True


def old_events() -> QuerySet[Event]:
    """The events that were kept long enough."""
    return Event.objects.filter(created_at__lt=Now() - KEPT)


def forget_old() -> int:
    """Take the old events away, with their deliveries; how many events. Safe at any time and twice."""
    return old_events().delete()[1].get(Event._meta.label, 0)
