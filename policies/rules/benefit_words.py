"""Benefits in words: the formula with its caps, years, instalments and assumptions, in both languages."""

from fractions import Fraction

from companies.facts import Text, Vocabulary
from policies.rules import benefits as b
from policies.rules.checking import check_sorts
from policies.rules.expressions import Arithmetic, Expression, Otherwise
from policies.rules.numerals import joined, say_number
from policies.rules.saying import say_expression

_SCOPES = {
    "enterprise": Text("per company", "每家企业"), "project": Text("per project", "每个项目"), "year": Text("per year", "每年"),
    "centre": Text("per centre", "每个中心"), "platform": Text("per platform", "每个平台"), "park": Text("per park", "每个园区"),
    "three_years": Text("over three years", "三年合计"), "unit": Text("per unit", "每台（套）"),
}  # fmt: skip


def say_benefit(benefit: b.Benefit, vocabulary: Vocabulary) -> Text:
    """The benefit as a phrase that a person reads."""
    parts = [_form(benefit, vocabulary), *_limits(benefit)]
    terms = benefit.terms
    if terms.years:
        parts.append(Text(f"each year for up to {terms.years} years", f"按年支持，最长{terms.years}年"))
    if terms.instalments:
        shares = [
            Text(f"{_share(share).en} {when.en}", f"{when.zh}支付{_share(share).zh}")
            for share, when in terms.instalments
        ]
        listed = joined(shares, ", ", "，")
        parts.append(Text(f"paid in instalments: {listed.en}", f"分期支付：{listed.zh}"))
    said = joined(parts, ", ", "，")
    if terms.assumption is not None:
        said = Text(f"{said.en}; assuming: {terms.assumption.en}", f"{said.zh}；测算假设：{terms.assumption.zh}")
    return said


def _limits(benefit: b.Benefit) -> list[Text]:
    limits, found = benefit.limits, []
    scope = Text("", "") if limits.scope is None else _SCOPES[limits.scope]
    if limits.floor is not None:
        floor = _money(limits.floor)
        found.append(Text(f"at least {floor.en}", f"不低于{floor.zh}"))
    if limits.cap is not None:
        cap = _money(limits.cap)
        found.append(Text(f"at most {cap.en} {scope.en}".strip(), f"{scope.zh}最高{cap.zh}"))
    return found


def _form(benefit: b.Benefit, vocabulary: Vocabulary) -> Text:
    match benefit:
        case b.Fixed():
            return _money(benefit.amount)
        case b.UpTo():
            amount, scope = _money(benefit.amount), _SCOPES.get(benefit.limits.scope or "", Text("", ""))
            return Text(
                f"up to {amount.en} {scope.en}".strip() + ", set by evaluation",
                f"{scope.zh}最高{amount.zh}，以评审为准",
            )
        case b.Rate():
            return _rate_of(benefit.rate, benefit.of, vocabulary)
        case b.Matching():
            base = _base(benefit.of, vocabulary)
            share = _share(benefit.rate)
            return Text(f"matches {share.en} of {base.en}", f"按{base.zh}的{share.zh}配套")
        case b.PerUnit():
            amount, base = _money(benefit.amount), _base(benefit.of, vocabulary)
            return Text(f"{amount.en} × {base.en}", f"{amount.zh} × {base.zh}")
        case b.Banded():
            return _steps(benefit.of, benefit.steps, vocabulary)
        case b.Difference():
            steps, less = _steps(benefit.of, benefit.steps, vocabulary), _base(benefit.less, vocabulary)
            return Text(f"{steps.en}, less {less.en}", f"{steps.zh}，扣除{less.zh}")
        case b.ByLevel():
            return _levels(benefit, vocabulary)
        case b.ChooseOne():
            listed = joined([say_benefit(one, vocabulary) for one in benefit.of], "; or ", "；或")
            return Text(f"one of: {listed.en}", f"任选其一：{listed.zh}")
        case b.InKind() | b.ToConfirm():
            return benefit.text
    return _tax(benefit, vocabulary)


def _tax(benefit: b.Benefit, vocabulary: Vocabulary) -> Text:
    match benefit:
        case b.TaxRate():
            usual, reduced, base = _share(benefit.usual), _share(benefit.reduced), _base(benefit.of, vocabulary)
            return Text(
                f"tax at {reduced.en} instead of {usual.en} of {base.en} (estimated saving)",
                f"{base.zh}按{reduced.zh}而非{usual.zh}计税（估算节税额）",
            )
        case b.TaxDeduction():
            extra, at, base = _share(benefit.extra), _share(benefit.at), _base(benefit.of, vocabulary)
            return Text(
                f"another {extra.en} of {base.en} is deducted, worth {at.en} of it in tax (estimated saving)",
                f"{base.zh}再加计扣除{extra.zh}，按{at.zh}税率折算（估算节税额）",
            )
        case b.TaxCredit():
            rate, base = _share(benefit.rate), _base(benefit.of, vocabulary)
            return Text(
                f"{rate.en} of {base.en} is taken off the tax (estimated saving)",
                f"按{base.zh}的{rate.zh}抵减税额（估算节税额）",
            )
        case b.TaxBands():
            parts = [_taxed_part(step) for step in benefit.steps]
            listed, base, at = joined(parts, ", ", "，"), _base(benefit.of, vocabulary), _share(benefit.at)
            return Text(
                f"of {base.en}, {listed.en}, at a tax of {at.en} (estimated saving)",
                f"{base.zh}中{listed.zh}，税率{at.zh}（估算节税额）",
            )
    raise TypeError(f"not a benefit: {benefit!r}")


def _taxed_part(step: b.TaxedPart) -> Text:
    taxed, start = _share(step.taxed), _money(step.start)
    if step.end is None:
        return Text(f"{taxed.en} of what exceeds {start.en} is taxed", f"超过{start.zh}的部分按{taxed.zh}计税")
    end = _money(step.end)
    if step.start == 0:
        return Text(f"{taxed.en} of what is up to {end.en} is taxed", f"不超过{end.zh}的部分按{taxed.zh}计税")
    return Text(f"{taxed.en} from {start.en} to {end.en} is taxed", f"{start.zh}至{end.zh}的部分按{taxed.zh}计税")


def _levels(benefit: b.ByLevel, vocabulary: Vocabulary) -> Text:
    fact = vocabulary.get(benefit.fact)
    lines = []
    for key, grant in benefit.levels:
        choice = fact.choice(key) if fact else None
        label, given = choice.label if choice else Text(key, key), _grant(grant, None, vocabulary)
        lines.append(Text(f"{label.en}: {given.en}", f"{label.zh}：{given.zh}"))
    listed = joined(lines, "; ", "；")
    name = fact.label if fact else Text(benefit.fact, benefit.fact)
    return Text(f"by {name.en}: {listed.en}", f"按{name.zh}分档：{listed.zh}")


def _steps(of: Expression, steps: tuple[tuple[Fraction, b.Grant], ...], vocabulary: Vocabulary) -> Text:
    measure = check_sorts(of, vocabulary).measure
    lines = []
    for start, grant in steps:
        given, line = _grant(grant, of, vocabulary), say_number(start, measure)
        lines.append(Text(f"{given.en} from {line.en}", f"{line.zh}及以上：{given.zh}"))
    listed, base = joined(lines, ", ", "；"), _base(of, vocabulary)
    return Text(f"by {base.en}: {listed.en}", f"按{base.zh}分档：{listed.zh}")


def _grant(grant: b.Grant, of: Expression | None, vocabulary: Vocabulary) -> Text:
    if grant.amount is not None:
        return _money(grant.amount)
    base = grant.of or of
    return _share(grant.rate or Fraction(0)) if base is None else _rate_of(grant.rate or Fraction(0), base, vocabulary)


def _rate_of(rate: Fraction, of: Expression, vocabulary: Vocabulary) -> Text:
    share, base = _share(rate), _base(of, vocabulary)
    return Text(f"{share.en} of {base.en}", f"{base.zh}的{share.zh}")


def _base(of: Expression, vocabulary: Vocabulary) -> Text:
    text = say_expression(of, vocabulary)
    return Text(f"({text.en})", f"（{text.zh}）") if isinstance(of, Arithmetic | Otherwise) else text


def _money(value: Fraction) -> Text:
    return say_number(value, "money")


def _share(value: Fraction) -> Text:
    return say_number(value, "ratio")
