"""One change of one fact in words: its kind, its gap, and what is wanted of it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from companies.facts import Fact, Kind, Text, show_value, write_value
from matching.engine.routes.aims import STEPS, Aim, Chosen, Holding, Including, Within, number_of, value_of_number
from policies.rules.numerals import joined

_MOST_NAMED = 6


def equals(fact: Fact, value: Any) -> Text:
    shown = show_value(fact, value)
    return Text(f"{fact.label.en} {shown.en}", f"{fact.label.zh}{shown.zh}")


class Told:
    """One change of one fact in words."""

    def __init__(self, fact: Fact, aim: Aim, now: Any, value: Any, asks: bool) -> None:
        self.fact, self.aim, self.now, self.value, self.asks = fact, aim, now, value, asks

    def kind(self) -> str:
        if self.asks:
            return "find_out"
        match self.aim:
            case Within():
                return "raise" if number_of(self.value) > number_of(self.now) else "lower"
            case Holding():
                return "hold"
            case Including():
                return "add" if self.value - self.now else "set"
        return "set"

    def any_of(self) -> list[str]:
        """The keys of which one is enough, where there is a choice."""
        match self.aim:
            case Chosen(of) if self.fact.kind is Kind.ONE and len(of) > 1:
                return [choice.key for choice in self.fact.choices if choice.key in of]
            case Including(((_, _, *_) as group,), without):
                return [key for key in group if key not in without]
            case Holding(((_, _, *_) as group,), _):
                return list(group)
        return []

    def gap(self) -> dict[str, Any] | None:
        """How far it is, as an amount in the fact's unit."""
        if self.asks or not isinstance(self.aim, Within):
            return None
        away = abs(number_of(self.value) - number_of(self.now))
        if self.fact.kind is Kind.DAY:
            days = int(away)
            return {
                "amount": str(days),
                "shown": Text("1 day" if days == 1 else f"{days} days", f"{days}天").to_plain(),
            }
        amount = value_of_number(self.fact, away)
        shown = show_value(self.fact, amount)
        if self.fact.kind is Kind.RATIO:
            points = shown.en.removesuffix(" %")
            shown = Text(f"{points} percentage points", f"{points}个百分点")
        return {"amount": str(write_value(self.fact, amount)), "shown": shown.to_plain()}

    def said(self) -> Text:
        label = self.fact.label
        if self.asks:
            wanted = self._wanted()
            if not (isinstance(self.aim, Within) and self.aim.example):
                wanted = Text(f"needed: {wanted.en}", f"要求：{wanted.zh}")
            return Text(f"Find out: {label.en} ({wanted.en})", f"核实：{label.zh}（{wanted.zh}）")
        gap = self.gap()
        if self._is_any_amount():
            wanted, now = self._wanted(), show_value(self.fact, self.now)
            return Text(f"{label.en}: {wanted.en} (now {now.en})", f"{label.zh}：{wanted.zh}（现为{now.zh}）")
        if isinstance(self.aim, Within) and gap is not None:
            now, then, away = show_value(self.fact, self.now), show_value(self.fact, self.value), gap["shown"]
            if self.kind() == "raise":
                return Text(
                    f"{label.en}: {away['en']} short (now {now.en}, {then.en} needed)",
                    f"{label.zh}：还差{away['zh']}（现为{now.zh}，需达到{then.zh}）",
                )
            return Text(
                f"{label.en}: {away['en']} over the limit (now {now.en}, at most {then.en} allowed)",
                f"{label.zh}：超出{away['zh']}（现为{now.zh}，不得超过{then.zh}）",
            )
        wanted = self._wanted()
        if isinstance(self.aim, Holding):
            return Text(f"Hold a valid certificate: {wanted.en}", f"取得有效资质：{wanted.zh}")
        now = show_value(self.fact, self.now)
        if self.kind() == "add":
            wanted = Text(f"{wanted.en} in addition", f"增加{wanted.zh}")
        return Text(f"{label.en}: {wanted.en} (now {now.en})", f"{label.zh}：{wanted.zh}（现为{now.zh}）")

    def _is_any_amount(self) -> bool:
        """Whether only something above zero is asked for: that is said in words, not as a fen."""
        step = STEPS.get(self.fact.kind)
        fine = self.fact.kind in (Kind.MONEY, Kind.NUMBER, Kind.RATIO)
        return fine and isinstance(self.aim, Within) and self.aim.low == step and self.aim.high is None

    def _wanted(self) -> Text:
        if self._is_any_amount():
            zero = self._number(0)
            return Text(f"more than {zero.en}", f"高于{zero.zh}")
        match self.aim:
            case Within(low, _, True) if low is not None:
                number = self._number(low)
                return Text(f"for example {number.en}", f"例如{number.zh}")
            case Within(low, high):
                ends = [None if end is None else self._number(end) for end in (low, high)]
                if ends[0] is not None and ends[1] is not None:
                    if low == high:
                        return ends[0]
                    return Text(f"from {ends[0].en} to {ends[1].en}", f"{ends[0].zh}至{ends[1].zh}")
                first, last = Text("at least", "不低于"), Text("at most", "不超过")
                if self.fact.kind is Kind.DAY:
                    first, last = Text("on or after", "不早于"), Text("on or before", "不晚于")
                sign, end = (first, ends[0]) if ends[0] is not None else (last, ends[1])
                return Text("any", "任意") if end is None else Text(f"{sign.en} {end.en}", f"{sign.zh}{end.zh}")
            case Chosen(of):
                if self.fact.kind is Kind.YES_NO:
                    return show_value(self.fact, self.value)
                return self._one_of([choice.key for choice in self.fact.choices if choice.key in of])
            case Including(groups, without):
                parts = [self._one_of([key for key in group if key not in without]) for group in groups]
                return joined([*parts, *self._left_out(without)], ", ", "，")
            case Holding(groups, without):
                parts = [self._one_of(list(group)) for group in groups]
                return joined([*parts, *self._left_out(without)], ", ", "，")

    def _left_out(self, keys: frozenset[str]) -> list[Text]:
        if not keys:
            return []
        listed = self._one_of([choice.key for choice in self.fact.choices if choice.key in keys])
        return [Text(f"without {listed.en}", f"不含{listed.zh}")]

    def _number(self, number: int | Fraction) -> Text:
        return show_value(self.fact, value_of_number(self.fact, Fraction(number)))

    def _one_of(self, keys: list[str]) -> Text:
        labels = [choice.label if (choice := self.fact.choice(key)) else Text(key, key) for key in keys]
        if len(labels) > _MOST_NAMED:
            more = len(labels) - _MOST_NAMED
            labels = [*labels[:_MOST_NAMED], Text(f"{more} more", f"其他{more}项")]
        return joined(labels, " or ", "或")
