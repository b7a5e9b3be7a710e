"""How offers exclude, cap or need each other, as data; which combination is best is the engine's business."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from companies.facts import Text
from policies.rules.expressions import Expression
from policies.rules.printing import print_expression
from policies.rules.reading import Path, Reading, write_amount, write_rate, write_text
from policies.rules.requirement_files import read_marks, write_marks
from policies.rules.requirements import Marks

FORMS = (
    "highest_only", "higher_level_first", "needs", "excludes", "one_per_period", "deal_excludes", "joint_cap", "share_cap",
    "stated",
)  # fmt: skip
PERIODS = ("year", "project", "company", "three_years", "period")


@dataclass(frozen=True, slots=True)
class StackingRule:
    """One rule: its form, the group or family or offers it names, and a cap or the words of the clause."""

    form: str
    names: tuple[str, ...] = ()
    """The group, the family, or the ids of the offers."""
    per: str | None = None
    amount: Fraction | None = None
    share: Fraction | None = None
    of: Expression | None = None
    said: Text | None = None
    marks: Marks = field(default_factory=Marks)


def read_stacking(raw: Any, path: Path, reading: Reading) -> StackingRule | None:
    """The rule, or None where it could not be read (its faults are noted)."""
    plain = reading.mapping(raw, path)
    if plain is None:
        return None
    forms = [form for form in FORMS if form in plain]
    if len(forms) != 1:
        said = ", ".join(FORMS)
        reading.fault(
            path, f"a stacking rule has exactly one of: {said}", f"叠加规则须且只能有其中之一：{said}", "wrong_shape"
        )
        return None
    (form,) = forms
    reading.only(plain, (form, "clause", "confidence", "source", "note"), path)
    return _read_form(form, plain[form], (*path, form), reading, read_marks(plain, path, reading))


def _read_form(form: str, raw: Any, path: Path, reading: Reading, marks: Marks) -> StackingRule | None:
    match form:
        case "highest_only" | "higher_level_first":
            if isinstance(raw, str) and raw:
                return StackingRule(form, (raw,), marks=marks)
            reading.fault(path, "expected the name of a group here", "此处应为组名", "wrong_shape")
            return None
        case "needs" | "excludes":
            names = reading.words({form: raw}, form, path[:-1])
            return StackingRule(form, names, marks=marks) if names else None
        case "deal_excludes":
            if raw is True:
                return StackingRule(form, marks=marks)
            reading.fault(path, "write true, or leave the line out", "请写 true，或删除此行", "wrong_shape")
            return None
        case "stated":
            said = reading.both(raw, path)
            return None if said is None else StackingRule(form, said=said, marks=marks)
    return _read_block(form, raw, path, reading, marks)


def _read_block(form: str, raw: Any, path: Path, reading: Reading, marks: Marks) -> StackingRule | None:
    plain = reading.mapping(raw, path)
    if plain is None:
        return None
    keys = {
        "one_per_period": ("family", "period"),
        "joint_cap": ("group", "amount", "per"),
        "share_cap": ("of", "share", "per"),
    }[form]
    reading.only(plain, keys, path)
    per = reading.one_of(plain, "period" if form == "one_per_period" else "per", PERIODS, path)
    if form == "one_per_period":
        family = reading.word(plain, "family", path, needed=True)
        return StackingRule(form, (family,), per, marks=marks) if family else None
    if form == "joint_cap":
        group, amount = (
            reading.word(plain, "group", path, needed=True),
            reading.amount(plain.get("amount"), (*path, "amount")),
        )
        return StackingRule(form, (group,), per, amount, marks=marks) if group and amount is not None else None
    of, share = (
        reading.expression(plain.get("of"), (*path, "of"), "number"),
        reading.rate(plain.get("share"), (*path, "share")),
    )
    return None if of is None or share is None else StackingRule(form, (), per, share=share, of=of, marks=marks)


def write_stacking(rule: StackingRule) -> dict[str, Any]:
    """The rule as a plain mapping."""
    return {rule.form: _plain_form(rule), **write_marks(rule.marks)}


def _plain_form(rule: StackingRule) -> str | list[str] | bool | Mapping[str, Any]:
    match rule.form:
        case "needs" | "excludes":
            return list(rule.names)
        case "deal_excludes":
            return True
        case "stated":
            assert rule.said is not None
            return write_text(rule.said)
        case "one_per_period":
            return {"family": rule.names[0], "period": rule.per}
        case "joint_cap":
            return {"group": rule.names[0], "amount": write_amount(rule.amount or Fraction(0)), "per": rule.per}
        case "share_cap":
            assert rule.of is not None
            return {"of": print_expression(rule.of), "share": write_rate(rule.share or Fraction(0)), "per": rule.per}
    return rule.names[0]
