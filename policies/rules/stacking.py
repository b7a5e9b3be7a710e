"""How offers combine: exclusive groups, orders, needs, exclusions, joint caps. Data; the engine resolves it."""

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
from policies.rules.words import best_match

FORMS = (
    "highest_only", "higher_level_first", "needs", "excludes", "one_per_period", "deal_excludes", "joint_cap", "share_cap", "stated",
)  # fmt: skip
PER = ("year", "project", "company")
PERIODS = ("year", "three_years", "once")


@dataclass(frozen=True, slots=True)
class StackingRule:
    """One rule; `form` says which of the other parts it uses."""

    form: str
    group: str | None = None
    """highest_only, higher_level_first, joint_cap: the group; one_per_period: the family."""
    offers: tuple[str, ...] = ()
    """needs, excludes: offers as policy/offer."""
    period: str | None = None
    amount: Fraction | None = None
    per: str | None = None
    of: Expression | None = None
    share: Fraction | None = None
    text: Text | None = None
    marks: Marks = field(default_factory=Marks)


def read_stacking(raw: Any, path: Path, reading: Reading) -> StackingRule | None:
    """The rule, or None where it cannot be read (its faults are noted)."""
    plain = reading.mapping(raw, path)
    if plain is None:
        return None
    forms = [form for form in FORMS if form in plain]
    if len(forms) != 1:
        said = ", ".join(FORMS)
        close = next((word for key in plain if (word := best_match(key, FORMS))), None)
        reading.fault(path, f"exactly one of: {said}", f"须且只能有其中之一：{said}", "wrong_shape", close)
        return None
    (form,) = forms
    reading.only(plain, (form, "clause", "confidence", "source", "note"), path)
    marks, before = read_marks(plain, path, reading), len(reading.faults)
    rule = _read_form(form, plain, path, reading, marks)
    return rule if len(reading.faults) == before else None


def _read_form(form: str, plain: Mapping[str, Any], path: Path, reading: Reading, marks: Marks) -> StackingRule:
    here, raw = (*path, form), plain[form]
    match form:
        case "highest_only" | "higher_level_first":
            return StackingRule(form, group=reading.word(plain, form, path, needed=True), marks=marks)
        case "needs" | "excludes":
            offers = reading.words(plain, form, path)
            for at, offer in enumerate(offers):
                if offer.count("/") != 1:
                    reading.fault((*here, at), "an offer is written policy/offer", "写作 政策/事项", "offer_id")
            return StackingRule(form, offers=offers, marks=marks)
        case "deal_excludes":
            if raw is not True:
                reading.fault(here, "write deal_excludes: true", "请写 deal_excludes: true", "wrong_shape")
            return StackingRule(form, marks=marks)
        case "stated":
            return StackingRule(form, text=reading.both(raw, here), marks=marks)
    block = reading.mapping(raw, here) or {}
    return _read_block(form, block, here, reading, marks)


def _read_block(form: str, block: Mapping[str, Any], path: Path, reading: Reading, marks: Marks) -> StackingRule:
    if form == "one_per_period":
        reading.only(block, ("family", "period"), path)
        family = reading.word(block, "family", path, needed=True)
        return StackingRule(form, group=family, period=reading.one_of(block, "period", PERIODS, path), marks=marks)
    if form == "joint_cap":
        reading.only(block, ("group", "amount", "per"), path)
        group, per = reading.word(block, "group", path, needed=True), reading.one_of(block, "per", PER, path)
        return StackingRule(
            form, group=group, amount=reading.amount(block.get("amount"), (*path, "amount")), per=per, marks=marks
        )
    reading.only(block, ("of", "share", "per"), path)
    of = reading.expression(block.get("of"), (*path, "of"), "number")
    share = reading.rate(block.get("share"), (*path, "share"))
    return StackingRule(form, of=of, share=share, per=reading.one_of(block, "per", PER, path), marks=marks)


def write_stacking(rule: StackingRule) -> dict[str, Any]:
    """The rule as a plain mapping in canonical key order."""
    return {rule.form: _write_form(rule), **write_marks(rule.marks)}


def _write_form(rule: StackingRule) -> Any:
    match rule.form:
        case "highest_only" | "higher_level_first":
            return rule.group
        case "needs" | "excludes":
            return list(rule.offers)
        case "one_per_period":
            return {"family": rule.group, "period": rule.period}
        case "joint_cap":
            return {"amount": write_amount(rule.amount or Fraction(0)), "per": rule.per, "group": rule.group}
        case "share_cap":
            of = "" if rule.of is None else print_expression(rule.of)
            return {"of": of, "share": write_rate(rule.share or Fraction(0)), "per": rule.per}
        case "stated":
            return None if rule.text is None else write_text(rule.text)
    return True
