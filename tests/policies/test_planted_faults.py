"""Each fault planted in a small clean catalogue is found, at its line, under its name."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from policies.catalogue_files import read_catalogue_folder
from policies.lint import lint_catalogue

CLEAN = Path(__file__).parent / "catalogue"
TODAY = date(2026, 11, 24)
CERTIFICATES = "reference/certificates.yaml"
POLICY, FACTS, ZONES = "policies/cp-mini.yaml", "vocabulary/10-basics.yaml", "reference/zones.yaml"

# file, what stands there, what is planted there, the name of the fault
PLANTED = [
    (POLICY, "when: employees >= 20", "when: employes >= 20", "unknown-fact"),
    (POLICY, "when: employees >= 20", "when: stage >= 20", "wrong-kind"),
    (POLICY, "when: employees >= 20", "when: employees >=", "syntax"),
    (POLICY, "when: employees >= 20", "when: employees >= 200000", "threshold-out-of-bounds"),
    (POLICY, "when: employees >= 20", "when: employees >= 0", "always-holds"),
    (POLICY, "when: employees >= 20", "when: employees >= 20 and employees < 10", "never-holds"),
    (POLICY, "when: employees >= 20", "when: employees >= 21", "case-verdict"),
    (POLICY, "when: employees >= 20", "wen: employees >= 20", "wrong-shape"),
    (POLICY, "when: rd_ratio >= 5%", "when: rd_ratio >= 5", "meant-percent"),
    (POLICY, 'when: stage == "growing"', 'when: stage == "growin"', "unknown-choice"),
    (POLICY, 'when: holds("hnte")', 'when: holds("hntee")', "unknown-choice"),
    (POLICY, "  en: Mini measures", "  en: ''", "missing-language"),
    (POLICY, "  zh: 小型措施", "  zh: Measures of a mini size", "zh-not-chinese"),
    (POLICY, "  en: Mini measures", "  en: 小型措施", "en-has-chinese"),
    (POLICY, "level: district", "level: village", "unknown-level"),
    (POLICY, "status: in_force", "status: valid", "unknown-status"),
    (POLICY, "beneficiary: company", "beneficiary: firm", "unknown-word"),
    (POLICY, "- ftz", "- ftzz", "unknown-zone"),
    (POLICY, "- z1", "- z9", "unknown-goal"),
    (POLICY, "pillar: n-sector", "pillar: n-sectors", "unknown-pillar"),
    (POLICY, "  - licence", "  - licenses", "unknown-paper"),
    (POLICY, "  kind: reward", "  kind: rewards", "unknown-kind"),
    (POLICY, "superseded_by: null", "superseded_by: cp-nowhere", "unknown-superseded-by"),
    (POLICY, "superseded_by: null", "superseded_by: cp-mini", "succession-cycle"),
    (POLICY, "confidence: high\nsources", "confidence: sure\nsources", "confidence-word"),
    (POLICY, "- https://example.org/policy", "- https//example.org/policy", "dead-link"),
    (POLICY, "- https://example.org/policy", "- ftp://example.org/policy", "dead-link"),
    (POLICY, "- https://example.org/policy", "- https://example.org/a policy", "dead-link"),
    (POLICY, "sources:\n- https://example.org/policy", "sources: []", "missing-source"),
    (POLICY, "  to: '2028-12-31'", "  to: '2025-12-31'", "days-contradict"),
    (POLICY, "  from: '2026-01-01'", "  from: '2026-13-01'", "bad-day"),
    (POLICY, "closes: '2026-12-31'", "closes: '2026-01-31'", "days-contradict"),
    (POLICY, "    cap: 1000000", "    cap: 1000", "cap-below-floor"),
    (POLICY, "    rate: 10%", "    rate: 3000%", "rate-out-of-range"),
    (POLICY, "    rate: 10%", "    rat: 10%", "wrong-shape"),
    (POLICY, "        amount: 100000", "        amount: -1", "amount"),
    (POLICY, "      - from: 1亿", "      - from: 0", "bands-overlap"),
    (POLICY, "    - cp-mini/size", "    - cp-mini/sizes", "unknown-offer"),
    (POLICY, "- offer: size", "- offer: team", "duplicate-id"),
    (POLICY, "    size: eligible", "    sizes: eligible", "case-unknown-offer"),
    (POLICY, "    team: '250000'", "    team: '250001'", "case-amount"),
    (
        POLICY,
        "  like: at every line\n  facts:\n    employees: 19",
        "  like: nobody\n  facts:\n    employees: 19",
        "unknown-case",
    ),
    (POLICY, "    employees: 19", "    employees: -1", "bad-value"),
    (POLICY, "    employees: 19", "    employes: 19", "unknown-fact"),
    (POLICY, "    employees: 19", "    employees: 25", "case-verdict"),
    (POLICY, "policy: cp-mini", "policy: cp-other", "file-name"),
    (POLICY, "number: null", "number: null\nnumbr: null", "unknown-key"),
    (POLICY, "number: null", "number: null\nnumber: null", "duplicate-key"),
    (POLICY, "number: null", "number: &a null", "alias"),
    (POLICY, "  kind: reward", "  kind: [reward", "yaml-syntax"),
    (FACTS, "- fact: growth", "- fact: listed", "duplicate-id"),
    (FACTS, "  kind: yes_no", "  kind: yesno", "unknown-kind"),
    (FACTS, "  derived: rd_expense_y1 / revenue_y1", "  derived: rd_ratio / revenue_y1", "derived-cycle"),
    (FACTS, "  derived: rd_expense_y1 / revenue_y1", "  derived: rd_expenses_y1 / revenue_y1", "unknown-fact"),
    (FACTS, "    from: sectors", "    from: sektors", "unknown-list"),
    (FACTS, "  - key: growing", "  - key: startup", "duplicate-id"),
    (FACTS, "  question:\n    en: 'What about: Employees?'\n    zh: 请填写员工人数。\n", "", "not-asked"),
    (
        FACTS,
        "    from: sectors",
        "  - key: 'none'\n    label:\n      en: None\n      zh: 都没有",
        "none-said-twice",
    ),
    (POLICY, "  clause: Art. 3", "  clause: third article", "clause-one-language"),
    (FACTS, "  derived: rd_expense_y1 / revenue_y1", "  derived: rd_expense_y1 >= revenue_y1", "derived-kind"),
    (ZONES, "  zh: 自贸试验区", "  zh: ''", "missing-language"),
    (POLICY, "    kind: rolling", "    kind: rolling\n    opens: '2026-05-01'", "window-days"),
    (
        POLICY,
        "  en: An example.\n  zh: 示例。",
        "  en: A note, the same twice\n  zh: A note, the same twice",
        "same-text",
    ),
    (
        POLICY,
        "    cap: 1000000\n",
        "    cap: 1000000\n    to_confirm:\n      en: rate\n      zh: 比例\n",
        "to-confirm-with-number",
    ),
    (
        POLICY,
        "  - excludes:\n    - cp-mini/size",
        "  - needs:\n    - cp-mini/size\n  - needs:\n    - cp-mini/team",
        "stacking-self",
    ),
    (POLICY, "    size: undetermined\n    team: undetermined", "    size: undetermined", "case-missing-undetermined"),
    (POLICY, "    rd_expense_y1: '2499999.99'", "    rd_expense_y1: '2500000.00'", "case-leaf-one-sided"),
    (
        POLICY,
        "    - when: employees >= 20",
        "    - when: employees >= 20\n      confidence: certain",
        "confidence-word",
    ),
    (POLICY, "tags_basis: inferred", "tags_basis: guessed", "basis-word"),
    (POLICY, "  zh: 小型措施", "  zh: 小型\u200b措施", "control-char"),
    (POLICY, "  day: '2026-11-24'", "  day: '2026-11-31'", "bad-day"),
    (ZONES, "- key: ftz", "- kye: ftz", "wrong-shape"),
    (FACTS, "section:\n", "sections:\n", "section-missing"),
    (ZONES, "    listed: true", "    listd: true", "unknown-fact"),
    (ZONES, "    listed: true", "    listed: maybe", "bad-value"),
    (CERTIFICATES, "  - tech_sme", "  - tech_smes", "unknown-certificate"),
    (CERTIFICATES, "  needs: []", "  needs:\n  - hnte", "needs-cycle"),
    (CERTIFICATES, "  - cp-mini/team", "  - cp-mini/teams", "unknown-offer"),
    (CERTIFICATES, "  granted_until: '2026-03-31'", "  granted_until: last year", "bad-day"),
    (CERTIFICATES, "  needs: []", "  needs: hnte", "wrong-shape"),
]

# Where the fault only shows at another line of the same file: what an example case expects, the other side
# of an exclusion, the line at which YAML cannot go on.
NOTICED_AT = {
    ("  question:\n    en: 'What about: Employees?'\n    zh: 请填写员工人数。\n", ""): "- fact: employees",
    ("when: employees >= 20", "when: employees >= 21"): "    team: eligible",
    ("    employees: 19", "    employees: 25"): "    team: ineligible",
    ("  - excludes:\n    - cp-mini/team", "  - needs:\n    - cp-mini/team"): "    - cp-mini/size",
    ("  kind: reward", "  kind: [reward"): "  clause: Art. 3",
    ("    rate: 10%", "    rat: 10%"): "  benefit:",
    ("- fact: growth", "- fact: listed"): "- fact: listed",
    ("    from: sectors", "    from: sektors"): "  choices:",
    ("    size: undetermined\n    team: undetermined", "    size: undetermined"): "- offer: team",
    ("    rd_expense_y1: '2499999.99'", "    rd_expense_y1: '2500000.00'"): "- offer: team",
}


def faults_of(folder: Path) -> list[tuple[str, int, str]]:
    found = lint_catalogue(read_catalogue_folder(folder), TODAY)
    return [(fault.file, fault.line, fault.code) for fault in found if fault.severity == "fault"]


def test_the_clean_catalogue_has_no_fault():
    assert faults_of(CLEAN) == []


def test_at_least_forty_kinds_of_slips_are_planted():
    assert len(PLANTED) >= 40
    assert len({code for *_, code in PLANTED}) >= 30


@pytest.mark.parametrize(
    ("file", "stands", "planted", "code"), PLANTED, ids=[f"{code}-{at}" for at, (*_, code) in enumerate(PLANTED)]
)
def test_a_planted_fault_is_found_at_its_line(tmp_path, file, stands, planted, code):
    folder = tmp_path / "catalogue"
    shutil.copytree(CLEAN, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert stands in text
    (folder / file).write_text(text.replace(stands, planted, 1), encoding="utf-8")
    first = text[: text.index(stands)].count("\n") + 1
    last = first + planted.count("\n")

    found = faults_of(folder)

    noticed = NOTICED_AT.get((stands, planted))
    if noticed is not None:
        first = last = next(at for at, line in enumerate(text.splitlines(), start=1) if line == noticed)
    here = {name for where, line, name in found if where == file and first <= line <= last}
    assert code in here, found
