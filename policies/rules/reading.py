"""Reading plain mappings with their faults: every reader returns what it could read, and notes what it could not."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, TypeVar

from companies.facts import Text, ValueFault, Vocabulary, read_number, read_text
from policies.rules.checking import check_sorts
from policies.rules.expressions import Expression
from policies.rules.faults import Fault, RuleFault
from policies.rules.parsing import parse_expression
from policies.rules.words import best_match

Path = tuple[str | int, ...]
T = TypeVar("T")
HIGHEST_RATE = 10
CONFIDENCES = ("high", "medium", "low")


@dataclass(slots=True)
class Reading:
    """One pass over one plain mapping: the vocabulary it is read against and the faults found so far."""

    vocabulary: Vocabulary
    lists: Mapping[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: Path, en: str, zh: str, code: str, suggestion: str | None = None) -> None:
        """Note a fault at this path."""
        self.faults.append(Fault(path, Text(en, zh), code, suggestion))

    def mapping(self, plain: Any, path: Path) -> Mapping[str, Any] | None:
        """The mapping itself, or None with a fault."""
        if isinstance(plain, Mapping) and all(isinstance(key, str) for key in plain):
            return plain
        self.fault(path, "expected a mapping here (key: value)", "此处应为“键: 值”形式", "wrong_shape")
        return None

    def sequence(self, plain: Any, path: Path, *, empty: bool = True) -> list[Any]:
        """The list itself, or an empty one with a fault."""
        if isinstance(plain, list | tuple) and (empty or plain):
            return list(plain)
        if isinstance(plain, list | tuple):
            self.fault(path, "this list is empty", "列表为空", "empty")
        else:
            self.fault(path, "expected a list here", "此处应为列表", "wrong_shape")
        return []

    def only(self, plain: Mapping[str, Any], allowed: Iterable[str], path: Path) -> None:
        """Note every key that does not belong here."""
        known = tuple(allowed)
        for key in plain:
            if key not in known:
                close = best_match(key, known)
                self.fault((*path, key), f"“{key}” does not belong here", f"“{key}”不属于此处", "unknown_key", close)

    def text(self, plain: Mapping[str, Any], key: str, path: Path, *, needed: bool = False) -> Text | None:
        """The text in both languages under this key."""
        if plain.get(key) is None:
            if needed:
                self.missing(key, path)
            return None
        return self.both(plain[key], (*path, key))

    def both(self, raw: Any, path: Path) -> Text | None:
        """A text in both languages."""
        text = read_text(raw)
        if text is None:
            self.fault(
                path,
                "expected the text in both languages, English (en) and Chinese (zh)",
                "应同时填写英文（en）和中文（zh）",
                "missing_language",
            )
        return text

    def missing(self, key: str, path: Path) -> None:
        """Note that a key is not there."""
        self.fault(path, f"“{key}” is missing", f"缺少“{key}”", "missing")

    def word(self, plain: Mapping[str, Any], key: str, path: Path, *, needed: bool = False) -> str | None:
        """A non-empty string under this key."""
        raw = plain.get(key)
        if raw is None:
            if needed:
                self.missing(key, path)
            return None
        if isinstance(raw, str) and raw.strip():
            return raw
        self.fault((*path, key), "expected text here", "此处应为文本", "wrong_shape")
        return None

    def one_of(
        self, plain: Mapping[str, Any], key: str, known: Iterable[str], path: Path, *, needed: bool = True
    ) -> str | None:
        """One of a closed list of words."""
        raw = self.word(plain, key, path, needed=needed)
        return raw if raw is None or self.is_known(raw, known, (*path, key)) else None

    def is_known(self, raw: Any, known: Iterable[str], path: Path) -> bool:
        """Whether the word is one of those known; notes a fault with a suggestion when it is not."""
        words = tuple(known)
        if raw in words:
            return True
        said = ", ".join(words) if len(words) <= 12 else ""
        close = best_match(str(raw), words)
        hint_en, hint_zh = (f"; use one of: {said}", f"；可用：{said}") if said else ("", "")
        self.fault(
            path, f"“{raw}” is not known here{hint_en}", f"“{raw}”不在可用范围内{hint_zh}", "unknown_word", close
        )
        return False

    def words(self, plain: Mapping[str, Any], key: str, path: Path) -> tuple[str, ...]:
        """A list of strings under this key; empty when the key is not there."""
        found = []
        for at, raw in enumerate(self.sequence(plain.get(key) or [], (*path, key))):
            if isinstance(raw, str) and raw:
                found.append(raw)
            else:
                self.fault((*path, key, at), "expected text here", "此处应为文本", "wrong_shape")
        return tuple(found)

    def from_list(self, name: str, keys: Iterable[str], path: Path) -> None:
        """Note keys that the reference list of this name does not have; a list that was not given is not checked."""
        entries = self.lists.get(name)
        if entries is None:
            return
        known = [str(entry["key"]) for entry in entries if isinstance(entry, Mapping) and "key" in entry]
        for at, key in enumerate(keys):
            if key not in known:
                close = best_match(key, known)
                self.fault(
                    (*path, at), f"“{key}” is not in {name}", f"“{key}”不在 {name} 列表中", "unknown_key_of_list", close
                )

    def amount(self, raw: Any, path: Path, *, lowest: int = 0) -> Fraction | None:
        """An amount of money: 500000, 50万, '1.5亿'; whole fen."""
        value = self._number(raw, path)
        if value is None:
            return None
        if (value * 100).denominator != 1 or value < lowest:
            self.fault(
                path, "an amount is not negative and has at most two places", "金额不能为负，最多两位小数", "amount"
            )
            return None
        return value

    def number(self, raw: Any, path: Path) -> Fraction | None:
        """Any number, also below zero and with %."""
        return self._number(raw, path)

    def rate(self, raw: Any, path: Path) -> Fraction | None:
        """A rate: 30%."""
        value = self._number(raw, path)
        if value is None:
            return None
        if not 0 <= value <= HIGHEST_RATE:
            hint = f"{raw}%" if value <= 1000 else None
            self.fault(path, "a rate is written as 30%", "比例写作 30%", "rate", hint)
            return None
        return value

    def _number(self, raw: Any, path: Path) -> Fraction | None:
        try:
            return Fraction(read_number(raw, money=True).value)
        except ValueFault as fault:
            self.faults.append(Fault(path, fault.message, fault.code))
            return None

    def whole(self, raw: Any, path: Path, low: int, high: int) -> int | None:
        """A whole number within bounds."""
        if isinstance(raw, int) and not isinstance(raw, bool) and low <= raw <= high:
            return raw
        self.fault(
            path, f"expected a whole number from {low} to {high}", f"应为 {low} 至 {high} 的整数", "whole_number"
        )
        return None

    def day(self, raw: Any, path: Path) -> date | None:
        """A whole day as 'YYYY-MM-DD'."""
        try:
            return date.fromisoformat(raw) if isinstance(raw, str) and len(raw) == 10 else _no_day()
        except ValueError:
            self.fault(path, "write the day as '2026-04-01', in quotes", "日期写作 '2026-04-01'（加引号）", "day")
            return None

    def expression(self, raw: Any, path: Path, sort: str) -> Expression | None:
        """An expression that gives truth ("truth") or a number ("number")."""
        text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
        if not isinstance(text, str):
            self.fault(
                path,
                "an expression is written as text, in quotes if it starts with one",
                "表达式须写成文本",
                "wrong_shape",
            )
            return None
        try:
            expression = parse_expression(text, self.vocabulary)
            found = check_sorts(expression, self.vocabulary).name
        except RuleFault as fault:
            where = Text(
                f"{fault.message.en} (line {fault.line}, column {fault.column} of the expression)",
                f"{fault.message.zh}（表达式第 {fault.line} 行第 {fault.column} 列）",
            )
            self.faults.append(Fault(path, where, fault.code, fault.suggestion))
            return None
        if found != sort:
            wanted = ("a condition (yes or no)", "条件（是或否）") if sort == "truth" else ("a number", "数字")
            self.fault(path, f"this must give {wanted[0]}", f"此处结果应为{wanted[1]}", "wrong_kind")
            return None
        return expression

    def confidence(self, plain: Mapping[str, Any], path: Path, *, needed: bool = False) -> str | None:
        """high, medium or low."""
        return self.one_of(plain, "confidence", CONFIDENCES, path, needed=needed)

    def each(self, raw: Any, path: Path, read: Callable[[Any, Path], T | None], *, empty: bool = True) -> tuple[T, ...]:
        """What could be read of each item of a list."""
        items = [read(item, (*path, at)) for at, item in enumerate(self.sequence(raw, path, empty=empty))]
        return tuple(item for item in items if item is not None)


def _no_day() -> date:
    raise ValueError("not a day")


def write_text(text: Text) -> dict[str, str]:
    """The text as a plain mapping."""
    return {"en": text.en, "zh": text.zh}


def write_amount(value: Fraction) -> int | str:
    """An amount for a file: a whole number, or its digits as text."""
    if value.denominator == 1:
        return value.numerator
    fen = round(value * 100)
    return f"{fen // 100}.{fen % 100:02d}"


def write_rate(value: Fraction) -> str:
    """A rate for a file: 30%."""
    share = value * 100
    if share.denominator == 1:
        return f"{share.numerator}%"
    places, rest = "", share % 1
    while rest and len(places) < 12:
        digit, rest = divmod(rest * 10, 1)
        places += str(digit)
    return f"{share.numerator // share.denominator}.{places}%"
