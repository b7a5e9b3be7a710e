"""Where a person is signed in. Of each sign-in we keep what they may recognise it by, and no more."""

from __future__ import annotations

import ipaddress
from typing import Any

from allauth.usersessions.models import UserSession
from django.db.models.signals import pre_save
from django.dispatch import receiver

from companies.clients import client_of


@receiver(pre_save, sender=UserSession, dispatch_uid="companies.coarse_sessions")
def keep_it_coarse(instance: UserSession, **_: Any) -> None:
    """The network instead of the address, browser and system instead of all that a browser says of itself."""
    address = ipaddress.ip_address(instance.ip)
    network = ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False)
    instance.ip = str(network.network_address)
    if instance.user_agent.startswith("Mozilla/") or "/" in instance.user_agent:
        instance.user_agent = client_of(instance.user_agent)


def network_of(session: UserSession) -> str:
    """The network from which it came, for people: 203.0.113.x."""
    address = ipaddress.ip_address(session.ip)
    return f"{session.ip.rpartition('.')[0]}.x" if address.version == 4 else f"{session.ip}/48"
