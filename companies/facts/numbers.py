"""Reading numbers the way people type them: 2000万, 3亿, 5％, 1,200,000. Exact, never through a binary fraction."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from companies.facts.words import Text, ValueFault, quoted, typed_text

MOST_DIGITS = 18
"""Digits that a number may have in all, before and after the point."""

# Only full-width forms are made narrow. A wider normalisation would read 10² as 102 and ½ as 12.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20,
    0x2212: 0x2D,
    0xFFE5: 0xA5,
    0xA0: 0x20,
}
_MAGNITUDES = {
    "万亿": 10**12, "亿": 10**8, "千万": 10**7, "百万": 10**6, "十万": 10**5, "万": 10**4, "千": 10**3, "百": 10**2,
    "億": 10**8, "萬": 10**4, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "k": 10**3, "m": 10**6, "mn": 10**6, "bn": 10**9,
}  # fmt: skip
_DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]+(?:_[0-9]+)*)(?:\.[0-9]+)?|\.[0-9]+"
_PART = re.compile(
    rf"({_DIGITS})(?:[eE]([+-]?[0-9]{{1,4}}))?\s*({'|'.join(sorted(_MAGNITUDES, key=len, reverse=True))})?"
)
_CURRENCY_BEFORE = re.compile(r"^(?:cny|rmb|¥|人民币)\s*", re.IGNORECASE)
_CURRENCY_AFTER = re.compile(r"\s*(?:元人民币|人民币元|人民币|元整|元|圆|cny|rmb|yuan)$", re.IGNORECASE)
_FOREIGN = re.compile(r"[$€£₩₽]|美元|美金|欧元|港元|港币|日元|英镑|\b(?:usd|eur|hkd|jpy|gbp)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """A number as read, with the sign of hundredths (%) or thousandths (‰) it was typed with, if any."""

    value: Decimal
    per: int = 1


def read_number(raw: Any, *, units: tuple[str, ...] = (), money: bool = False) -> TypedNumber:
    """The exact number in a JSON value or typed text; `units` are words that may stand after it."""
    if isinstance(raw, bool):
        raise not_a_number(raw)
    if isinstance(raw, int):
        # Counted on the bits first, so that a number of a million digits is never written out.
        if raw.bit_length() > 64:
            raise too_large()
        return TypedNumber(_checked(Decimal(raw)))
    if isinstance(raw, float):
        raw = Decimal(repr(raw))  # the shortest digits that mean this float: 0.1 is 0.1
    if isinstance(raw, Decimal):
        if not raw.is_finite():
            raise not_a_number(raw)
        return TypedNumber(_checked(raw))
    if not isinstance(raw, str):
        raise not_a_number(raw)
    return _read_typed(raw, units, money)


def _read_typed(raw: str, units: tuple[str, ...], money: bool) -> TypedNumber:
    text = typed_text(raw).translate(_NARROW).strip()
    if money and _FOREIGN.search(text):
        raise ValueFault(
            "currency",
            Text(
                "State the amount in CNY, converted at the rate of your accounts.",
                "请按账面汇率折算成人民币填写。",
            ),
        )
    if money:
        text = _CURRENCY_AFTER.sub("", _CURRENCY_BEFORE.sub("", text))
    text = _without_unit(text, units)
    negative = text.startswith("-")
    text = text.removeprefix("-").removeprefix("+").strip()
    if money:
        text = _CURRENCY_BEFORE.sub("", text)
    per = 1000 if text.endswith("‰") else 100 if text.endswith("%") else 1
    if per > 1:
        text = text[:-1].strip()
    value = _sum_of_parts(text, raw)
    # Moving the point needs no rounding: 18 digits divided by 1000 stay exact in a Decimal of 28.
    return TypedNumber(_checked(-value if negative else value) / per, per)


def _without_unit(text: str, units: tuple[str, ...]) -> str:
    for unit in sorted(units, key=len, reverse=True):
        short = text.casefold().removesuffix(unit.casefold())
        if unit and len(short) < len(text):
            return text[: len(short)].strip()
    return text


def _sum_of_parts(text: str, raw: str) -> Decimal:
    """1亿2000万 is the sum of its parts, each part smaller in kind than the one before."""
    total, at, last = Decimal(0), 0, None
    lowered = text.casefold()
    if not lowered:
        raise not_a_number(raw)
    while at < len(lowered):
        part = _PART.match(lowered, at)
        if part is None:
            raise not_a_number(raw)
        digits, exponent, word = part.groups()
        magnitude = _MAGNITUDES[word] if word else 1
        if last is not None and not ((word and 1 < magnitude < last) or (not word and last > 1)):
            raise not_a_number(raw)
        number = Decimal(re.sub("[,_ ]", "", digits))
        if exponent:
            number = _checked(number.scaleb(int(exponent)) if number else number)
        total = _checked(total + _checked(number) * magnitude)
        at, last = part.end(), magnitude
        while lowered[at : at + 1] == " ":
            at += 1
    return total


def _checked(value: Decimal) -> Decimal:
    """The number itself, if it has at most 18 digits in all."""
    if not value:
        return Decimal(0)
    if value.adjusted() >= MOST_DIGITS:
        raise too_large()
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or max(value.adjusted(), 0) + 1 + max(-exponent, 0) > MOST_DIGITS:
        shorter = value.normalize()
        exponent = shorter.as_tuple().exponent
        if not isinstance(exponent, int) or max(value.adjusted(), 0) + 1 + max(-exponent, 0) > MOST_DIGITS:
            raise ValueFault(
                "too_exact",
                Text(
                    f"This number has more than {MOST_DIGITS} digits. Please round it.",
                    f"数字超过 {MOST_DIGITS} 位，请四舍五入后填写。",
                ),
            )
        return shorter
    return value


def too_large() -> ValueFault:
    """The fault of a number beyond 18 digits."""
    return ValueFault(
        "out_of_bounds",
        Text(
            f"This number is too large (more than {MOST_DIGITS} digits). Please check it for a slip of the key.",
            f"数字过大（超过 {MOST_DIGITS} 位），请检查是否输入有误。",
        ),
    )


def not_a_number(raw: object) -> ValueFault:
    """The fault of something that cannot be read as one number."""
    return ValueFault(
        "not_a_number",
        Text(
            f"“{quoted(raw)}” is not a number we can read. Write digits, for example 1200000, 1,200,000 or 120万.",
            f"无法识别数字“{quoted(raw)}”。请用数字填写，例如 1200000、1,200,000、120万或1.2亿。",
        ),
    )


def rounded_to(value: Decimal, places: int) -> Decimal:
    """The number with exactly this many places; refuses to drop digits that matter."""
    shorter = value.normalize()
    exponent = shorter.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        raise ValueFault(
            "too_exact",
            Text(
                f"Please round this to at most {places} decimal places.",
                f"请四舍五入到最多 {places} 位小数。",
            ),
        )
    return shorter.quantize(Decimal(1).scaleb(-places))
