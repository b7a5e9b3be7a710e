"""Where a webhook may go: a public host, over https; whatever way an address is spelled, what counts is where it leads."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from companies.facts import Text

LONGEST_ADDRESS = 500
PORTS = (443, 8443)

# An own table: the flags of `ipaddress` differ between editions of Python, and let a third of the hostile forms pass.
_REFUSED_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",  # this network; the system takes 0.0.0.0 for its own loopback
            "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  # private
            "100.64.0.0/10",  # behind a carrier's translation; clouds keep metadata there
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local; metadata of clouds
            "192.0.0.0/24",  # protocol assignments; metadata of one cloud
            "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",  # for documents
            "192.88.99.0/24",  # relays of 6to4
            "198.18.0.0/15",  # for measurements
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)  # fmt: skip
# Of IPv6 only what is given out as global unicast; so nothing that is mapped or compatible (::/8), NAT64 (64:ff9b::/96 and
# 64:ff9b:1::/48), unique local, link-local, site-local or multicast. And of that, nothing that leads elsewhere again.
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_V6 = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # protocol assignments, among them Teredo, which carries an IPv4 address
            "2001:db8::/32", "3fff::/20",  # for documents
            "2002::/16",  # 6to4, which carries an IPv4 address
        ),
    )
)  # fmt: skip

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.?|[0-9a-f:.]*:[0-9a-f:.]*")


class AddressRefused(Exception):
    """The name leads, or also leads, where webhooks do not go."""


class AddressFault(ValueError):
    """What is wrong with an address that somebody typed, and what to write instead."""

    def __init__(self, en: str, zh: str) -> None:
        self.said = Text(en, zh)
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Place:
    """One address of a host, as `socket.connect` takes it."""

    family: socket.AddressFamily
    address: tuple[object, ...]


def is_public(address: str) -> bool:
    """Whether this IP address belongs to the public internet; a zone behind `%` never does."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in network for network in _REFUSED_V4)
    return found.scope_id is None and found in _GLOBAL_V6 and not any(found in network for network in _REFUSED_V6)


def places_of(host: str, port: int, *, local: bool = False) -> list[Place]:
    """Where the host is, asked anew each time; raises AddressRefused if only one answer is not public, and OSError.

    Connect to one of these, never to the name again: the next answer to the same question may be another.
    `local` lets everything pass, for trying on one's own machine.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not local and not all(is_public(str(one[4][0])) for one in found):
        raise AddressRefused(host)
    return [Place(family, address) for family, _type, _protocol, _name, address in found]


def read_address(written: str, *, local: bool = False) -> str:
    """The address in the form in which it is kept and used; raises AddressFault.

    Refuses at once what could never be sent to. Where a name leads is looked at only when something is sent.
    """
    parts, host, port = _parts(written.strip())
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise AddressFault("The address begins with https://.", "地址须以 https:// 开头。")
    if parts.username is not None or parts.password is not None:
        raise AddressFault(
            "Leave user name and password out: the signature says who sends.",
            "请勿包含用户名和密码：签名即可证明发送方。",
        )
    if not local and port not in (None, *PORTS):
        raise AddressFault("The port is 443 (as without one) or 8443.", "端口须为 443（可省略）或 8443。")
    if not local and not _may_be_public(host):
        raise AddressFault(
            "This host is not on the public internet. Write the name of a server that can be reached from everywhere.",
            "该主机不在公共互联网上，请填写可从任何地方访问的服务器名称。",
        )
    shown = f"[{host}]" if ":" in host else host
    where = shown if port is None else f"{shown}:{port}"
    return SplitResult(parts.scheme, where, parts.path or "/", parts.query, "").geturl()


def _parts(written: str) -> tuple[SplitResult, str, int | None]:
    if not written or len(written) > LONGEST_ADDRESS:
        raise AddressFault(f"An address has at most {LONGEST_ADDRESS} signs.", f"地址最多 {LONGEST_ADDRESS} 个字符。")
    try:
        parts = urlsplit(written)
        # The port of a number that is none is a ValueError, only when it is asked for.
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError as fault:
        raise AddressFault("This is no address of a web server.", "这不是有效的网址。") from fault
    rest = f"{parts.path}{parts.query}"
    if (
        parts.scheme not in ("http", "https")
        or not _HOST.fullmatch(host)
        or not (rest.isascii() and written.isprintable())
        or " " in rest
    ):
        raise AddressFault(
            "Write the whole address, such as https://example.com/webhooks, without blanks; other signs as %XX.",
            "请填写完整地址，例如 https://example.com/webhooks，不含空格；其他字符请写作 %XX。",
        )
    return parts, host, port


def _ascii(host: str) -> str:
    """The host as resolvers read it: circled or full-width digits are digits there as well."""
    if host.startswith("[") or ":" in host:
        return host.strip("[]")
    return host.encode("idna").decode("ascii").lower()


def _may_be_public(host: str) -> bool:
    """False for what is an address in any spelling (decimal, octal, hexadecimal, shortened) and no public one."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return "." in host.strip(".")  # a name; of one word it would be a neighbour's
    return all(is_public(str(one[4][0])) for one in found)
