"""Reading answers that are chosen from a list: one, many, and the certificates held."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from companies.facts.certificates import Certificate
from companies.facts.days import read_day
from companies.facts.vocabulary import Choice, Fact
from companies.facts.words import Text, ValueFault, folded, nearest, quoted, typed_text

MOST_CHOSEN = 500
"""Entries that one answer may have."""
LONGEST_NUMBER = 100
"""Characters that the number of a certificate may have."""
_NONE = frozenset({"none", "no", "无", "没有", "none of these", "以上都没有", "以上均无", "[]"})
_BETWEEN = re.compile(r"[、,，;；|\n]")
_CERTIFICATE_PARTS = ("kind", "issued", "expires", "number")


def find_choice(fact: Fact, raw: Any) -> Choice | None:
    """The choice named by a key, a label or an alias; a number also finds a key with leading zeros."""
    found = fact.choice_called(str(raw))
    if found is None and isinstance(raw, int) and not isinstance(raw, bool):
        return next((c for c in fact.choices if c.key.isascii() and c.key.isdigit() and int(c.key) == raw), None)
    return found


def chosen_one(fact: Fact, raw: Any, path: tuple[str | int, ...] = ()) -> str:
    """The key of the one choice meant."""
    if isinstance(raw, str):
        raw = typed_text(raw)
    elif isinstance(raw, bool) or not isinstance(raw, int) or raw.bit_length() > 64:
        raise ValueFault(
            "not_a_choice",
            Text("Please choose one answer from the list.", "请从列表中选择一项。"),
            path,
        )
    choice = find_choice(fact, raw)
    if choice is None:
        raise _unknown_choice(fact, raw, path)
    return choice.key


def _unknown_choice(fact: Fact, raw: Any, path: tuple[str | int, ...]) -> ValueFault:
    labels = {text: choice for choice in fact.choices for text in (choice.label.zh, choice.label.en, choice.key)}
    close = nearest(str(raw), labels, count=1)
    en = f"“{quoted(raw)}” is not one of the answers to “{fact.label.en}”."
    zh = f"“{quoted(raw)}”不是“{fact.label.zh}”的选项。"
    if close:
        label = labels[close[0]].label
        return ValueFault(
            "unknown_choice", Text(f"{en} Did you mean “{label.en}”?", f"{zh}您是否想选“{label.zh}”？"), path
        )
    return ValueFault("unknown_choice", Text(f"{en} Please choose from the list.", f"{zh}请从列表中选择。"), path)


def chosen_many(fact: Fact, raw: Any) -> frozenset[str]:
    """The keys of the choices meant; an empty list or “none” is the empty set."""
    if isinstance(raw, str):
        text = typed_text(raw)
        whole = find_choice(fact, text)
        if whole is not None:
            return frozenset({whole.key})
        if folded(text) in _NONE:
            return frozenset()
        raw = [word for word in _BETWEEN.split(text) if word.strip()]
    if isinstance(raw, list | tuple | set | frozenset):
        _refuse_too_many(len(raw))
        return frozenset(chosen_one(fact, word, (at,)) for at, word in enumerate(raw))
    raise ValueFault("not_a_list", Text("Please give a list of answers.", "请填写一个选项列表。"))


def _refuse_too_many(count: int) -> None:
    if count > MOST_CHOSEN:
        raise ValueFault(
            "too_many",
            Text(
                f"These are {count:,} entries; at most {MOST_CHOSEN} fit here.",
                f"共 {count:,} 项，此处最多 {MOST_CHOSEN} 项。",
            ),
        )


def chosen_certificates(fact: Fact, raw: Any) -> frozenset[Certificate]:
    """The certificates held; each as a kind, or as kind, issued, expires and number. The list counts as complete."""
    if isinstance(raw, str):
        raw = chosen_many(fact, raw)
    if not isinstance(raw, list | tuple | set | frozenset):
        raise ValueFault("not_a_list", Text("Please give a list of certificates.", "请填写证书列表。"))
    _refuse_too_many(len(raw))
    held: list[Certificate] = []
    for at, row in enumerate(raw):
        certificate = _read_certificate(fact, row, at)
        for before, other in enumerate(held):
            if certificate.repeats(other):
                raise _repeated(fact, certificate, at, before)
        held.append(certificate)
    return frozenset(held)


def _read_certificate(fact: Fact, row: Any, at: int) -> Certificate:
    if isinstance(row, Certificate):
        row = row.to_plain()
    if isinstance(row, str):
        row = {"kind": row}
    if not isinstance(row, Mapping):
        raise ValueFault("not_a_certificate", Text("Please give the kind of certificate.", "请填写证书类型。"), (at,))
    for part in row:
        if part not in _CERTIFICATE_PARTS:
            raise ValueFault(
                "unknown_part",
                Text(f"A certificate has no “{quoted(part)}”; it has kind, issued, expires and number.",
                     f"证书没有“{quoted(part)}”一项；可填 kind、issued、expires、number。"),
                (at,),
            )  # fmt: skip
    if _is_blank(row.get("kind")):
        raise ValueFault("no_kind", Text("Please choose which certificate this is.", "请选择证书类型。"), (at, "kind"))
    kind = chosen_one(fact, row["kind"], (at, "kind"))
    issued, expires = (_optional_day(row.get(part), (at, part)) for part in ("issued", "expires"))
    if issued and expires and expires < issued:
        raise ValueFault(
            "days_contradict",
            Text(
                "This certificate would end before it was issued. Please check both days.",
                "到期日早于发证日，请检查这两个日期。",
            ),
            (at, "expires"),
        )
    return Certificate(kind, issued, expires, _optional_number(row.get("number"), (at, "number")))


def _is_blank(raw: Any) -> bool:
    return raw is None or (isinstance(raw, str) and not raw.strip())


def _optional_day(raw: Any, path: tuple[str | int, ...]) -> date | None:
    if _is_blank(raw):
        return None
    try:
        return read_day(raw)
    except ValueFault as fault:
        raise ValueFault(fault.code, fault.message, path) from None


def _optional_number(raw: Any, path: tuple[str | int, ...]) -> str | None:
    if _is_blank(raw):
        return None
    if isinstance(raw, int) and not isinstance(raw, bool) and raw.bit_length() <= 256:
        raw = str(raw)
    if not isinstance(raw, str):
        raise ValueFault("not_text", Text("Please write the number as text.", "请以文本填写编号。"), path)
    try:
        return typed_text(raw, LONGEST_NUMBER) or None
    except ValueFault as fault:
        raise ValueFault(fault.code, fault.message, path) from None


def _repeated(fact: Fact, certificate: Certificate, at: int, before: int) -> ValueFault:
    choice = fact.choice(certificate.kind)
    label = choice.label if choice else Text(certificate.kind, certificate.kind)
    return ValueFault(
        "duplicate_certificate",
        Text(f"“{label.en}” is listed twice (rows {before + 1} and {at + 1}). Remove one, or give both days of issue.",
             f"“{label.zh}”重复填写（第 {before + 1} 行和第 {at + 1} 行）。请删除其中一行，或分别填写发证日。"),
        (at, "kind"),
    )  # fmt: skip
