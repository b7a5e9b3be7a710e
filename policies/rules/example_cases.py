"""Example cases of a policy, as they stand in its file: what each knows of its company, and what comes out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from companies.facts import Profile, Text, Value, Vocabulary, read_profile, show_money
from policies.rules.amounts import Amount
from policies.rules.closed_words import VERDICT_WORDS
from policies.rules.documents import OfferText
from policies.rules.faults import Fault
from policies.rules.findings import OfferFinding, evaluate_offer
from policies.rules.situation import Situation

Case = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseRead:
    """The company and the day of a case (None where they cannot be made out), and what is wrong with it.

    The paths of the faults begin at the case.
    """

    profile: Profile | None
    day: date | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes out of one offer in a case, beside what the case expects (None: it says nothing about it)."""

    offer: OfferText
    finding: OfferFinding
    verdict: str | None
    amount: str | None

    @property
    def is_tested(self) -> bool:
        """Whether the case expects anything of this offer."""
        return self.verdict is not None or self.amount is not None

    @property
    def verdict_fits(self) -> bool:
        """Whether the verdict is as expected, where one is."""
        return self.verdict is None or self.verdict == self.finding.verdict.value

    @property
    def amount_fits(self) -> bool:
        """Whether the amount is as expected, where one is."""
        return self.amount is None or amounts_agree(self.amount, written_amount(self.finding.amount))

    def why(self, vocabulary: Vocabulary) -> Text | None:
        """Why it came out so: the reasons of a no, else what is not known; None where there is nothing to say."""
        finding = self.finding
        if finding.error is not None:
            return Text(finding.error, finding.error)
        if finding.reasons:
            sentences = [reason.sentence for reason in finding.reasons]
            return Text("; ".join(one.en for one in sentences), "；".join(one.zh for one in sentences))
        labels = [fact.label for fact in map(vocabulary.get, finding.missing) if fact is not None]
        if not labels:
            return None
        en, zh = ", ".join(label.en for label in labels), "、".join(label.zh for label in labels)
        return Text(f"not known: {en}", f"尚不清楚：{zh}")


def case_has_shape(case: Case) -> bool:
    """Whether `like`, `facts` and `forget` are what they should be, or not there."""
    forget = case.get("forget") or []
    return (
        isinstance(case.get("like"), str | None)
        and isinstance(case.get("facts"), dict | None)
        and isinstance(forget, list)
        and all(isinstance(name, str) for name in forget)
    )


def case_facts(case: Case, cases: Mapping[str, Case], _seen: frozenset[str] = frozenset()) -> dict[str, Any] | None:
    """The facts of a case on top of those of the case it is like, less what it forgets; None where `like` leads nowhere."""
    if not case_has_shape(case):
        return None
    facts: dict[str, Any] = {}
    like = case.get("like")
    if like is not None:
        if like in _seen or like not in cases or like == case.get("case"):
            return None
        inherited = case_facts(cases[like], cases, _seen | {like})
        if inherited is None:
            return None
        facts = inherited
    facts = {**facts, **(case.get("facts") or {})}
    for name in case.get("forget") or []:
        facts.pop(name, None)
    return facts


def listed_cases(content: Mapping[str, Any]) -> list[Any]:
    """What stands in the list of cases of a draft, whatever it is; nothing where there is no list."""
    cases = content.get("cases")
    return cases if isinstance(cases, list) else []


def named_cases(cases: Iterable[Any]) -> dict[str, Case]:
    """The cases of a policy by name, as `like` finds them."""
    return {str(case.get("case")): case for case in cases if isinstance(case, Mapping)}


def read_case(case: Case, cases: Mapping[str, Case], vocabulary: Vocabulary) -> CaseRead:
    """What a case knows of its company, and as of which day."""
    faults: list[Fault] = []
    if not case_has_shape(case):
        said = Text(
            "`like` is the name of a case, `facts` a mapping, `forget` a list of facts",
            "like 应为案例名，facts 应为映射，forget 应为事实项列表",
        )
        return CaseRead(None, None, (Fault((), said, "wrong-shape"),))
    try:
        day = date.fromisoformat(str(case.get("day")))
    except ValueError:
        said = Text(f"“{case.get('day')}” is not a day", f"“{case.get('day')}”不是日期")
        return CaseRead(None, None, (Fault(("day",), said, "bad-day", "'2026-11-24'"),))
    facts = case_facts(case, cases)
    if facts is None:
        said = Text(f"“{case.get('like')}” is not another case", f"没有其他案例“{case.get('like')}”")
        return CaseRead(None, day, (Fault(("like",), said, "unknown-case"),))
    profile, unread = read_profile(vocabulary, facts)
    for fault in unread:
        where = ("facts", fault.name) if fault.name in (case.get("facts") or {}) else ()
        code = "unknown-fact" if vocabulary.resolve(fault.name) is None else "bad-value"
        faults.append(Fault(where, fault.message, code))
    return CaseRead(profile, day, tuple(faults))


def outcomes_of(case: Case, offers: Iterable[OfferText], situation: Situation) -> list[Outcome]:
    """What comes out of each offer for the company of the case, beside what the case expects."""
    expected, amounts = _block(case, "expect"), _block(case, "amounts")
    return [
        Outcome(
            offer,
            evaluate_offer(offer, situation),
            str(expected[offer.key]) if offer.key in expected else None,
            str(amounts[offer.key]) if offer.key in amounts else None,
        )
        for offer in offers
    ]


def _block(case: Case, name: str) -> Mapping[str, Any]:
    block = case.get(name)
    return block if isinstance(block, Mapping) else {}


def known_companies(cases: Iterable[Case], offer: str, vocabulary: Vocabulary) -> list[dict[str, Value]]:
    """What the cases know of companies for which the offer comes out well, as values."""
    by_name = {str(case.get("case")): case for case in cases}
    found = []
    for case in by_name.values():
        expected = case.get("expect")
        if isinstance(expected, Mapping) and expected.get(offer) in ("eligible", "needs_review", "not_modelled"):
            profile, _faults = read_profile(vocabulary, case_facts(case, by_name) or {})
            found.append({name: answer.value for name, answer in profile.answers.items()})
    return found


def written_amount(amount: Amount) -> str:
    """The amount as a case writes it down: "500000.00", "up_to 100.00", "1.00..2.00", "to_confirm"."""
    match amount.status:
        case "to_confirm" | "in_kind":
            return amount.status
        case "exact":
            return f"{amount.low}"
        case "up_to":
            return f"up_to {amount.high}"
        case "at_least":
            return f"at_least {amount.low}"
    return f"{amount.low}..{amount.high}"


def amounts_agree(one: str, other: str) -> bool:
    """Whether two written amounts say the same, as 500000, 500000.00 and 500_000 do."""
    return _words_of(one) == _words_of(other)


def _words_of(written: str) -> list[Any]:
    found: list[Any] = []
    for word in written.replace("..", " .. ").split():
        try:
            found.append(Decimal(word.replace(",", "")))
        except InvalidOperation:
            found.append(word)
    return found


def amount_parts(written: str) -> tuple[str, Decimal | None, Decimal | None] | None:
    """What a written amount is (as `Amount.status` says it) with its ends; None where it is none."""
    match _words_of(written):
        case ["in_kind" | "to_confirm" as status]:
            return status, None, None
        case [Decimal() as exact] if _is_money(exact):
            return "exact", exact, exact
        case ["up_to", Decimal() as high] if _is_money(high):
            return "up_to", None, high
        case ["at_least", Decimal() as low] if _is_money(low):
            return "at_least", low, None
        case [Decimal() as low, "..", Decimal() as high] if _is_money(low) and _is_money(high):
            return "range", low, high
    return None


def say_amount(written: str) -> Text:
    """A written amount in words; as it stands where it is none."""
    parts = amount_parts(written)
    if parts is None:
        return Text(written, written)
    status, *ends = parts
    low, high = (Text("", "") if end is None else show_money(end) for end in ends)
    match status:
        case "in_kind":
            return Text("in kind", "非资金支持")
        case "to_confirm":
            return Text("amount to be confirmed", "金额待确认")
        case "exact":
            return low
        case "up_to":
            return Text(f"up to {high.en}", f"最高{high.zh}")
        case "at_least":
            return Text(f"at least {low.en}", f"至少{low.zh}")
    return Text(f"{low.en} to {high.en}", f"{low.zh}至{high.zh}")


def _is_money(number: Decimal) -> bool:
    """Whether it can be a sum, and be written out: 1e999999 is a number too."""
    return number.is_finite() and 0 <= number < 10**18


def say_verdict(verdict: str) -> Text:
    """A verdict in words; as it stands where it is none."""
    return VERDICT_WORDS.get(verdict, Text(verdict, verdict))
