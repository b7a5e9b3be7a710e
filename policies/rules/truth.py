"""Three-valued truth: yes, no, unknown, with Kleene's tables written out so that they can be checked by eye."""

from collections.abc import Iterable
from enum import Enum
from typing import NoReturn


class Truth(Enum):
    """Whether something holds. It has no truth value of its own: compare with `is Truth.YES`."""

    NO = "no"
    UNKNOWN = "unknown"
    YES = "yes"

    def __bool__(self) -> NoReturn:
        raise TypeError("a Truth is neither true nor false; compare with `is Truth.YES`")

    def __and__(self, other: "Truth") -> "Truth":
        return AND[self, other]

    def __or__(self, other: "Truth") -> "Truth":
        return OR[self, other]

    def __invert__(self) -> "Truth":
        return NOT[self]

    @classmethod
    def of(cls, known: bool) -> "Truth":
        """YES for true, NO for false."""
        return cls.YES if known else cls.NO

    @classmethod
    def every(cls, truths: Iterable["Truth"]) -> "Truth":
        """Whether all hold; YES of nothing."""
        result = cls.YES
        for truth in truths:
            result = AND[result, truth]
        return result

    @classmethod
    def some(cls, truths: Iterable["Truth"]) -> "Truth":
        """Whether any holds; NO of nothing."""
        result = cls.NO
        for truth in truths:
            result = OR[result, truth]
        return result

    @classmethod
    def at_least(cls, count: int, truths: Iterable["Truth"]) -> "Truth":
        """Whether `count` or more hold: settled yes by enough yeses, no when yeses and unknowns cannot reach it."""
        all_of = list(truths)
        yes = sum(truth is cls.YES for truth in all_of)
        possible = sum(truth is not cls.NO for truth in all_of)
        return cls.YES if yes >= count else cls.NO if possible < count else cls.UNKNOWN


_NO, _UNKNOWN, _YES = Truth.NO, Truth.UNKNOWN, Truth.YES

AND = {
    (_NO, _NO): _NO,
    (_NO, _UNKNOWN): _NO,
    (_NO, _YES): _NO,
    (_UNKNOWN, _NO): _NO,
    (_UNKNOWN, _UNKNOWN): _UNKNOWN,
    (_UNKNOWN, _YES): _UNKNOWN,
    (_YES, _NO): _NO,
    (_YES, _UNKNOWN): _UNKNOWN,
    (_YES, _YES): _YES,
}

OR = {
    (_NO, _NO): _NO,
    (_NO, _UNKNOWN): _UNKNOWN,
    (_NO, _YES): _YES,
    (_UNKNOWN, _NO): _UNKNOWN,
    (_UNKNOWN, _UNKNOWN): _UNKNOWN,
    (_UNKNOWN, _YES): _YES,
    (_YES, _NO): _YES,
    (_YES, _UNKNOWN): _YES,
    (_YES, _YES): _YES,
}

NOT = {_NO: _YES, _UNKNOWN: _UNKNOWN, _YES: _NO}
