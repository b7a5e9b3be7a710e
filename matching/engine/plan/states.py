"""One company's answers as the codes of all leaves: each fact has a row of codes for each state it can be in."""

from bisect import bisect_left
from datetime import date
from typing import Any

import numpy as np

from companies.facts import Kind, Profile
from matching.engine.plan.codes import Codes
from matching.engine.plan.lookups import FactLookup
from policies.rules import Truth
from policies.rules.evaluation import certificate_valid

NOT_KNOWN, NO_STATE, YES_STATE = 0, 1, 2
"""The first states of every slot; those of members are only these."""

_STATES = {Truth.UNKNOWN: NOT_KNOWN, Truth.NO: NO_STATE, Truth.YES: YES_STATE}


class States:
    """Finds each fact's state and joins the rows: a loop for each sort of fact, because this is where the time goes."""

    def __init__(self, lookups: dict[str, FactLookup], rows: list[list[bytes]], day: date) -> None:
        """`rows` has, for each slot, the codes of its leaves in each state."""
        self._day, self._rows = day, rows
        self._unknown = [of_slot[NOT_KNOWN] for of_slot in rows]
        # A fact whose criteria all ended up inside more difficult ones has no leaf.
        used = {name: one for name, one in lookups.items() if len(rows[one.slot]) > 1}
        self._chosen = [
            (name, one.slot, {value: rows[one.slot][state] for value, state in one.states.items()}, rows[one.slot][-1])
            for name, one in used.items()
            if one.states
        ]
        self._lined = [(name, one.slot, one.lines, rows[one.slot]) for name, one in used.items() if one.lines]
        self._sets = [
            (name, {key: (slot, rows[slot][YES_STATE]) for key, slot in one.members.items()}, *self._absent(one))
            for name, one in lookups.items()
            if one.fact.kind is Kind.MANY
        ]
        self._certificates = [(name, one) for name, one in lookups.items() if one.fact.kind is Kind.CERTIFICATES]

    def _absent(self, one: FactLookup) -> tuple[slice, list[bytes]]:
        slots = slice(min(one.members.values()), max(one.members.values()) + 1)
        return slots, [of_slot[NO_STATE] for of_slot in self._rows[slots]]

    def codes(self, profile: Profile) -> Codes:
        """The codes of all leaves for one company, slot by slot."""
        found, known = self._unknown[:], profile.answers.get
        for name, slot, chosen, other in self._chosen:
            answer = known(name)
            if answer is not None:
                found[slot] = chosen.get(answer.value, other)
        for name, slot, lines, rows in self._lined:
            answer = known(name)
            if answer is not None:
                value = answer.value
                at = bisect_left(lines, value)
                found[slot] = rows[2 * at + (2 if lines[at] == value else 1)]
        for name, members, all_of, absent in self._sets:
            answer = known(name)
            if answer is not None:
                found[all_of] = absent
                held: Any = answer.value
                for key in held:
                    if key in members:
                        slot, row = members[key]
                        found[slot] = row
        for name, lookup in self._certificates:
            answer = known(name)
            if answer is not None:
                self._put_certificates(lookup, answer.value, found)
        return np.frombuffer(b"".join(found), np.uint8)

    def _put_certificates(self, lookup: FactLookup, held: Any, found: list[bytes]) -> None:
        """A kind is held where any certificate of it is valid for sure, and open where one may be."""
        truths = dict.fromkeys(lookup.members, Truth.NO)
        for certificate in held:
            if certificate.kind in truths:
                truths[certificate.kind] |= certificate_valid(certificate, lookup.fact, self._day)
        for kind, slot in lookup.members.items():
            found[slot] = self._rows[slot][_STATES[truths[kind]]]
