"""Links are secrets in an address: who keeps trying ones that are none is turned away for a minute."""

import ipaddress

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

from companies import security
from companies.rates import count_one_more

MISSES_A_MINUTE = 20
_SECONDS = 60


def guesses_too_much(request: HttpRequest) -> bool:
    """Whether this address has tried too many links that open nothing, less than a minute ago."""
    return bool(cache.get(f"turned-away:{_network(request)}"))


def count_miss(request: HttpRequest) -> None:
    """One more link that opens nothing; nothing is kept of it for longer than two minutes."""
    network = _network(request)
    if count_one_more(f"misses:{network}", seconds=_SECONDS) >= MISSES_A_MINUTE:
        cache.set(f"turned-away:{network}", True, _SECONDS)
        security.note("links_guessed")


def _network(request: HttpRequest) -> str:
    """Of a v6 address only the network counts: one customer has billions of addresses."""
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    network = ipaddress.ip_network((address, 64 if address.version == 6 else 32), strict=False)
    return str(network.network_address)
