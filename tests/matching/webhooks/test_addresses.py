"""Where webhooks may go: hostile addresses in every spelling, and names that change their answer, reach nobody."""

from __future__ import annotations

import itertools
import socket

import pytest

from matching.webhooks import addresses
from matching.webhooks.addresses import AddressFault, AddressRefused, is_public, places_of, read_address
from matching.webhooks.posting import Outcome, post

HOSTILE = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0",
    "①②⑦.⓪.⓪.①", "１２７.０.０.１", "127。0。0。1", "10.0.0.1", "10.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "100.64.0.1", "100.100.100.200", "169.254.169.254", "0xa9fea9fe", "2852039166", "192.0.0.192", "192.0.2.1",
    "192.88.99.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]",
    "[::7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b::169.254.169.254]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]", "[2001:0:7f00:1::]", "[2001:db8::1]", "[3fff::1]", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]",
    "[fec0::1]", "[ff02::1]", "[100::1]", "localhost", "intranet",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "114.114.114.114", "172.32.0.1", "2606:4700:4700::1111", "2400:3200::1"]


@pytest.fixture
def connections(monkeypatch) -> list[object]:
    """Every attempt of this process to connect, none of which is carried out."""
    made: list[object] = []

    def connect(self, address):
        made.append(address)
        raise OSError("no connections in this test")

    monkeypatch.setattr(socket.socket, "connect", connect)
    return made


def test_the_table_of_hostile_addresses_is_long_enough():
    assert len(HOSTILE) >= 54


@pytest.mark.parametrize("host", HOSTILE)
def test_no_connection_is_made_to_a_hostile_address(connections, host):
    # A name of one word is asked of the resolver, which on some machines waits for a network.
    if host != "intranet":
        answer = post(f"https://{host}/", b"{}", {})

        assert answer.outcome in (Outcome.NOT_PUBLIC, Outcome.UNREACHABLE)
    assert connections == []


@pytest.mark.parametrize("host", HOSTILE)
def test_a_hostile_address_is_refused_already_when_it_is_typed(host):
    with pytest.raises(AddressFault):
        read_address(f"https://{host}/hook")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", ["fe80::1%eth0", "2606:4700::1%1", "nonsense", ""])
def test_what_has_a_zone_or_is_no_address_is_not_public(address):
    assert not is_public(address)


def test_one_bad_answer_of_the_resolver_spoils_the_good_ones(monkeypatch):
    monkeypatch.setattr(addresses.socket, "getaddrinfo", resolver(["1.1.1.1", "10.0.0.1"]))

    with pytest.raises(AddressRefused):
        places_of("both.example", 443)


def test_a_name_that_changes_its_answer_after_the_check_never_leads_inside(monkeypatch, connections):
    turns = itertools.cycle([["1.1.1.1"], ["127.0.0.1"]])
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *args, **more: resolver(next(turns))(*args, **more))

    outcomes = [post("https://rebind.example/", b"{}", {}).outcome for _ in range(20)]

    assert outcomes == [Outcome.UNREACHABLE, Outcome.NOT_PUBLIC] * 10
    # Where something was tried, it was what had been checked: the name was not asked a second time.
    assert set(connections) == {("1.1.1.1", 443)}


@pytest.mark.parametrize(
    "written",
    [
        "", "example.com", "http://example.com/", "ftp://example.com/", "https://", "https:///x", "https://user@example.com/",
        "https://user:word@example.com/", "https://example.com:22/", "https://example.com:0/", "https://example.com:99999/",
        "https://example.com/a b", "https://example.com/\u4e2d", "https://exa mple.com/", "https://[::1/", "https://example/",
        "https://.../", "https://example.com/\r\nX: y", "https://" + "a" * 500 + ".com/", "https://" + "a" * 64 + ".com/",
        "javascript:alert(1)", "https://1.1.1.1@10.0.0.1/",
    ],
)  # fmt: skip
def test_what_is_no_address_for_webhooks_is_refused_in_both_languages(written):
    with pytest.raises(AddressFault) as refused:
        read_address(written)

    assert refused.value.said.en
    assert refused.value.said.zh


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://Example.com", "https://example.com/"),
        (" https://example.com:8443/a?b=c#d ", "https://example.com:8443/a?b=c"),
        ("https://例子.中国/", "https://xn--fsqu00a.xn--fiqs8s/"),
        ("https://[2606:4700:4700::1111]/x", "https://[2606:4700:4700::1111]/x"),
    ],
)
def test_an_address_is_kept_in_the_form_that_is_used(written, kept):
    assert read_address(written) == kept


def test_on_ones_own_machine_plain_addresses_are_allowed_for_trying():
    assert read_address("http://localhost:8000/hook", local=True) == "http://localhost:8000/hook"


def resolver(found: list[str]):
    """A resolver that gives these addresses for every name."""

    def getaddrinfo(host, port, **_more):
        if host and host[0].isdigit():
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    return getaddrinfo
