"""Benefits as plain mappings: reading with faults, writing in canonical order."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeVar

from companies.facts import Kind, Text
from policies.rules import benefits as b
from policies.rules.printing import print_expression
from policies.rules.reading import Path, Reading, write_amount, write_rate, write_text
from policies.rules.words import best_match, choice_key

SCOPES = ("enterprise", "project", "year", "centre", "platform", "park", "three_years", "unit")
_FORMS: dict[str, tuple[str, ...]] = {
    "fixed": (), "rate": ("of",), "band": (), "by": (), "per_unit": ("of",), "matching": ("rate",), "difference": (), "up_to": (),
    "tax_rate": (), "tax_deduction": (), "tax_credit": (), "tax_bands": (), "choose_one": (), "in_kind": (), "to_confirm": (),
}  # fmt: skip
_LIMITED = (
    "rate",
    "band",
    "by",
    "per_unit",
    "matching",
    "difference",
    "tax_rate",
    "tax_deduction",
    "tax_credit",
    "tax_bands",
)
_TERMS = ("years", "instalments", "assumption", "note", "clause")
_MOST_DEEP = 3


class _Unread(Exception):
    """A part that is needed could not be read; its fault is noted."""


T = TypeVar("T")


def _needed(value: T | None) -> T:
    if value is None:
        raise _Unread
    return value


def read_benefit(raw: Any, path: Path, reading: Reading, depth: int = 1) -> b.Benefit | None:
    """The benefit, or None where a needed part could not be read (its faults are noted)."""
    plain = reading.mapping(raw, path)
    if plain is None:
        return None
    # A matching award also has a rate, so the form that owns the other key wins.
    forms = [form for form in _FORMS if form in plain and not (form == "rate" and "matching" in plain)]
    if len(forms) != 1 or depth > _MOST_DEEP:
        close = next((word for key in plain if (word := best_match(key, _FORMS))), None)
        said = ", ".join(_FORMS)
        reading.fault(
            path, f"a benefit has exactly one of: {said}", f"支持方式须且只能有其中之一：{said}", "wrong_shape", close
        )
        return None
    (form,) = forms
    limits = ("floor", "cap", "cap_scope") if form in _LIMITED else ("cap_scope",) if form in ("up_to", "fixed") else ()
    reading.only(plain, (form, *_FORMS[form], *limits, *_TERMS), path)
    terms, bounds = _read_terms(plain, path, reading), _read_limits(plain, path, reading)
    try:
        benefit = _Reader(plain, path, reading, depth).read(form)
    except _Unread:
        return None
    return replace(benefit, terms=terms, limits=bounds)


class _Reader:
    """Reads the form of one benefit; every method raises _Unread where a needed part is wrong."""

    def __init__(self, plain: Mapping[str, Any], path: Path, reading: Reading, depth: int) -> None:
        self.plain, self.path, self.reading, self.depth = plain, path, reading, depth

    def read(self, form: str) -> b.Benefit:
        return getattr(self, f"read_{form}")(self.plain[form], (*self.path, form))

    def under(self, plain: Mapping[str, Any], key: str, path: Path) -> Any:
        if plain.get(key) is None:
            self.reading.missing(key, path)
            raise _Unread
        return plain[key]

    def amount(self, raw: Any, path: Path) -> Fraction:
        return _needed(self.reading.amount(raw, path))

    def rate(self, plain: Mapping[str, Any], key: str, path: Path) -> Fraction:
        return _needed(self.reading.rate(self.under(plain, key, path), (*path, key)))

    def number(self, plain: Mapping[str, Any], key: str, path: Path) -> Any:
        return _needed(self.reading.expression(self.under(plain, key, path), (*path, key), "number"))

    def block(self, raw: Any, path: Path, allowed: tuple[str, ...]) -> Mapping[str, Any]:
        plain = _needed(self.reading.mapping(raw, path))
        self.reading.only(plain, allowed, path)
        return plain

    def read_fixed(self, raw: Any, path: Path) -> b.Benefit:
        return b.Fixed(amount=self.amount(raw, path))

    def read_up_to(self, raw: Any, path: Path) -> b.Benefit:
        return b.UpTo(amount=self.amount(raw, path))

    def read_rate(self, raw: Any, path: Path) -> b.Benefit:
        return b.Rate(rate=_needed(self.reading.rate(raw, path)), of=self.number(self.plain, "of", self.path))

    def read_per_unit(self, raw: Any, path: Path) -> b.Benefit:
        return b.PerUnit(amount=self.amount(raw, path), of=self.number(self.plain, "of", self.path))

    def read_matching(self, raw: Any, path: Path) -> b.Benefit:
        of = _needed(self.reading.expression(raw, path, "number"))
        return b.Matching(of=of, rate=self.rate(self.plain, "rate", self.path))

    def read_in_kind(self, raw: Any, path: Path) -> b.Benefit:
        return b.InKind(text=_needed(self.reading.both(raw, path)))

    def read_to_confirm(self, raw: Any, path: Path) -> b.Benefit:
        return b.ToConfirm(text=_needed(self.reading.both(raw, path)))

    def read_choose_one(self, raw: Any, path: Path) -> b.Benefit:
        of = self.reading.each(
            raw, path, lambda item, at: read_benefit(item, at, self.reading, self.depth + 1), empty=False
        )
        return b.ChooseOne(of=of or _needed(None))

    def read_band(self, raw: Any, path: Path) -> b.Benefit:
        block = self.block(raw, path, ("of", "steps"))
        return b.Banded(of=self.number(block, "of", path), steps=self.steps(block, path))

    def read_difference(self, raw: Any, path: Path) -> b.Benefit:
        block = self.block(raw, path, ("of", "steps", "less"))
        less = self.number(block, "less", path)
        return b.Difference(of=self.number(block, "of", path), steps=self.steps(block, path), less=less)

    def steps(self, block: Mapping[str, Any], path: Path) -> tuple[tuple[Fraction, b.Grant], ...]:
        here = (*path, "steps")
        found: list[tuple[Fraction, b.Grant]] = []
        for at, raw in enumerate(self.reading.sequence(self.under(block, "steps", path), here, empty=False)):
            step = self.block(raw, (*here, at), ("from", "amount", "rate", "of"))
            start = _needed(self.reading.number(self.under(step, "from", (*here, at)), (*here, at, "from")))
            if found and start <= found[-1][0]:
                self.reading.fault(
                    (*here, at), "the steps must rise and not overlap", "分段起点须递增且不重叠", "band_order"
                )
            found.append((start, self.grant(step, (*here, at))))
        return tuple(found) or _needed(None)

    def grant(self, plain: Mapping[str, Any], path: Path) -> b.Grant:
        if ("amount" in plain) == ("rate" in plain):
            self.reading.fault(path, "either amount, or rate and of", "须为 amount，或 rate 与 of", "wrong_shape")
            raise _Unread
        if "amount" in plain:
            return b.Grant(amount=self.amount(plain["amount"], (*path, "amount")))
        of = None if plain.get("of") is None else self.number(plain, "of", path)
        return b.Grant(rate=self.rate(plain, "rate", path), of=of)

    def read_by(self, raw: Any, path: Path) -> b.Benefit:
        block = self.block(raw, path, ("fact", "levels"))
        name = str(self.under(block, "fact", path))
        fact = self.reading.vocabulary.resolve(name)
        if fact is None or fact.kind is not Kind.ONE:
            hint = next(iter(self.reading.vocabulary.suggest(name)), None)
            self.reading.fault(
                (*path, "fact"), f"“{name}” is not a one_of fact", f"“{name}”不是单选事实项", "unknown_fact", hint
            )
            raise _Unread
        levels = []
        for key, level in _needed(self.reading.mapping(self.under(block, "levels", path), (*path, "levels"))).items():
            here = (*path, "levels", key)
            if key == "":
                self.reading.fault(here, "choose what this level is for", "请选择该档对应的选项", "unknown_choice")
                raise _Unread
            known = choice_key(fact, key)
            if known is None:
                hint = best_match(key, fact)
                self.reading.fault(
                    here,
                    f"“{key}” is not a choice of {fact.name}",
                    f"“{key}”不是“{fact.label.zh}”的选项",
                    "unknown_choice",
                    hint,
                )
                raise _Unread
            plain = self.block(level, here, ("amount", "rate", "of"))
            grant = self.grant(plain, here)
            if grant.rate is not None and grant.of is None:
                self.reading.missing("of", here)
                raise _Unread
            levels.append((known, grant))
        return b.ByLevel(fact=fact.name, levels=tuple(levels) or _needed(None))

    def read_tax_rate(self, raw: Any, path: Path) -> b.Benefit:
        block = self.block(raw, path, ("from", "to", "of"))
        usual, reduced = self.rate(block, "from", path), self.rate(block, "to", path)
        if reduced >= usual:
            self.reading.fault(
                (*path, "to"), "the reduced rate is not below the usual one", "优惠税率不低于一般税率", "rate"
            )
        return b.TaxRate(usual=usual, reduced=reduced, of=self.number(block, "of", path))

    def read_tax_deduction(self, raw: Any, path: Path) -> b.Benefit:
        block = self.block(raw, path, ("extra", "of", "at"))
        extra, at = self.rate(block, "extra", path), self.rate(block, "at", path)
        return b.TaxDeduction(extra=extra, of=self.number(block, "of", path), at=at)

    def read_tax_credit(self, raw: Any, path: Path) -> b.Benefit:
        block = self.block(raw, path, ("rate", "of"))
        return b.TaxCredit(rate=self.rate(block, "rate", path), of=self.number(block, "of", path))

    def read_tax_bands(self, raw: Any, path: Path) -> b.Benefit:
        block = self.block(raw, path, ("of", "at", "steps", "usual"))
        of, at_rate = self.number(block, "of", path), self.rate(block, "at", path)
        benefit = b.TaxBands(
            of=of, at=at_rate, steps=self.taxed_parts(self.under(block, "steps", path), (*path, "steps"))
        )
        usual = block.get("usual")
        return benefit if usual is None else replace(benefit, usual=self.taxed_parts(usual, (*path, "usual")))

    def taxed_parts(self, raw: Any, path: Path) -> tuple[b.TaxedPart, ...]:
        parts: list[b.TaxedPart] = []
        for at, item in enumerate(self.reading.sequence(raw, path, empty=False)):
            here = (*path, at)
            step = self.block(item, here, ("from", "to", "taxed"))
            start = self.amount(self.under(step, "from", here), (*here, "from"))
            end = None if step.get("to") is None else self.amount(step["to"], (*here, "to"))
            previous = parts[-1].end if parts else Fraction(0)
            if (start != previous and parts) or (end is not None and end <= start):
                self.reading.fault(here, "each part starts where the last one ends", "各段须首尾相接", "band_order")
            parts.append(b.TaxedPart(start, end, self.rate(step, "taxed", here)))
        return tuple(parts) or _needed(None)


def _read_limits(plain: Mapping[str, Any], path: Path, reading: Reading) -> b.Limits:
    floor = None if plain.get("floor") is None else reading.amount(plain["floor"], (*path, "floor"))
    cap = None if plain.get("cap") is None else reading.amount(plain["cap"], (*path, "cap"))
    scope = reading.one_of(plain, "cap_scope", SCOPES, path, needed=False)
    if floor is not None and cap is not None and floor > cap:
        reading.fault((*path, "floor"), "the floor is above the cap", "下限高于上限", "limits")
    return b.Limits(floor, cap, scope)


def _read_terms(plain: Mapping[str, Any], path: Path, reading: Reading) -> b.Terms:
    years = None if plain.get("years") is None else reading.whole(plain["years"], (*path, "years"), 1, 50)
    here = (*path, "instalments")
    instalments: list[tuple[Fraction, Text]] = []
    for at, raw in enumerate(reading.sequence(plain.get("instalments") or [], here)):
        item = reading.mapping(raw, (*here, at))
        if item is None:
            continue
        reading.only(item, ("share", "when"), (*here, at))
        share, when = (
            reading.rate(item.get("share"), (*here, at, "share")),
            reading.text(item, "when", (*here, at), needed=True),
        )
        if share is not None and when is not None:
            instalments.append((share, when))
    if instalments and sum(share for share, _ in instalments) != 1:
        reading.fault(here, "the instalments do not add up to 100%", "各期比例之和不是 100%", "instalments")
    return b.Terms(
        years, tuple(instalments), reading.text(plain, "assumption", path), reading.text(plain, "note", path),
        reading.word(plain, "clause", path),
    )  # fmt: skip


def write_benefit(benefit: b.Benefit) -> dict[str, Any]:
    """The benefit as a plain mapping in canonical key order."""
    plain = _write_form(benefit)
    limits, terms = benefit.limits, benefit.terms
    if limits.floor is not None:
        plain["floor"] = write_amount(limits.floor)
    if limits.cap is not None:
        plain["cap"] = write_amount(limits.cap)
    if limits.scope is not None:
        plain["cap_scope"] = limits.scope
    if terms.years is not None:
        plain["years"] = terms.years
    if terms.instalments:
        plain["instalments"] = [
            {"share": write_rate(share), "when": write_text(when)} for share, when in terms.instalments
        ]
    if terms.assumption is not None:
        plain["assumption"] = write_text(terms.assumption)
    if terms.note is not None:
        plain["note"] = write_text(terms.note)
    if terms.clause is not None:
        plain["clause"] = terms.clause
    return plain


def _write_form(benefit: b.Benefit) -> dict[str, Any]:
    show = print_expression
    match benefit:
        case b.Fixed():
            return {"fixed": write_amount(benefit.amount)}
        case b.Rate():
            return {"rate": write_rate(benefit.rate), "of": show(benefit.of)}
        case b.Banded():
            return {"band": {"of": show(benefit.of), "steps": _write_steps(benefit.steps)}}
        case b.ByLevel():
            return {"by": {"fact": benefit.fact, "levels": {key: _write_grant(grant) for key, grant in benefit.levels}}}
        case b.PerUnit():
            return {"per_unit": write_amount(benefit.amount), "of": show(benefit.of)}
        case b.Matching():
            return {"matching": show(benefit.of), "rate": write_rate(benefit.rate)}
        case b.Difference():
            steps = _write_steps(benefit.steps)
            return {"difference": {"of": show(benefit.of), "steps": steps, "less": show(benefit.less)}}
        case b.UpTo():
            return {"up_to": write_amount(benefit.amount)}
        case b.ChooseOne():
            return {"choose_one": [write_benefit(one) for one in benefit.of]}
        case b.InKind():
            return {"in_kind": write_text(benefit.text)}
        case b.ToConfirm():
            return {"to_confirm": write_text(benefit.text)}
    return _write_tax(benefit)


def _write_tax(benefit: b.Benefit) -> dict[str, Any]:
    show = print_expression
    match benefit:
        case b.TaxRate():
            return {
                "tax_rate": {
                    "from": write_rate(benefit.usual),
                    "to": write_rate(benefit.reduced),
                    "of": show(benefit.of),
                }
            }
        case b.TaxDeduction():
            return {
                "tax_deduction": {
                    "extra": write_rate(benefit.extra),
                    "of": show(benefit.of),
                    "at": write_rate(benefit.at),
                }
            }
        case b.TaxCredit():
            return {"tax_credit": {"rate": write_rate(benefit.rate), "of": show(benefit.of)}}
        case b.TaxBands():
            plain = {"of": show(benefit.of), "at": write_rate(benefit.at), "steps": _write_parts(benefit.steps)}
            if benefit.usual != b.TaxBands.__dataclass_fields__["usual"].default:
                plain["usual"] = _write_parts(benefit.usual)
            return {"tax_bands": plain}
    raise TypeError(f"not a benefit: {benefit!r}")


def _write_grant(grant: b.Grant) -> dict[str, Any]:
    if grant.amount is not None:
        return {"amount": write_amount(grant.amount)}
    of = {} if grant.of is None else {"of": print_expression(grant.of)}
    return {"rate": write_rate(grant.rate or Fraction(0)), **of}


def _write_steps(steps: tuple[tuple[Fraction, b.Grant], ...]) -> list[dict[str, Any]]:
    return [{"from": write_amount(start), **_write_grant(grant)} for start, grant in steps]


def _write_parts(parts: tuple[b.TaxedPart, ...]) -> list[dict[str, Any]]:
    return [
        {"from": write_amount(part.start)}
        | ({} if part.end is None else {"to": write_amount(part.end)})
        | {"taxed": write_rate(part.taxed)}
        for part in parts
    ]
