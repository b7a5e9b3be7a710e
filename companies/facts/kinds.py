"""The kinds of facts, and the other small closed lists."""

from enum import Enum, StrEnum
from typing import Final, Literal, NoReturn


class Kind(StrEnum):
    """What sort of value a fact has."""

    YES_NO = "yes_no"
    WHOLE = "whole"
    NUMBER = "number"
    MONEY = "money"
    RATIO = "ratio"
    DAY = "day"
    ONE = "one_of"
    MANY = "many_of"
    CERTIFICATES = "certificates"


class Effort(StrEnum):
    """How hard a fact is to change: never, over years, or within weeks."""

    FIXED = "fixed"
    SLOW = "slow"
    QUICK = "quick"


class Source(StrEnum):
    """Where an answer came from."""

    SELF = "self_declared"
    DOCUMENT = "document"
    PARTNER = "partner"
    REGISTRY = "registry"


PERIODS: Final = frozenset({"now", "y1", "y2", "y3", "1y", "2y", "3y"})
"""now; y1, y2, y3: last year, the year before, the one before that; 1y, 2y, 3y: the last one, two, three years."""

CONFIDENCES: Final = ("high", "medium", "low")


class Unknown(Enum):
    """Not answered. It is neither no, nor 0, nor an empty set, so it cannot be used as a truth value."""

    UNKNOWN = "unknown"

    def __bool__(self) -> NoReturn:
        raise TypeError("UNKNOWN is neither true nor false; compare with `is UNKNOWN`")

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final[Literal[Unknown.UNKNOWN]] = Unknown.UNKNOWN
