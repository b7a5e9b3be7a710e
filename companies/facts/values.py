"""Reading and writing one answer: from JSON, YAML or typed text to a value, and back to canonical JSON."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeAlias, TypeVar

from companies.facts.certificates import Certificate
from companies.facts.choosing import chosen_certificates, chosen_many, chosen_one
from companies.facts.days import read_day
from companies.facts.kinds import UNKNOWN, Kind, Unknown
from companies.facts.numbers import read_number, rounded_to
from companies.facts.showing import show_value
from companies.facts.vocabulary import Fact
from companies.facts.words import Text, ValueFault, folded, quoted, typed_text

Value: TypeAlias = bool | int | Decimal | date | str | frozenset[str] | frozenset[Certificate]
Bounded = TypeVar("Bounded", Decimal, date)

_YES = frozenset({"yes", "y", "true", "1", "是", "有", "对", "是的", "已", "√", "✓"})
_NO = frozenset({"no", "n", "false", "0", "否", "无", "没有", "不是", "未", "×", "不"})
_NOT_KNOWN = frozenset(
    {
        "unknown",
        "i don't know yet",
        "i don’t know yet",
        "don't know",
        "not known",
        "不知道",
        "不清楚",
        "暂不清楚",
        "未知",
    }
)
_PLACES = {Kind.MONEY: 2, Kind.NUMBER: 6, Kind.RATIO: 6}
# Words that people write after a count, whatever the fact's own unit is.
_COUNTERS = ("people", "persons", "person", "人", "名", "个", "项", "件", "家", "年", "次", "years", "year")


def read_value(fact: Fact, raw: Any) -> Value | Literal[Unknown.UNKNOWN]:
    """The value that a JSON or YAML value, or typed text, gives this fact; raises ValueFault.

    None, blank text and words such as “不清楚” are UNKNOWN. An empty list is the answer “none”.
    """
    if raw is None:
        return UNKNOWN
    if isinstance(raw, str) and len(raw) <= 100:
        said = folded(raw)
        if not said or (said in _NOT_KNOWN and not _names_a_choice(fact, said)):
            return UNKNOWN
    match fact.kind:
        case Kind.YES_NO:
            return _read_yes_no(raw)
        case Kind.WHOLE:
            return _read_whole(fact, raw)
        case Kind.NUMBER | Kind.MONEY | Kind.RATIO:
            return _read_decimal(fact, raw)
        case Kind.DAY:
            return _in_bounds(fact, read_day(raw))
        case Kind.ONE:
            return chosen_one(fact, raw)
        case Kind.MANY:
            return chosen_many(fact, raw)
        case Kind.CERTIFICATES:
            return chosen_certificates(fact, raw)


def _names_a_choice(fact: Fact, said: str) -> bool:
    return any(said in map(folded, (choice.key, choice.label.en, choice.label.zh)) for choice in fact.choices)


def _read_yes_no(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    said = (
        folded(typed_text(raw)) if isinstance(raw, str) else str(raw) if isinstance(raw, int) and raw in (0, 1) else ""
    )
    if said in _YES:
        return True
    if said in _NO:
        return False
    raise ValueFault(
        "not_yes_or_no",
        Text(
            f"“{quoted(raw)}” is neither yes nor no. Please answer yes or no.",
            f"“{quoted(raw)}”不是“是”或“否”，请选择是或否。",
        ),
    )


def _units(fact: Fact) -> tuple[str, ...]:
    own = (fact.unit.en, fact.unit.zh) if fact.unit else ()
    return own + _COUNTERS if fact.kind is Kind.WHOLE else own


def _read_whole(fact: Fact, raw: Any) -> int:
    typed = read_number(raw, units=_units(fact))
    _refuse_share(typed.per)
    if typed.value != typed.value.to_integral_value():
        raise ValueFault("not_whole", Text("Please give a whole number, without decimals.", "请填写整数，不要带小数。"))
    return int(_in_bounds(fact, typed.value))


def _read_decimal(fact: Fact, raw: Any) -> Decimal:
    typed = read_number(raw, units=_units(fact), money=fact.kind is Kind.MONEY)
    if fact.kind is not Kind.RATIO:
        _refuse_share(typed.per)
    return rounded_to(_in_bounds(fact, typed.value), _PLACES[fact.kind])


def _refuse_share(per: int) -> None:
    if per > 1:
        raise ValueFault(
            "share_not_asked",
            Text(
                "A percentage does not fit here. Please give the number itself.",
                "此处不能填百分比，请填写具体数值。",
            ),
        )


def _in_bounds(fact: Fact, value: Bounded) -> Bounded:
    """The value itself, if it lies within the fact's bounds."""
    low, high = fact.minimum, fact.maximum
    if low is not None and value < low:  # type: ignore[operator]
        at = show_value(fact, low)
        hint = Text(f"This must be at least {at.en}. Please check it.", f"此项不能小于{at.zh}，请检查。")
        raise ValueFault("out_of_bounds", hint)
    if high is not None and value > high:  # type: ignore[operator]
        at = show_value(fact, high)
        en, zh = f"This must be at most {at.en}. Please check it.", f"此项不能大于{at.zh}，请检查。"
        if fact.kind is Kind.RATIO:
            en, zh = en + " Write 5% or 0.05 for five percent.", zh + "百分之五请写成 5% 或 0.05。"
        raise ValueFault("out_of_bounds", Text(en, zh))
    return value


def write_value(fact: Fact, value: Value | Literal[Unknown.UNKNOWN]) -> Any:
    """The value as canonical JSON: exact decimals as text, ISO days, keys and certificates in sorted order."""
    if value is UNKNOWN:
        return None
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return written_decimal(value, _PLACES[fact.kind])
    if isinstance(value, date):
        return value.isoformat()
    if fact.kind is Kind.CERTIFICATES:
        held = sorted((one for one in value if isinstance(one, Certificate)), key=Certificate.order)
        return [certificate.to_plain() for certificate in held]
    return sorted(str(key) for key in value)


def written_decimal(value: Decimal, places: int) -> str:
    """The digits of a number without exponent: money always with two places, others without idle zeros."""
    if places == 2:
        return format(value.quantize(Decimal("0.01")), "f")
    return format(value.normalize(), "f") if value else "0"


def typed_value(fact: Fact, value: Value | Literal[Unknown.UNKNOWN]) -> str:
    """The value as a person would type it into a text field, for editing; reads back as the same value."""
    if value is UNKNOWN:
        return ""
    if isinstance(value, Decimal) and fact.kind is Kind.RATIO:
        return written_decimal(value * 100, 6) + "%"
    if isinstance(value, Decimal):
        return written_decimal(value, 6)
    written = write_value(fact, value)
    return "、".join(written) if isinstance(written, list) and fact.kind is Kind.MANY else str(written)
