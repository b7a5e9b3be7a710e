"""What a combination says to people: why an offer is left out, what a cap cuts, what the choice depends on."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from companies.facts import Text, Vocabulary, show_money
from matching.engine.bundles.building import CapSource
from policies.rules import OfferText, say_clause, say_expression
from policies.rules.numerals import joined, say_number
from policies.rules.stacking import StackingRule

_PER = {
    "year": Text("in one year", "每年"),
    "three_years": Text("in three years", "三年内"),
    "project": Text("for one project", "每个项目"),
    "company": Text("for one company", "每家企业"),
    "period": Text("in one period", "同一期间"),
}
_FAMILY_PER = {
    "year": Text("a year", "每年"),
    "three_years": Text("in three years", "三年内"),
    "project": Text("for a project", "同一项目"),
    "company": Text("for a company", "同一企业"),
    "period": Text("in a period", "同一期间"),
}

BOTH_NATURES = Text(
    "Cash and estimated tax savings both count when combinations are compared; their sums stand apart.",
    "比较组合时，现金与估算节税额均计入；合计分别列示。",
)
INSTALMENTS = Text(
    "Instalments are taken as one a year, from the year in which the offer is granted.",
    "分期支付按自获批当年起每年一期计算。",
)
ONE_PROJECT = Text(
    "Caps per project are taken for one project.",
    "按项目计算的上限，均按一个项目测算。",
)


def money(fen: int) -> Text:
    """An amount in fen as people say it."""
    return show_money(Decimal(fen) / 100)


def title(offer: OfferText) -> Text:
    """The offer's title in quotes."""
    return Text(f"“{offer.title.en}”", f"“{offer.title.zh}”")


def titles(offers: Mapping[str, OfferText], names: Sequence[str]) -> Text:
    """Several titles, one after another; an offer that is not known here keeps its id."""
    said = [title(offers[name]) if name in offers else Text(f"“{name}”", f"“{name}”") for name in names]
    if len(said) > 1:
        last = said.pop()
        first = joined(said, ", ", "、")
        return Text(f"{first.en} and {last.en}", f"{first.zh}和{last.zh}")
    return joined(said, ", ", "、")


def cited(said: Text, rule: StackingRule | None) -> Text:
    """The sentence with the clause of its rule, and a full stop."""
    clause = None if rule is None else say_clause(rule.marks.clause)
    if clause is None:
        return Text(f"{said.en}.", f"{said.zh}。")
    return Text(f"{said.en} ({clause.en}).", f"{said.zh}（{clause.zh}）。")


def say_left_out(code: str, own: Text, others: Text, rule: StackingRule | None) -> Text:
    """Why one offer is not in the combination."""
    per = _FAMILY_PER.get((rule.per if rule else None) or "period", _FAMILY_PER["period"])
    said = {
        "highest_only": Text(
            f"{own.en} gives way to {others.en}: of these offers only one, the highest, counts",
            f"{own.zh}让位于{others.zh}：这些事项从高不重复，只能享受一项",
        ),
        "one_per_period": Text(
            f"{own.en} gives way to {others.en}: only one of its kind counts {per.en}",
            f"{own.zh}让位于{others.zh}：{per.zh}只能享受同类中的一项",
        ),
        "excludes": Text(
            f"{own.en} gives way to {others.en}: the two cannot be used together",
            f"{own.zh}让位于{others.zh}：两者不得同时享受",
        ),
        "needs": Text(
            f"{own.en} needs {others.en}, which is left out",
            f"{own.zh}须以{others.zh}为前提，而后者未列入",
        ),
        "needs_absent": Text(
            f"{own.en} needs {others.en}, which is not among the offers counted here",
            f"{own.zh}须以{others.zh}为前提，而后者不在此次计入的事项中",
        ),
        "needs_clash": Text(
            f"{own.en} needs {others.en}, and these do not go together",
            f"{own.zh}须以{others.zh}为前提，而这些事项不能同时享受",
        ),
        "higher_level_first": Text(
            f"{own.en} stands back behind {others.en}: within one class the award of the higher level comes first",
            f"{own.zh}让位于{others.zh}：同类政策按上级奖励执行",
        ),
        "deal": Text(
            f"{own.en} is not open to a company that has a case-by-case agreement with the district",
            f"已享受“一事一议”的企业不能同时享受{own.zh}",
        ),
    }[code]
    return cited(said, rule)


def say_cap(source: CapSource, offers: Mapping[str, OfferText], names: Sequence[str], vocabulary: Vocabulary) -> Text:
    """What a cap allows these offers together."""
    rule = source.rule
    per, listed = _PER.get(rule.per or "company", _PER["company"]), titles(offers, names)
    if rule.of is not None:
        share, base = say_number(rule.share or Fraction(1), "ratio"), say_expression(rule.of, vocabulary)
        most = Text(f"{share.en} of {base.en}", f"{base.zh}的{share.zh}")
    else:
        most = say_number(rule.amount or Fraction(0), "money")
    pay = Text("together pay", "合计") if len(names) > 1 else Text("pays", "")
    return cited(
        Text(f"{listed.en} {pay.en} at most {most.en} {per.en}", f"{listed.zh}{per.zh}{pay.zh}最高{most.zh}"), rule
    )


def say_rival(own: Text, instead: Text, ends: Sequence[int], unknown: Text | None) -> Text:
    """From what amount on an offer whose amount is not known would be the better choice."""
    lowest, highest = money(min(ends)), money(max(ends))
    if min(ends) == max(ends):
        line = Text(f"more than {lowest.en}", f"超过{lowest.zh}")
    else:
        line = Text(
            f"more than {highest.en} (perhaps already more than {lowest.en}, depending on the other amounts)",
            f"超过{highest.zh}（视其他金额，超过{lowest.zh}也可能足够）",
        )
    if max(ends) == 0:
        line = Text("anything", "任何金额")
    if unknown is not None:
        more = Text(f"more than {unknown.en}, whose amount is not known either", f"高于金额同样未知的{unknown.zh}")
        line = more if max(ends) == 0 else Text(f"{line.en} and {more.en}", f"{line.zh}且{more.zh}")
    return Text(
        f"The amount of {own.en} is not known: should it give {line.en}, it is the better choice instead of {instead.en}.",
        f"{own.zh}的金额未知：若{line.zh}，则应选择它而不选{instead.zh}。",
    )


def say_in_kind(own: Text, instead: Text) -> Text:
    """That something other than money was left out for money, which nobody can weigh for the company."""
    return Text(
        f"{own.en} is not money and cannot be weighed here against {instead.en}: which of them to take is for you to judge.",
        f"{own.zh}不是资金，无法在此与{instead.zh}按金额比较，请自行权衡取舍。",
    )
