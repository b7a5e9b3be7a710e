"""The rulebook in force, kept in memory: one short query when warm."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from policies.models import Release
from policies.rules.book import Rulebook, read_rulebook

_MOST_KEPT = 4
_kept: OrderedDict[tuple[int, str], Rulebook] = OrderedDict()
_lock = Lock()


class NoRelease(LookupError):
    """There is no such release; load the catalogue first."""


def current() -> Rulebook:
    """The rulebook of the latest release; raises NoRelease when there is none."""
    row = Release.objects.order_by("-number").values_list("number", "digest").first()
    if row is None:
        raise NoRelease("no release yet: run load_catalogue")
    return _of(*row)


def of_release(number: int) -> Rulebook:
    """The rulebook of the release with this number; raises NoRelease."""
    row = Release.objects.filter(number=number).values_list("number", "digest").first()
    if row is None:
        raise NoRelease(f"there is no release {number}")
    return _of(*row)


def _of(number: int, digest: str) -> Rulebook:
    # The digest is part of the key: a test or a restored backup may use a number again.
    key = (number, digest)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    snapshot = Release.objects.values_list("snapshot", flat=True).get(number=number)
    book = read_rulebook(snapshot, number)
    with _lock:
        _kept[key] = book
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return book
