"""Companies over the product's own catalogue, as files, and what the reference evaluator says of them."""

import csv
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from companies.facts import Kind, Profile, Vocabulary, read_profile
from matching.batches.certificate_cells import CertificateReader
from matching.batches.running import Options, Summary, run_batch
from matching.bench.companies import companies
from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.rules import OfferText, Situation, Verdict, evaluate_offer
from policies.rules.book import Rulebook, canonical_snapshot, read_rulebook

DAY = date(2026, 11, 24)


@cache
def rulebook() -> Rulebook:
    """The product's catalogue as it stands in its files."""
    return read_rulebook(canonical_snapshot(read_catalogue_folder(CATALOGUE_DIR).to_snapshot()))


def rows_of(count: int, seed: int = 1) -> list[dict[str, str]]:
    """Made-up companies: cells by fact name, with id and name."""
    names = ["id", "name", *(fact.name for fact in rulebook().vocabulary.asked)]
    return [dict(zip(names, row, strict=True)) for row in companies(count, rulebook(), seed=seed)]


def profile_of(row: dict[str, Any], vocabulary: Vocabulary | None = None) -> Profile:
    """The profile that the slow way reads from a row of cells."""
    vocabulary = vocabulary or rulebook().vocabulary
    plain: dict[str, Any] = {}
    for name, cell in row.items():
        fact = vocabulary.get(name)
        if fact is not None:
            certificates = fact.kind is Kind.CERTIFICATES and "@" in cell
            plain[name] = list(CertificateReader(fact).read(cell)) if certificates else cell
    profile, faults = read_profile(vocabulary, plain)
    assert not faults, faults
    return profile


def expected(offer: OfferText, situation: Situation) -> dict[str, Any]:
    """The row of the result that the reference evaluator makes."""
    finding = evaluate_offer(offer, situation)
    silent = finding.verdict in (Verdict.INELIGIBLE, Verdict.ERROR)
    return {
        "offer": offer.id,
        "standing": finding.standing,
        "verdict": finding.verdict.value,
        "amount_status": None if silent else finding.amount.status,
        "amount_low": None if silent else finding.amount.low,
        "amount_high": None if silent else finding.amount.high,
        "missing": [] if finding.verdict in (Verdict.INELIGIBLE, Verdict.ELIGIBLE) else list(finding.missing),
    }


def expected_rows(rows: Iterable[dict[str, str]]) -> list[dict[str, Any]]:
    """The rows of the result for these companies, company by company."""
    found = []
    for row in rows:
        situation = Situation(rulebook().vocabulary, profile_of(row), DAY)
        who = {"id": row["id"], "name": row["name"]}
        found += [who | expected(offer, situation) for offer in rulebook().offers]
    return found


def write_csv(path: Path, rows: list[dict[str, str]], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


@cache
def few_offers() -> Rulebook:
    """The same vocabulary with the offers of two policies: for tests that begin many batches."""
    return replace(rulebook(), policies=rulebook().policies[:2])


def match(path: Path, out: Path, **options: Any) -> Summary:
    return run_batch(path, out, rulebook=rulebook(), day=DAY, options=Options(**options))


def match_few(path: Path, out: Path, **options: Any) -> Summary:
    return run_batch(path, out, rulebook=few_offers(), day=DAY, options=Options(**options))


def read_result(path: Path) -> list[dict[str, Any]]:
    """The rows of a result, whatever its format, in one form: amounts exact, missing facts as a list."""
    if path.suffix == ".parquet":
        rows = pq.read_table(path).to_pylist()
    elif path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
    else:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [{key: _plain(key, value) for key, value in row.items()} for row in rows]


def _plain(key: str, value: Any) -> Any:
    if key.endswith("missing"):
        return value if isinstance(value, list) else value.split("; ") if value else []
    if key.endswith(("amount_low", "amount_high")):
        return None if value in (None, "") else Decimal(value)
    return None if key.endswith("amount_status") and value == "" else value
