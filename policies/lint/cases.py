"""Example cases: each comes out as written, and together they show both sides of every threshold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from companies.facts import Text
from policies.catalogue_files import Sheet
from policies.lint.reading import Path, Reading, entries
from policies.rules import PolicyText, Situation, read_policy
from policies.rules.case_coverage import Coverage
from policies.rules.example_cases import outcomes_of, read_case, say_amount, say_verdict, written_amount


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
        self.coverage = Coverage(policy.offers, reading.vocabulary, reading.day)

    def check(self) -> None:
        for path, case in self.plain.values():
            self._run(path, case)
        for path, offer in entries(self.sheet.plain, "offers"):
            if offer.get("offer") in self.offers:
                for gap in self.coverage.gaps(str(offer["offer"]), bool(self.plain)):
                    where = (*path, "offer")
                    self.reading.faults.append(self.sheet.fault(where, gap.code, gap.message))

    def _run(self, path: Path, case: Mapping[str, Any]) -> None:
        read = read_case(case, {name: one for name, (_path, one) in self.plain.items()}, self.reading.vocabulary)
        for fault in read.faults:
            found = self.sheet.fault((*path, *fault.path), fault.code, fault.message, fault.suggestion)
            self.reading.faults.append(found)
        if read.profile is not None and read.day is not None:
            self._compare(path, case, Situation(self.reading.vocabulary, read.profile, read.day))

    def _compare(self, path: Path, case: Mapping[str, Any], situation: Situation) -> None:
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
        for outcome in outcomes_of(case, self.offers.values(), situation):
            key, finding = outcome.offer.key, outcome.finding
            self.coverage.add(outcome)
            got = str(finding.verdict.value)
            if not outcome.verdict_fits:
                wanted, came, why = (
                    say_verdict(outcome.verdict or ""),
                    say_verdict(got),
                    outcome.why(situation.vocabulary),
                )
                self.reading.add(
                    self.sheet,
                    (*path, "expect", key),
                    "case-verdict",
                    f"expected “{wanted.en}”, came out “{came.en}”" + (f" ({why.en})" if why else ""),
                    f"预期“{wanted.zh}”，实际“{came.zh}”" + (f"（{why.zh}）" if why else ""),
                    got,
                )
            if not outcome.amount_fits:
                wanted, came = say_amount(outcome.amount or ""), say_amount(written_amount(finding.amount))
                self.reading.add(
                    self.sheet,
                    (*path, "amounts", key),
                    "case-amount",
                    f"expected “{wanted.en}”, came out “{came.en}”",
                    f"预期“{wanted.zh}”，实际“{came.zh}”",
                    written_amount(finding.amount),
                )
