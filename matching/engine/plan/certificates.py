"""Which companies hold a certificate that is valid on the day."""

from datetime import date

import numpy as np

from companies.facts import Fact
from matching.engine.plan.bits import Flags
from matching.engine.plan.columns import CertificateColumn


def valid_kinds(
    column: CertificateColumn, kinds: tuple[str, ...], fact: Fact, day: date, rows: int
) -> tuple[Flags, Flags]:
    """Where one of these kinds is surely valid, and where one may be (its last day, which still counts, is not known)."""
    wanted = np.array([kind in kinds for kind in column.kinds], np.bool_)
    endless = np.array([_never_ends(fact, kind) for kind in column.kinds], np.bool_)
    sure, possible = np.zeros(rows, np.bool_), np.zeros(rows, np.bool_)
    if not len(column.rows) or not wanted.any():
        return sure, possible
    here = np.flatnonzero(wanted[column.kind] & (column.issued <= day.toordinal()))
    expires, kind = column.expires[here], column.kind[here]
    dated = expires != 0
    valid = np.where(dated, expires >= day.toordinal(), endless[kind])
    may_be = valid | ~dated
    sure[column.rows[here[valid]]] = True
    possible[column.rows[here[may_be]]] = True
    return sure, possible


def _never_ends(fact: Fact, kind: str) -> bool:
    choice = fact.choice(kind)
    return choice is not None and choice.validity_years is None
