"""What is left after a storm: every accepted match against the rows, the reports, the webhooks and the logs."""

import json
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from matching.bench.storm.receiver import Receiver
from matching.bench.storm.senders import Sent
from matching.bench.storm.stages import Stage

_MATCHES = """
SELECT m.public_id, m.state, m.attempt, m.reason, m.max_attempts, r.id
FROM matching_matchrequest m LEFT JOIN matching_matchreport r ON r.request_id = m.id
"""
_EVENTS = "SELECT public_id, about FROM matching_event WHERE kind = 'match.done'"


@dataclass(frozen=True, slots=True)
class Row:
    """One match as the database has it at the end."""

    state: str
    attempt: int
    reason: str
    max_attempts: int
    has_report: bool


@dataclass
class Outcome:
    """What a storm left, counted. `lost` and `doubled` have to be 0 whatever was done to the service."""

    accepted: int = 0
    lost: int = 0
    """Accepted, not poison, and without a report."""
    doubled: int = 0
    """Rows or reports beyond one for each question."""
    poison: int = 0
    set_aside: int = 0
    """Of the poison: failed, after all attempts, with the reason."""
    wrongly_set_aside: int = 0
    reruns: int = 0
    fenced: int = 0
    """Late writes that were refused."""
    converged: float = 0.0
    """Seconds from the last fault and the last answer until every healthy match was done."""
    poison_after: float = 0.0
    """Seconds from then until the last poisoned match was set aside."""
    told_after: float = 0.0
    """Seconds from then until every event was taken by the receiver."""
    faults: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    unanswered: int = 0
    slowest: float = 0.0
    events: int = 0
    events_missing: int = 0
    events_doubled: int = 0
    """Matches that were told of under two ids, or twice in the outbox."""
    bad_signatures: int = 0
    redirects_followed: int = 0
    deliveries: int = 0
    integrity: str = "ok"
    tracebacks: list[str] = field(default_factory=list)


def rows_of(stage: Stage) -> dict[str, list[Row]]:
    """All rows by the id of the match; more than one where it has several reports."""
    found: dict[str, list[Row]] = {}
    for name, state, attempt, reason, most, report in stage.rows(_MATCHES):
        row = Row(state, attempt, reason, most, report is not None)
        found.setdefault(_id(name), []).append(row)
    return found


def unfinished(stage: Stage, requests: Iterable[Sent], *, poison: bool) -> int:
    """How many of the accepted have not ended."""
    rows = rows_of(stage)
    mine = [name for sent in requests if sent.poison is poison for name in sent.ids]
    return sum(1 for name in mine if name in rows and rows[name][0].state in ("queued", "running"))


def untold(stage: Stage, receiver: Receiver) -> int:
    """How many events of the outbox the receiver has not taken yet."""
    taken = {name for names in receiver.ids_of_match.values() for name in names}
    return sum(1 for name, _about in stage.rows(_EVENTS) if _id(name) not in taken)


def counted(stage: Stage, requests: list[Sent], receiver: Receiver) -> Outcome:
    """Everything that can be counted when nothing moves any more."""
    outcome, rows = Outcome(), rows_of(stage)
    for sent in requests:
        outcome.accepted += bool(sent.ids)
        # Two ids under one key are a doubled match, wherever they came from.
        outcome.doubled += max(len(sent.ids) - 1, 0)
        kept = [row for name in sent.ids for row in rows.get(name, [])]
        if sent.poison:
            outcome.poison += 1
            outcome.set_aside += any(_is_set_aside(row) for row in kept)
        else:
            outcome.lost += bool(sent.ids) and not any(row.has_report for row in kept)
            outcome.wrongly_set_aside += any(row.state == "failed" for row in kept)
        outcome.doubled += sum(len(rows.get(name, [])) - 1 for name in sent.ids if name in rows)
    asked = {name for sent in requests for name in sent.ids}
    # Rows that nobody was told of: accepted by the database, answered to nobody.
    outcome.doubled += len(set(rows) - asked)
    outcome.reruns = sum(1 for kept in rows.values() if kept[0].attempt > 1 and kept[0].state == "done")
    _count_events(outcome, stage, receiver, {name for name, kept in rows.items() if kept[0].has_report})
    said = stage.said()
    outcome.fenced, outcome.integrity = said.count("job_fenced"), stage.integrity()
    outcome.tracebacks = _kinds_of_tracebacks(said)
    return outcome


def _count_events(outcome: Outcome, stage: Stage, receiver: Receiver, done: set[str]) -> None:
    events: dict[str, set[str]] = {}
    for name, about in stage.rows(_EVENTS):
        told = json.loads(about) if isinstance(about, str) else about
        events.setdefault(told["match"], set()).add(_id(name))
    outcome.events = sum(len(names) for names in events.values())
    outcome.events_missing = sum(1 for match in done if match not in receiver.ids_of_match)
    outcome.events_doubled = sum(len(names) - 1 for names in events.values())
    outcome.events_doubled += sum(len(names) - 1 for names in receiver.ids_of_match.values())
    outcome.bad_signatures, outcome.redirects_followed = receiver.bad_signatures, receiver.redirects_followed
    outcome.deliveries = sum(receiver.came.values())


def _is_set_aside(row: Row) -> bool:
    return row.state == "failed" and row.attempt == row.max_attempts and row.reason == "worker_lost"


def _kinds_of_tracebacks(said: str) -> list[str]:
    """The last lines of tracebacks, each once: what a storm makes processes say is for the reader."""
    lines, found = said.splitlines(), Counter[str]()
    for at, line in enumerate(lines):
        if line.startswith("Traceback"):
            last = next((text for text in lines[at + 1 :] if text and not text.startswith((" ", "Traceback"))), "")
            found[last[:160]] += 1
    return [f"{count} × {line}" for line, count in found.most_common(12)]


def _id(value: Any) -> str:
    return str(uuid.UUID(str(value)))
