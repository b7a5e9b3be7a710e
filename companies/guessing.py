"""Links are secrets in an address: who keeps trying ones that are none is turned away for a minute."""

import ipaddress
import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

MISSES_A_MINUTE = 20


def guesses_too_much(request: HttpRequest) -> bool:
    """Whether this address has tried too many links in this minute that open nothing."""
    return int(cache.get(_key(request), 0)) >= MISSES_A_MINUTE


def count_miss(request: HttpRequest) -> None:
    """One more link that opens nothing; the count grows in one step inside the cache that all processes share."""
    key = _key(request)
    cache.add(key, 0, 120)
    try:
        cache.incr(key)
    except ValueError:  # it ran out between the two steps
        cache.set(key, 1, 120)


def _key(request: HttpRequest) -> str:
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    # Of a v6 address only the network counts: one customer has billions of addresses. It is forgotten after two minutes.
    network = ipaddress.ip_network((address, 64 if address.version == 6 else 32), strict=False)
    return f"misses:{network.network_address}:{int(time.time() // 60)}"
