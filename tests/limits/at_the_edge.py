"""How to try a limit: for its source, whether a given number of what it limits is taken."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from companies.api.parsing import ExactJSONParser, read_json
from companies.api.problems import Problem
from companies.console.forms import KeyForm
from companies.facts import ValueFault, read_value
from companies.facts.words import typed_text
from companies.models import Company
from companies.models.partners import Scope
from matching.batches.faults import BatchFault
from matching.batches.headers import read_headers
from matching.importing.reading import read_file
from matching.importing.tables import Unreadable
from matching.models import SharedLink
from matching.webhooks.addresses import AddressFault, read_address
from policies.desk.forms import Reason
from policies.rules.faults import RuleFault
from policies.rules.parsing import parse_expression
from tests.companies.vocabulary import small_vocabulary

VOCABULARY = small_vocabulary()


def taken(do: Callable[[], Any], *faults: type[Exception]) -> bool:
    """Whether it is done, and not refused in one of the ways it may be."""
    try:
        do()
    except faults:
        return False
    return True


def of_json(text: Callable[[int], str]) -> Callable[[int], bool]:
    return lambda n: taken(lambda: read_json(text(n).encode()), Problem)


def of_answer(name: str, raw: Callable[[int], Any], code: str) -> Callable[[int], bool]:
    """Whether the answer is refused for another reason, if at all: the words in it are none of the vocabulary's."""

    def tried(n: int) -> bool:
        try:
            read_value(VOCABULARY.get(name), raw(n))
        except ValueFault as fault:
            return fault.code != code
        return True

    return tried


def of_rule(text: Callable[[int], str], code: str = "", *, derived: bool = False) -> Callable[[int], bool]:
    def tried(n: int) -> bool:
        try:
            parse_expression(text(n), VOCABULARY, derived=derived)
        except RuleFault as fault:
            if code and fault.code != code:
                raise
            return False
        return True

    return tried


def padded(n: int) -> str:
    rule = "employees >= 1"
    return rule + " " * (n - len(rule))


def of_parts(n: int) -> str:
    """An expression of exactly so many parts: comparisons of three, one more for `or`, and `not` for what remains."""
    comparisons, left = divmod(n - 1, 3)
    return "score>1 or " * (comparisons - 1) + "not " * left + "score>1"


def of_terms(n: int) -> str:
    return "employees" + "+1" * (n - 1) + " >= 1"


def of_bytes(n: int) -> bytes:
    """A table of exactly so many bytes, most of them in remarks."""
    remark = b"#" + b"x" * 9_998 + b"\n"
    whole, left = divmod(n - 24, len(remark))
    return b"fact,answer\nemployees,1\n" + remark * whole + b"#" * left


def in_brackets(n: int) -> str:
    return "(" * n + "employees" + ")" * n + " >= 1"


PURE: dict[str, Callable[[int], bool]] = {
    "companies.api.parsing:MAX_BYTES": lambda n: taken(
        lambda: ExactJSONParser().parse(io.BytesIO(b'"' + b"a" * (n - 2) + b'"')), Problem
    ),
    "companies.api.parsing:MAX_DEPTH": of_json(lambda n: "[" * n + "]" * n),
    "companies.api.parsing:MAX_DIGITS": of_json(lambda n: "1" * n),
    "companies.api.parsing:MAX_KEYS": of_json(lambda n: json.dumps(dict.fromkeys(map(str, range(n))))),
    "companies.facts.words:LONGEST_TYPED": lambda n: taken(lambda: typed_text("a" * n), ValueFault),
    "companies.facts.numbers:MOST_DIGITS": of_answer("revenue_y1", lambda n: "1" * (n - 2) + ".11", "too_exact"),
    "companies.facts.choosing:MOST_CHOSEN": of_answer("sectors", lambda n: ["health"] * n, "too_many"),
    "companies.facts.choosing:LONGEST_NUMBER": of_answer(
        "certificates", lambda n: [{"kind": "hnte", "number": "1" * n}], "too_long"
    ),
    "companies.models:Company.name": lambda n: taken(
        lambda: Company._meta.get_field("name").run_validators("a" * n), Exception
    ),
    "matching.models:SharedLink.note": lambda n: taken(
        lambda: SharedLink._meta.get_field("note").run_validators("a" * n), Exception
    ),
    "matching.importing.tables:MOST_BYTES": lambda n: taken(
        lambda: read_file("a.csv", of_bytes(n), VOCABULARY), Unreadable
    ),
    "matching.importing.tables:MOST_ROWS": lambda n: taken(
        lambda: read_file("a.csv", b"fact,answer\n" + b"employees,1\n" * (n - 1), VOCABULARY), Unreadable
    ),
    "policies.rules.parsing:LONGEST": of_rule(padded),
    "policies.rules.parsing:LONGEST_DERIVED": of_rule(padded, derived=True),
    "policies.rules.parsing:MOST_NODES": of_rule(of_parts, "too_many_nodes"),
    "policies.rules.parsing:MOST_NODES_DERIVED": of_rule(of_parts, "too_many_nodes", derived=True),
    "policies.rules.parsing:MOST_TERMS": of_rule(of_terms, "too_many_terms"),
    "policies.rules.typed:DEEPEST": of_rule(in_brackets, "too_deep"),
    "policies.rules.typed:MOST_WHOLE_DIGITS": of_rule(lambda n: f"employees >= {'1' * n}"),
    "policies.desk.forms:LONGEST_REASON": lambda n: Reason({"why": "a" * n}).is_valid(),
    "matching.batches.headers:MOST_COLUMNS": lambda n: taken(
        lambda: read_headers(
            Path("a.csv"), ["employees", *(f"unknown{at}" for at in range(n - 1))], VOCABULARY, skip_unknown=True
        ),
        BatchFault,
    ),
    "matching.webhooks.addresses:LONGEST_ADDRESS": lambda n: taken(
        lambda: read_address("https://example.com/" + "a" * (n - 20)), AddressFault
    ),
    "companies.console.forms:LONGEST_DAYS": lambda n: KeyForm(
        {"label": "x", "scopes": [Scope.values[0]], "until": timezone.localdate() + timedelta(days=n)}
    ).is_valid(),
}


def of_call(path: str, body: Callable[[int], dict[str, Any]], fine: int) -> Callable[[Callable[..., Any], int], bool]:
    return lambda call, n: call("POST", path, body(n)).status_code == fine


def of_address(query: Callable[[int], str]) -> Callable[[Callable[..., Any], int], bool]:
    return lambda call, n: call("GET", f"policies?{query(n)}").status_code == 200


# With a partner's call of the API.
CALLED: dict[str, Callable[[Callable[..., Any], int], bool]] = {
    "companies.api.asking:LONGEST_WORDS": of_address(lambda n: "q=" + "a" * n),
    "companies.api.asking:MOST_TIMES": of_address(lambda n: "&".join(["level=district"] * n)),
    "companies.api.pages:MOST": of_address(lambda n: f"limit={n}"),
    "companies.api.companies:_LONGEST_NAME": of_call("companies", lambda n: {"name": "a" * n}, 201),
    "companies.api.companies:_LONGEST_REFERENCE": of_call(
        "companies", lambda n: {"name": "x", "reference": "a" * n}, 201
    ),
    "matching.api.evaluate:LONGEST_NAME": of_call("evaluate", lambda n: {"name": "a" * n, "facts": {}}, 200),
}
# With a browser, at a page that everybody may send something to.
SENT: dict[str, Callable[[Any, int], bool]] = {
    "settings:DATA_UPLOAD_MAX_MEMORY_SIZE": lambda client, n: _sent(client, "a=" + "x" * (n - 2)),
    "settings:DATA_UPLOAD_MAX_NUMBER_FIELDS": lambda client, n: _sent(client, "&".join(["a=1"] * n)),
    "settings:DATA_UPLOAD_MAX_NUMBER_FILES": lambda client, n: (
        client.post("/accounts/login/", {f"f{at}": io.BytesIO(b"x") for at in range(n)}).status_code == 200
    ),
}


def _sent(client: Any, body: str) -> bool:
    answer = client.post("/accounts/login/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (200, 400, 413)
    return answer.status_code == 200
