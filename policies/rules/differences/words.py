"""Parts of a policy file in words, also where they are half-written: what cannot be read is shown as it stands."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from companies.facts import Text, Vocabulary
from policies.rules.benefit_files import read_benefit
from policies.rules.benefit_words import say_benefit
from policies.rules.closed_words import closed_word
from policies.rules.expressions import Compare, Expression
from policies.rules.faults import RuleFault
from policies.rules.numerals import joined, say_number
from policies.rules.parsing import parse_expression
from policies.rules.reading import Reading
from policies.rules.saying import say_expression, say_requirement
from policies.rules.stacking import StackingRule, read_stacking
from policies.rules.windows import Window, read_window

_MOST_SHOWN = 300
_PERIODS = {
    "year": Text("a year", "每年"), "project": Text("a project", "每个项目"), "company": Text("a company", "每家企业"),
    "three_years": Text("in three years", "三年内"), "period": Text("a period", "每个周期"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """Says parts of a policy with the labels of one vocabulary and its lists."""

    vocabulary: Vocabulary
    lists: Mapping[str, Sequence[Mapping[str, Any]]]

    def label(self, name: str, key: Any) -> Text:
        """The label of an entry of a reference list; the key itself when it has none."""
        for entry in self.lists.get(name, ()):
            if entry.get("key") == key:
                return Text(entry["label"]["en"], entry["label"]["zh"])
        return raw(key)

    def labels(self, name: str, keys: Any) -> dict[str, Text]:
        """The labels of a list of keys, by key."""
        return {str(key): self.label(name, key) for key in keys} if isinstance(keys, list) else {}

    def expression(self, text: Any) -> Expression | None:
        """The expression, where it can be read."""
        try:
            return parse_expression(text, self.vocabulary) if isinstance(text, str) else None
        except RuleFault:
            return None

    def criterion(self, text: Any) -> Text:
        """A criterion as a sentence."""
        expression = self.expression(text)
        return raw(text) if expression is None else say_expression(expression, self.vocabulary)

    def demand(self, compare: Compare) -> Text:
        """ "at least 20 people" of "employees >= 20"."""
        said = say_requirement(compare, self.vocabulary)
        return Text(said.en.strip(), said.zh.strip())

    def benefit(self, plain: Any) -> Text | None:
        """What is given."""
        if plain is None:
            return None
        reading = Reading(self.vocabulary, self.lists)
        benefit = read_benefit(plain, (), reading)
        if benefit is None or reading.faults:
            return raw(plain)
        said, note = say_benefit(benefit, self.vocabulary), benefit.terms.note
        return said if note is None else Text(f"{said.en} ({note.en})", f"{said.zh}（{note.zh}）")

    def window(self, plain: Any) -> Text | None:
        """When one can apply."""
        if plain is None:
            return None
        reading = Reading(self.vocabulary, self.lists)
        window = read_window(plain, (), reading)
        return raw(plain) if reading.faults else _say_window(window)

    def stacking(self, plain: Any) -> Text:
        """A stacking rule as a sentence."""
        reading = Reading(self.vocabulary, self.lists)
        rule = read_stacking(plain, (), reading)
        return raw(plain) if rule is None or reading.faults else self._say_stacking(rule)

    def _say_stacking(self, rule: StackingRule) -> Text:
        name = rule.names[0] if rule.names else ""
        named = ", ".join(rule.names)
        per = _PERIODS.get(rule.per or "", Text("", ""))
        match rule.form:
            case "highest_only":
                return Text(f"of the group {name} only the highest counts", f"“{name}”组内就高不重复")
            case "higher_level_first":
                return Text(f"in the group {name} the higher level comes first", f"“{name}”组内上级政策优先")
            case "needs":
                return Text(f"needs {named} first", f"须先取得 {named}")
            case "excludes":
                return Text(f"not together with {named}", f"不与 {named} 同时享受")
            case "one_per_period":
                return Text(f"once {per.en} in the family {name}", f"“{name}”系列{per.zh}一次")
            case "deal_excludes":
                return Text("a case-by-case deal excludes it", "“一事一议”的企业不再享受")
            case "joint_cap":
                amount = say_number(rule.amount or 0, "money")  # type: ignore[arg-type]
                return Text(
                    f"together at most {amount.en} {per.en} in the group {name}",
                    f"“{name}”组{per.zh}合计不超过{amount.zh}",
                )
            case "share_cap":
                share = say_number(rule.share or 0, "ratio")  # type: ignore[arg-type]
                base = Text("", "") if rule.of is None else say_expression(rule.of, self.vocabulary)
                return Text(f"at most {share.en} of {base.en} {per.en}", f"{per.zh}不超过{base.zh}的{share.zh}")
        return rule.said or raw(named)


def raw(plain: Any) -> Text:
    """A value as it stands, cut where it is long."""
    said = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False, sort_keys=True)
    said = said if len(said) <= _MOST_SHOWN else said[:_MOST_SHOWN] + " …"
    return Text(said, said)


def text_of(plain: Any) -> Text | None:
    """A text in both languages, also when only one of them is there."""
    if plain is None:
        return None
    if isinstance(plain, Mapping) and ("en" in plain or "zh" in plain):
        en, zh = (plain.get(language) for language in ("en", "zh"))
        return Text(en if isinstance(en, str) else raw(en).en, zh if isinstance(zh, str) else raw(zh).en)
    return raw(plain)


def word_of(plain: Any) -> Text | None:
    """A key of a closed list in words."""
    return None if plain is None else closed_word(plain) if isinstance(plain, str) else raw(plain)


def _say_window(window: Window) -> Text:
    said = [closed_word(window.kind)]
    for span in window.spans:
        if span.opens:
            said.append(Text(f"from {span.opens}", f"{span.opens}起"))
        if span.closes:
            said.append(Text(f"until {span.closes}", f"至{span.closes}"))
    if window.note is not None:
        said.append(window.note)
    return joined(said, ", ", "，")
