"""Example cases: each comes out as written, and together they show both sides of every threshold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from companies.facts import Profile, Text, read_profile
from policies.catalogue_files import Sheet
from policies.lint.reading import Path, Reading, entries
from policies.rules import PolicyText, Situation, evaluate_offer, read_policy
from policies.rules.example_cases import case_facts, case_has_shape

_VERDICTS = {"eligible", "needs_review", "undetermined", "not_modelled", "ineligible", "error"}
_GOOD = {"eligible", "needs_review", "not_modelled"}


def check_cases(reading: Reading) -> None:
    """What the rule reader refuses in each policy; then the cases of those that can be read."""
    for sheet in reading.checked_policies:
        policy, faults = read_policy(sheet.plain, reading.vocabulary, reading.lists)
        said = {fault.line for fault in reading.faults if fault.file == sheet.file}
        for fault in faults:
            code = fault.code.replace("_", "-")
            found = sheet.fault(fault.path, code, fault.message, fault.suggestion, on_key=code == "unknown-key")
            # The checks before this one may have found the same, in words of their own.
            if found.line not in said:
                reading.faults.append(found)
        if policy is not None:
            _Cases(reading, sheet, policy).check()


class _Cases:
    """The cases of one policy."""

    def __init__(self, reading: Reading, sheet: Sheet, policy: PolicyText) -> None:
        self.reading, self.sheet, self.policy = reading, sheet, policy
        self.offers = {offer.key: offer for offer in policy.offers}
        self.plain = {str(case.get("case")): (path, case) for path, case in entries(sheet.plain, "cases")}
        self.verdicts: dict[str, set[str]] = {key: set() for key in self.offers}
        self.leaves: dict[str, dict[Path, tuple[str, set[str]]]] = {key: {} for key in self.offers}

    def check(self) -> None:
        for path, case in self.plain.values():
            self._run(path, case)
        for path, offer in entries(self.sheet.plain, "offers"):
            if offer.get("offer") in self.offers:
                self._check_coverage(path, str(offer["offer"]))

    def _run(self, path: Path, case: Mapping[str, Any]) -> None:
        if not case_has_shape(case):
            self.reading.add(
                self.sheet,
                path,
                "wrong-shape",
                "`like` is the name of a case, `facts` a mapping, `forget` a list of facts",
                "like 应为案例名，facts 应为映射，forget 应为事实项列表",
            )
            return
        try:
            day = date.fromisoformat(str(case.get("day")))
        except ValueError:
            self.reading.add(
                self.sheet,
                (*path, "day"),
                "bad-day",
                f"“{case.get('day')}” is not a day",
                f"“{case.get('day')}”不是日期",
                "'2026-11-24'",
            )
            return
        facts = case_facts(case, {name: one for name, (_path, one) in self.plain.items()})
        if facts is None:
            self.reading.add(
                self.sheet,
                (*path, "like"),
                "unknown-case",
                f"“{case.get('like')}” is not another case",
                f"没有其他案例“{case.get('like')}”",
            )
            return
        profile, faults = read_profile(self.reading.vocabulary, facts)
        for fault in faults:
            where = (*path, "facts", fault.name) if fault.name in (case.get("facts") or {}) else path
            code = "unknown-fact" if self.reading.vocabulary.resolve(fault.name) is None else "bad-value"
            self.reading.faults.append(self.sheet.fault(where, code, fault.message))
        self._compare(path, case, profile, day)

    def _compare(self, path: Path, case: Mapping[str, Any], profile: Profile, day: date) -> None:
        situation = Situation(self.reading.vocabulary, profile, day)
        expected = case.get("expect") if isinstance(case.get("expect"), dict) else {}
        amounts = case.get("amounts") if isinstance(case.get("amounts"), dict) else {}
        for name in [*expected, *amounts]:
            if name not in self.offers:
                block = "expect" if name in expected else "amounts"
                self.reading.need_key(
                    self.sheet,
                    (*path, block, name),
                    name,
                    set(self.offers),
                    Text("offer", "支持事项"),
                    "case-unknown-offer",
                )
        for key, offer in self.offers.items():
            finding = evaluate_offer(offer, situation)
            for at, kind, status, sentence in _leaves(finding.finding):
                if kind == "criterion" and status in ("yes", "no"):
                    self.leaves[key].setdefault(at, (sentence.en, set()))[1].add(status)
                elif kind == "criterion":
                    self.leaves[key].setdefault(at, (sentence.en, set()))
            got = str(finding.verdict.value)
            if key not in expected and key not in amounts:
                continue
            if key in expected:
                self.verdicts[key].add(got)
                if expected[key] != got:
                    why = (
                        finding.error
                        or "; ".join(reason.sentence.en for reason in finding.reasons)
                        or ", ".join(finding.missing)
                    )
                    self.reading.add(
                        self.sheet,
                        (*path, "expect", key),
                        "case-verdict",
                        f"expected {expected[key]}, came out {got} ({why})",
                        f"预期 {expected[key]}，实际 {got}（{why}）",
                        got,
                    )
            if key in amounts and not _amount_agrees(str(amounts[key]), finding.amount):
                said = _amount_said(finding.amount)
                self.reading.add(
                    self.sheet,
                    (*path, "amounts", key),
                    "case-amount",
                    f"expected {amounts[key]}, came out {said}",
                    f"预期 {amounts[key]}，实际 {said}",
                    said,
                )

    def _check_coverage(self, path: Path, key: str) -> None:
        leaves, seen = self.leaves[key], self.verdicts[key]
        if not leaves:
            if self.plain:
                return
            situation = Situation(self.reading.vocabulary, Profile({}), self.reading.day)
            leaves = {
                at: (sentence.en, set())
                for at, kind, _status, sentence in _leaves(evaluate_offer(self.offers[key], situation).finding)
                if kind == "criterion"
            }
        if not leaves:
            return
        for code, fits, zh in (
            ("case-missing-eligible", bool(seen & _GOOD), "最佳结论"),
            ("case-missing-ineligible", "ineligible" in seen, "不符合"),
            ("case-missing-undetermined", "undetermined" in seen, "待定"),
        ):
            if not fits:
                self.reading.add(
                    self.sheet,
                    (*path, "offer"),
                    code,
                    f"no example case where “{key}” is {code.removeprefix('case-missing-')}",
                    f"“{key}”缺少“{zh}”的案例",
                )
        for _at, (sentence, sides) in sorted(leaves.items()):
            for side in sorted({"yes", "no"} - sides):
                self.reading.add(
                    self.sheet,
                    (*path, "offer"),
                    "case-leaf-one-sided",
                    f"no example case where the answer is {side}: {sentence}",
                    f"没有结果为“{side}”的案例：{sentence}",
                )


def _leaves(finding: Any, at: Path = ()) -> Iterator[tuple[Path, str, str, Text]]:
    if finding is None:  # the offer could not be evaluated; its verdict says so
        return
    if not finding.children:
        yield at, finding.kind, str(finding.status.value), finding.sentence
    for place, child in enumerate(finding.children):
        yield from _leaves(child, (*at, place))


def _amount_said(amount: Any) -> str:
    match amount.status:
        case "to_confirm" | "in_kind":
            return str(amount.status)
        case "exact":
            return f"{amount.low}"
        case "up_to":
            return f"up_to {amount.high}"
        case "at_least":
            return f"at_least {amount.low}"
    return f"{amount.low}..{amount.high}"


def _amount_agrees(wanted: str, amount: Any) -> bool:
    return _numbers(wanted) == _numbers(_amount_said(amount))


def _numbers(said: str) -> tuple[Any, ...]:
    """The words and numbers of an amount, so that 500000, 500000.00 and 500_000 agree."""
    found: list[Any] = []
    for word in said.replace("..", " .. ").replace("_", "_").split():
        try:
            found.append(Decimal(word.replace(",", "")))
        except InvalidOperation:
            found.append(word)
    return tuple(found)
