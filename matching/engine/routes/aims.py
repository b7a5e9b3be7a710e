"""What a fact has to become: a stretch of numbers or days, one of some choices, some of a set, certificates held.

An aim leaves open what a route need not settle, so that two criteria that ask for the same fact meet in one change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from companies.facts import UNKNOWN, Certificate, Fact, Kind
from policies.rules.months import years_later

STEPS = {
    Kind.MONEY: Fraction(1, 100),
    Kind.WHOLE: Fraction(1),
    Kind.DAY: Fraction(1),
    Kind.RATIO: Fraction(1, 10**4),
    Kind.NUMBER: Fraction(1, 100),
}
"""The steps in which a route changes a number: a fen, one, a day, a hundredth of a per cent."""

_PLACES = {Kind.MONEY: 2, Kind.RATIO: 6, Kind.NUMBER: 6}


@dataclass(frozen=True, slots=True)
class Within:
    """A number (or the ordinal of a day) from `low` to `high`, both included; None is an open end."""

    low: Fraction | None
    high: Fraction | None
    example: bool = False
    """Only picked so that other answers could be worked out with it: any real aim takes its place."""

    def met(self, other: Aim) -> Aim | None:
        """Both aims at once, or None where they exclude each other."""
        if not isinstance(other, Within):
            return None
        if self.example or other.example:
            return other if self.example else self
        low = self.low if other.low is None else other.low if self.low is None else max(self.low, other.low)
        high = self.high if other.high is None else other.high if self.high is None else min(self.high, other.high)
        return None if low is not None and high is not None and low > high else Within(low, high)


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of these: keys of a choice, or yes and no."""

    of: frozenset[Any]

    def met(self, other: Aim) -> Aim | None:
        """Both aims at once, or None where they exclude each other."""
        both = self.of & other.of if isinstance(other, Chosen) else frozenset()
        return Chosen(both) if both else None


@dataclass(frozen=True, slots=True)
class Including:
    """A set with at least one key of each of these groups, and with none of `without`."""

    groups: tuple[tuple[str, ...], ...] = ()
    without: frozenset[str] = frozenset()

    def met(self, other: Aim) -> Aim | None:
        """Both aims at once, or None where they exclude each other."""
        if not isinstance(other, Including):
            return None
        groups = tuple(dict.fromkeys((*self.groups, *other.groups)))
        without = self.without | other.without
        return None if any(without.issuperset(group) for group in groups) else Including(groups, without)


@dataclass(frozen=True, slots=True)
class Holding:
    """Valid certificates: of each of these groups at least one kind, the first one preferred, and none of `without`."""

    groups: tuple[tuple[str, ...], ...]
    without: frozenset[str] = frozenset()

    def met(self, other: Aim) -> Aim | None:
        """Both aims at once, or None where they exclude each other."""
        if not isinstance(other, Holding):
            return None
        without = self.without | other.without
        groups = tuple(
            dict.fromkeys(tuple(k for k in group if k not in without) for group in (*self.groups, *other.groups))
        )
        return None if () in groups else Holding(groups, without)


Aim = Within | Chosen | Including | Holding


def number_of(value: Any) -> Fraction:
    """A number, or the ordinal of a day."""
    return Fraction(value.toordinal()) if isinstance(value, date) else Fraction(value)


def value_of_number(fact: Fact, number: Fraction) -> Any:
    """The number as a value of this fact."""
    if fact.kind is Kind.DAY:
        return date.fromordinal(int(number))
    if fact.kind is Kind.WHOLE:
        return int(number)
    places = _PLACES[fact.kind]
    return Decimal(int(number * 10**places)).scaleb(-places)


def value_for(fact: Fact, aim: Aim, now: Any, day: date) -> Any:
    """The value nearest to what is known now that reaches the aim; UNKNOWN where there is none."""
    match aim:
        case Within(low, high):
            if now is not UNKNOWN:
                number = number_of(now)
                number = max(number, low) if low is not None else number
                number = min(number, high) if high is not None else number
                return value_of_number(fact, number)
            return value_of_number(fact, low if low is not None else high if high is not None else Fraction(0))
        case Chosen(of):
            if now is not UNKNOWN and now in of:
                return now
            if fact.kind is Kind.YES_NO:
                return True in of
            return next((choice.key for choice in fact.choices if choice.key in of), UNKNOWN)
        case Including(groups, without):
            return _including(groups, without, frozenset() if now is UNKNOWN else now)
        case Holding(groups, without):
            # Titles that must not be held are only ever found out to be over: nobody gives one back.
            held = frozenset() if now is UNKNOWN else now
            left = frozenset(one for one in held if one.kind not in without or not _undated(fact, one, day))
            return _holding(fact, groups, left, day)


def _including(groups: Iterable[tuple[str, ...]], without: frozenset[str], now: frozenset[str]) -> frozenset[str]:
    held = now - without
    for group in groups:
        if held.isdisjoint(group):
            held |= {next(key for key in group if key not in without)}
    return held


def _holding(
    fact: Fact, groups: Iterable[tuple[str, ...]], now: frozenset[Certificate], day: date
) -> frozenset[Certificate]:
    held = now
    for group in groups:
        if any(one.kind in group and _surely_valid(fact, one, day) for one in held):
            continue
        undated = sorted((one for one in held if one.kind in group and _undated(fact, one, day)), key=Certificate.order)
        kind = undated[0].kind if undated else group[0]
        choice = fact.choice(kind)
        years = choice.validity_years if choice is not None else 1
        issued = undated[0].issued if undated else day
        new = Certificate(kind, issued, None if years is None else years_later(day, years))
        held = frozenset(one for one in held if not new.repeats(one)) | {new}
    return held


def _surely_valid(fact: Fact, one: Certificate, day: date) -> bool:
    if one.issued is not None and one.issued > day:
        return False
    if one.expires is None:
        choice = fact.choice(one.kind)
        return choice is not None and choice.validity_years is None
    return day <= one.expires


def _undated(fact: Fact, one: Certificate, day: date) -> bool:
    """Whether only the last day is missing to say that it is valid."""
    return one.expires is None and (one.issued is None or one.issued <= day) and not _surely_valid(fact, one, day)


def added(value: frozenset[Any], now: Any) -> frozenset[Any]:
    """What the new set has that the known one lacks."""
    return value if now is UNKNOWN else value - now
