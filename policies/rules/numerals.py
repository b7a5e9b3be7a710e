"""Saying numbers and ranges to people. Exact where the digits end soon; otherwise rounded and said to be."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from companies.facts import Fact, Kind, Text, show_day, show_money, show_value
from policies.rules.intervals import Interval
from policies.rules.situation import DayRange, Keys, Many, Possible
from policies.rules.truth import Truth

NOT_KNOWN = Text("not known yet", "尚不清楚")


def joined(texts: Sequence[Text], en: str, zh: str) -> Text:
    """The texts one after another, with these words between them."""
    return Text(en.join(text.en for text in texts), zh.join(text.zh for text in texts))


def exact_decimal(value: Fraction, places: int) -> Decimal | None:
    """The number with at most so many places, or None where that would round it."""
    scaled = value * 10**places
    return Decimal(scaled.numerator).scaleb(-places) if scaled.denominator == 1 else None


def say_number(value: Fraction, measure: str, fact: Fact | None = None) -> Text:
    """A number as money, a share or a plain quantity; with the unit of the fact, where one is given."""
    if fact is not None:
        measure = {Kind.MONEY: "money", Kind.RATIO: "ratio"}.get(fact.kind, "number")
    places = 4 if measure == "ratio" else 2
    known = exact_decimal(value, places)
    about = known is None
    decimal = Decimal(round(value * 10**places)).scaleb(-places) if known is None else known
    if measure == "money":
        text = show_money(decimal)
    elif measure == "ratio":
        share = f"{(decimal * 100).normalize():,f}"
        text = Text(f"{share} %", f"{share}%")
    elif fact is not None and fact.kind in (Kind.WHOLE, Kind.NUMBER):
        text = show_value(fact, decimal)
    else:
        digits = f"{decimal.normalize():,f}" if decimal else "0"
        text = Text(digits, digits)
    return Text(f"about {text.en}", f"约{text.zh}") if about else text


def say_possible(possible: Possible, measure: str, fact: Fact | None = None) -> Text:
    """What something can be: one value, a range, or "not known yet"."""
    match possible:
        case Truth():
            return {Truth.YES: Text("yes", "是"), Truth.NO: Text("no", "否"), Truth.UNKNOWN: NOT_KNOWN}[possible]
        case Interval():
            return _say_interval(possible, measure, fact)
        case DayRange(low, high):
            return show_day(low) if low == high else NOT_KNOWN
        case Keys(keys):
            return _say_keys(keys, fact)
        case Many(held):
            return NOT_KNOWN if held is None or fact is None else show_value(fact, held)


def _say_keys(keys: frozenset[str], fact: Fact | None) -> Text:
    labels = [Text(key, key) for key in sorted(keys)]
    if fact is not None:
        labels = [choice.label for choice in fact.choices if choice.key in keys]
    return joined(labels, " or ", "或") if 0 < len(labels) <= 3 else NOT_KNOWN


def _say_interval(interval: Interval, measure: str, fact: Fact | None) -> Text:
    if interval.defined is Truth.NO:
        return Text("cannot be worked out", "无法计算")
    if interval.defined is Truth.UNKNOWN:
        return NOT_KNOWN
    low = None if interval.low is None else say_number(interval.low, measure, fact)
    high = None if interval.high is None else say_number(interval.high, measure, fact)
    if low is not None and interval.low == interval.high:
        return low
    if low is not None and high is not None:
        return low if low == high else Text(f"between {low.en} and {high.en}", f"{low.zh}至{high.zh}")
    if low is not None:
        return Text(f"at least {low.en}", f"至少{low.zh}") if interval.low else NOT_KNOWN
    return Text(f"at most {high.en}", f"至多{high.zh}") if high is not None else NOT_KNOWN
