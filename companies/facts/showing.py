"""Showing an answer to a person, in both languages."""

from datetime import date
from decimal import Decimal
from typing import Any

from companies.facts.certificates import Certificate
from companies.facts.kinds import UNKNOWN, Kind
from companies.facts.vocabulary import Fact
from companies.facts.words import Text

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
# What English counts one of by another word; any other unit stays as the vocabulary has it.
_SINGULAR = {
    "people": "person", "persons": "person", "items": "item", "years": "year", "months": "month", "days": "day",
    "points": "point", "companies": "company",
}  # fmt: skip


def show_value(fact: Fact, value: Any) -> Text:
    """The value in words: “CNY 1.2 million” / “120万元”, “5 %” / “5%”, the labels of choices. Nothing is rounded."""
    if value is UNKNOWN:
        return Text("not known yet", "尚不清楚")
    if isinstance(value, bool):
        return Text("yes", "是") if value else Text("no", "否")
    if isinstance(value, date):
        return show_day(value)
    if fact.kind is Kind.MONEY:
        return show_money(Decimal(value))
    if fact.kind is Kind.RATIO:
        share = _grouped(Decimal(value) * 100)
        return Text(f"{share} %", f"{share}%")
    if isinstance(value, int | Decimal):
        return _with_unit(fact, _grouped(Decimal(value)))
    if fact.kind is Kind.ONE:
        return _label(fact, value)
    if not value:
        return Text("none", "无")
    if fact.kind is Kind.CERTIFICATES:
        return _listed([show_certificate(fact, one) for one in sorted(value, key=Certificate.order)])
    order = {choice.key: at for at, choice in enumerate(fact.choices)}
    return _listed([_label(fact, key) for key in sorted(value, key=lambda key: (order.get(key, len(order)), key))])


def show_day(day: date) -> Text:
    """The day as people write it: 12 March 2024 / 2024年3月12日."""
    return Text(f"{day.day} {_MONTHS[day.month - 1]} {day.year}", f"{day.year}年{day.month}月{day.day}日")


def show_money(amount: Decimal) -> Text:
    """The exact amount: short where few digits say it all (CNY 1.2 million / 120万元), in full otherwise.

    Chinese readers count in 万元, also where it takes more digits: 10,907.5万元 rather than 109,075,000元.
    """
    full = _grouped(amount, places=0 if amount == amount.to_integral_value() else 2)
    en, zh = f"CNY {full}", f"{full}元"
    for size, word in ((10**9, "billion"), (10**6, "million")):
        if abs(amount) >= size:
            short = _short(amount / size)
            en = f"CNY {short} {word}" if short else en
            break
    for size, word, digits in ((10**8, "亿元", 5), (10**4, "万元", 7)):
        if abs(amount) >= size:
            short = _short(amount / size, digits)
            if short:
                zh = f"{short}{word}"
                break
    return Text(en, zh)


def _short(number: Decimal, digits: int = 5) -> str | None:
    shorter = number.normalize()
    exponent = shorter.as_tuple().exponent
    return (
        _grouped(shorter)
        if isinstance(exponent, int) and exponent >= -3 and len(shorter.as_tuple().digits) <= digits
        else None
    )


def _grouped(number: Decimal, places: int | None = None) -> str:
    if places is not None:
        return f"{number:,.{places}f}"
    return f"{number.normalize():,f}" if number else "0"


def _with_unit(fact: Fact, digits: str) -> Text:
    if fact.unit is None:
        return Text(digits, digits)
    unit = _SINGULAR.get(fact.unit.en, fact.unit.en) if digits == "1" else fact.unit.en
    return Text(f"{digits} {unit}", f"{digits}{fact.unit.zh}")


def _label(fact: Fact, key: str) -> Text:
    choice = fact.choice(key)
    return choice.label if choice else Text(key, key)


def show_certificate(fact: Fact, certificate: Certificate) -> Text:
    """The certificate with what is known of its days and number."""
    label = _label(fact, certificate.kind)
    en, zh = [], []
    if certificate.number:
        en.append(f"no. {certificate.number}")
        zh.append(f"编号 {certificate.number}")
    if certificate.issued:
        day = show_day(certificate.issued)
        en.append(f"issued {day.en}")
        zh.append(f"{day.zh}发证")
    if certificate.expires:
        day = show_day(certificate.expires)
        en.append(f"valid until {day.en}")
        zh.append(f"有效期至{day.zh}")
    if not en:
        return label
    return Text(f"{label.en} ({', '.join(en)})", f"{label.zh}（{'，'.join(zh)}）")


def _listed(texts: list[Text]) -> Text:
    return Text("; ".join(text.en for text in texts), "；".join(text.zh for text in texts))
