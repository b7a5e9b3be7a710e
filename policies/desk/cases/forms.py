"""The form of one example case: name, day, what is known, and what must come out of each offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from companies.facts import Profile, Text, ValueFault, Vocabulary, read_number, read_profile, typed_text
from companies.profile_form import read_typed
from policies.desk.cases.rows import Line, expected_elsewhere, line_of
from policies.desk.facts_form import FactsForm, facts_asked, facts_form
from policies.desk.reading import VersionRead
from policies.rules import Situation
from policies.rules.case_writing import with_expected, with_known, without_words
from policies.rules.closed_words import VERDICT_WORDS
from policies.rules.example_cases import (
    Case,
    Outcome,
    amount_parts,
    case_facts,
    listed_cases,
    named_cases,
    outcomes_of,
    read_case,
    say_amount,
    say_verdict,
    written_amount,
)

MOST_NAME = 150
VERDICTS = tuple((key, word) for key, word in VERDICT_WORDS.items() if key != "error")
AMOUNTS = (
    ("exact", Text("exactly", "恰为")),
    ("range", Text("from … to …", "从……至……")),
    ("up_to", Text("up to", "最高")),
    ("at_least", Text("at least", "至少")),
    ("to_confirm", Text("to be confirmed", "待确认")),
    ("in_kind", Text("in kind", "非资金支持")),
)
AS_WRITTEN = "as_written"


@dataclass(slots=True)
class OfferField:
    """What must come out of one offer, as it stands in its inputs, and what comes out now."""

    key: str
    title: Text
    verdict: str = ""
    amount: str = ""
    low: str = ""
    high: str = ""
    written: str | None = None
    """The amount as the case has it now."""
    odd_verdict: str | None = None
    """The verdict as the case has it now, where it is none that can be chosen: it stays until another is chosen."""
    came: tuple[Text, Text] | None = None
    line: Line | None = None
    message: Text | None = None

    @property
    def input_id(self) -> str:
        """The id of the first input; keys of a draft may hold anything, an id must not hold blanks."""
        return "expect-" + "-".join(self.key.split())

    def expected(self) -> str | None:
        """The amount as a case writes it down, None for none; raises ValueFault where a sum cannot be read."""
        match self.amount:
            case "":
                return None
            case "as_written":
                return self.written
            case "to_confirm" | "in_kind":
                return self.amount
            case "exact":
                return _sum(self.low or self.high)
            case "up_to" | "at_least":
                return (
                    f"{self.amount} {_sum(self.high or self.low if self.amount == 'up_to' else self.low or self.high)}"
                )
            case "range":
                return f"{_sum(self.low)}..{_sum(self.high)}"
        raise ValueFault("unknown_choice", Text("Choose what the amount must be.", "请选择金额的形式。"))

    @property
    def has_odd_amount(self) -> bool:
        """Whether the case has an amount that is none: it stays until another is chosen."""
        return self.written is not None and amount_parts(self.written) is None


@dataclass(slots=True)
class CaseForm:
    """A case on its page: as it is stored, or as it was sent."""

    read: VersionRead
    base: Case
    name: str
    day: str
    facts: FactsForm
    offers: list[OfferField]
    unknown: list[tuple[str, str]]
    """Entries of the case's own facts that cannot be read, as they are written."""
    elsewhere: dict[str, tuple[Text, ...]]
    """What is expected of offers that the draft does not have."""
    messages: dict[str, Text] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    profile: Profile = field(default_factory=lambda: Profile({}))

    @classmethod
    def stored(cls, read: VersionRead, base: Case, on_page: Iterable[str] = ()) -> CaseForm:
        """The case as it is; `on_page` are facts that a form already asks, whether the draft reads them or not."""
        cases = named_cases(listed_cases(read.version.content))
        found = read_case(base, cases, read.vocabulary)
        profile = found.profile or Profile({})
        facts = facts_asked(read.readable.policy, read.vocabulary, {*profile.answers, *on_page})
        titles = _titles(read)
        form = cls(
            read,
            base,
            str(base.get("case") or ""),
            str(base.get("day") or ""),
            facts_form(facts, read.vocabulary, profile),
            [_offer_field(key, title, base) for key, title in titles.items()],
            _unreadable(base, cases, read.vocabulary),
            expected_elsewhere(base, titles),
            profile=profile,
        )
        form.show_outcomes()
        return form

    @classmethod
    def sent(cls, read: VersionRead, base: Case, sent: QueryDict) -> CaseForm:
        """What was typed over the case, with a message for whatever cannot be read."""
        form = cls.stored(read, base, sent.get("fields", "").split())
        facts = [one.fact for one in form.facts.fields]
        said = read_typed(facts, sent)
        given = read_case({"day": "2000-01-01", "facts": said.answers}, {}, read.vocabulary).profile or Profile({})
        form.answers, form.profile = (
            said.answers,
            form.profile.without(*said.answers, *said.unread).with_answers(given.answers),
        )
        form.facts = facts_form(facts, read.vocabulary, form.profile, said.unread)
        form.name, form.day = sent.get("case-name", ""), sent.get("case-day", "").strip()
        for offer in form.offers:
            _put_sent(offer, sent)
        form._check()
        form.show_outcomes()
        return form

    @property
    def is_renamed(self) -> bool:
        """Whether the case gets another name than it has."""
        return self.name != str(self.base.get("case"))

    def _check(self) -> None:
        if self.is_renamed:
            try:
                self.name = typed_text(self.name, MOST_NAME)
            except ValueFault as fault:
                self.messages["name"] = fault.message
            if not self.name:
                self.messages["name"] = Text(
                    "Give the case a name that says what it shows.", "请为案例取一个说明其内容的名称。"
                )
            elif self.name in named_cases(listed_cases(self.read.version.content)):
                self.messages["name"] = Text("Another case has this name.", "已有案例使用该名称。")
        try:
            date.fromisoformat(self.day)
        except ValueError:
            self.messages["day"] = Text("Give a day, such as 2026-11-24.", "请填写日期，例如 2026-11-24。")

    def show_outcomes(self) -> None:
        """Put beside each offer what comes out of it with the answers as they stand."""
        policy = self.read.readable.policy
        if policy is None or "day" in self.messages:
            return
        try:
            day = date.fromisoformat(self.day)
        except ValueError:
            return
        by_key = {one.key: one for one in self.offers}
        situation = Situation(self.read.vocabulary, self.profile, day)
        for outcome in outcomes_of({}, policy.offers, situation):
            one = by_key[outcome.offer.key]
            found = outcome.finding
            one.came = say_verdict(found.verdict.value), say_amount(written_amount(found.amount))
            expected = None if one.message else one.expected()
            tested = Outcome(outcome.offer, found, one.verdict or None, expected)
            one.line = line_of(tested, self.read.vocabulary) if tested.is_tested else None

    @property
    def is_readable(self) -> bool:
        """Whether it can be saved."""
        return not (self.messages or self.facts.wrong or any(one.message for one in self.offers))

    def case(self, cases: Iterable[Any], sent: QueryDict) -> dict[str, Any]:
        """The case as it is to be written among these cases."""
        changed = with_known(self.base, named_cases(cases), self.read.vocabulary, self.answers)
        changed = without_words(changed, sent.getlist("case-forget-word"))
        gone = sent.getlist("case-forget-offer")
        verdicts: dict[str, str | None] = {one.key: one.verdict or None for one in self.offers}
        amounts: dict[str, str | None] = {one.key: one.expected() for one in self.offers}
        changed = with_expected(changed, verdicts | dict.fromkeys(gone), amounts | dict.fromkeys(gone))
        for key, typed in (("case", self.name), ("day", self.day)):
            if typed != str(changed.get(key)):
                changed[key] = typed
        return changed


def _titles(read: VersionRead) -> dict[str, Text]:
    """Every offer of the draft by key, also those that cannot be read yet."""
    titles = {}
    rows = read.version.content.get("offers")
    for offer in rows if isinstance(rows, list) else []:
        if isinstance(offer, Mapping) and isinstance(offer.get("offer"), str):
            plain = offer.get("title")
            title = plain if isinstance(plain, Mapping) else {}
            key = offer["offer"]
            titles[key] = Text(str(title.get("en") or key), str(title.get("zh") or key))
    return titles


def _offer_field(key: str, title: Text, case: Case) -> OfferField:
    made = OfferField(key, title)
    expect, amounts = case.get("expect"), case.get("amounts")
    if isinstance(expect, Mapping) and key in expect:
        made.verdict = str(expect[key])
        made.odd_verdict = made.verdict if made.verdict not in dict(VERDICTS) else None
    if isinstance(amounts, Mapping) and key in amounts:
        made.written = str(amounts[key])
        parts = amount_parts(made.written)
        made.amount = AS_WRITTEN if parts is None else parts[0]
        low, high = (None, None) if parts is None else parts[1:]
        made.low, made.high = _typed(low), _typed(None if made.amount == "exact" else high)
    return made


def _put_sent(made: OfferField, sent: QueryDict) -> None:
    made.verdict, made.amount = (sent.get(f"expect-{made.key}", ""), sent.get(f"amount-{made.key}", ""))
    made.low, made.high = sent.get(f"low-{made.key}", ""), sent.get(f"high-{made.key}", "")
    if made.verdict and made.verdict not in dict(VERDICTS) and made.verdict != made.odd_verdict:
        made.message = Text("Choose a verdict.", "请选择结论。")
        return
    try:
        made.expected()
    except ValueFault as fault:
        made.message = fault.message


def _sum(typed: str) -> str:
    if not typed.strip():
        raise ValueFault("no_sum", Text("Give the sum, such as 500000 or 50万.", "请填写金额，例如 500000 或 50万。"))
    number = read_number(typed, money=True).value
    if number < 0:
        raise ValueFault("negative", Text("A sum is not below 0.", "金额不能小于 0。"))
    return _typed(number)


def _typed(end: Decimal | None) -> str:
    return "" if end is None else format(end.normalize(), "f") if end else "0"


def _unreadable(case: Case, cases: Mapping[str, Case], vocabulary: Vocabulary) -> list[tuple[str, str]]:
    own = case.get("facts") or {}
    _profile, faults = read_profile(vocabulary, case_facts(case, cases) or own)
    return [(fault.name, str(own[fault.name])[:200]) for fault in faults if fault.name in own]
