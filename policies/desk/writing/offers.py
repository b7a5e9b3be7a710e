"""The list of a draft's offers: one more, another order, a copy, one less. Pure."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from companies.facts import Text
from policies.jobs import NotNow

MOST_OFFERS = 60
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


def added(offers: Sequence[Any], key: str, title: Mapping[str, str]) -> list[Any]:
    """The offers with one more at the end, of which nothing is known yet; raises NotNow that says why not."""
    _check_new(offers, key)
    fresh = {
        "offer": key,
        "title": dict(title),
        "kind": "",
        "clause": None,
        "stacking": [],
        "window": {"kind": "not_announced"},
        "papers": [],
    }
    return [*offers, fresh]


def after_move(offers: Sequence[Any], act: str, key: str, new_key: str = "") -> list[Any]:
    """The offers after "up", "down", "drop", or "copy" under a new key; raises NotNow that says why not."""
    made = list(offers)
    at = next((n for n, one in enumerate(made) if isinstance(one, Mapping) and one.get("offer") == key), None)
    if at is None:
        raise NotNow(Text("this offer is not in the draft any more", "草稿中已没有该事项"))
    to = at - 1 if act == "up" else at + 1
    if act == "drop":
        del made[at]
    elif act == "copy":
        _check_new(offers, new_key)
        made.insert(at + 1, {**copy.deepcopy(dict(made[at])), "offer": new_key})
    elif act in ("up", "down") and 0 <= to < len(made):
        made[at], made[to] = made[to], made[at]
    return made


def _check_new(offers: Sequence[Any], key: str) -> None:
    if not _KEY.fullmatch(key):
        raise NotNow(
            Text(
                "the key of an offer has small letters, digits and hyphens, for example research-reward",
                "事项标识只能用小写字母、数字和连字符，例如 research-reward",
            )
        )
    if any(isinstance(one, Mapping) and one.get("offer") == key for one in offers):
        raise NotNow(Text(f"there is an offer “{key}” already", f"已有事项“{key}”"))
    if len(offers) >= MOST_OFFERS:
        raise NotNow(Text(f"a policy has at most {MOST_OFFERS} offers", f"一项政策最多 {MOST_OFFERS} 个事项"))
