"""Turning requirement trees into leaves, each a table from the states of one fact to codes, and a graph over them."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from companies.facts import Fact, Kind, Profile, Vocabulary
from matching.engine.plan.codes import DENIED, NO, YES, Codes, code_of
from matching.engine.plan.graph import Graph
from matching.engine.plan.lookups import MEMBER_CODES, Lookups, NotSimple
from matching.engine.plan.states import States
from policies.rules import Situation
from policies.rules.expressions import Among, Both, Either, Expression, FactNamed, Has, Holds, Negated
from policies.rules.requirements import Criterion, Judged, Not, NotModelled, Requirement
from policies.rules.situation import derived_expression
from policies.rules.verdicts import JUDGED, UNSEEN, needed_of, truths_of_criterion

_NOWHERE = 0
"""The slot of leaves that no answer changes."""


class Compiler:
    """Turns trees into leaves with tables and a graph over them."""

    def __init__(self, vocabulary: Vocabulary, day: date) -> None:
        self.vocabulary, self.day = vocabulary, day
        self.general: dict[int, Expression] = {}
        self._graph = Graph(self._denied_leaf)
        self._lookups = Lookups(vocabulary, day)
        # A leaf is a criterion with a table (its number), a member's slot, or a code that never changes.
        self._leaves: list[tuple[str, int]] = []
        self._leaf_of: dict[tuple[str, int], int] = {}
        self._criteria: dict[Expression, int] = {}
        self._tables: dict[Expression, int] = {}

    def tree(self, requirement: Requirement) -> list[int]:
        """The nodes of a tree, each before its children; the first is the root."""
        match requirement:
            case Criterion(when):
                return [self._criterion(when)]
            case Judged():
                return [self._leaf("code", code_of(JUDGED))]
            case NotModelled():
                return [self._leaf("code", code_of(UNSEEN))]
            case Not(of):
                below = self.tree(of)
                return [self._graph.denied(below[0]), *below]
        trees = [self.tree(part) for part in requirement.parts()]
        return [
            self._group(needed_of(requirement), [tree[0] for tree in trees]),
            *(node for tree in trees for node in tree),
        ]

    def _group(self, needed: int, parts: list[int]) -> int:
        if not 0 < needed <= len(parts):
            return self._leaf("code", YES if needed <= 0 else NO)
        return self._graph.joined(needed, parts)

    def _criterion(self, when: Expression) -> int:
        if when not in self._criteria:
            try:
                self._criteria[when] = self._simple(when)
            except MemoryError:
                raise
            except Exception:
                # Not simple, or at fault: the reference evaluator is asked each time, and says so each time.
                node = self._leaf("general", len(self.general))
                self.general[len(self._leaves) - 1] = when
                self._criteria[when] = node
        return self._criteria[when]

    def _simple(self, when: Expression) -> int:
        try:
            number = self._table(when)
        except NotSimple:
            return self._composed(when)
        return self._leaf("table", number)

    def _table(self, when: Expression) -> int:
        if when not in self._tables:
            self._tables[when] = self._lookups.add(when)
        return self._tables[when]

    def _composed(self, when: Expression) -> int:
        """A condition made of simple ones; raises NotSimple where a part is none."""
        match when:
            case Has(key, FactNamed(name), negated):
                return self._members(name, (key,), negated)
            case Among(FactNamed(name), keys, negated):
                return self._members(name, keys, negated)
            case Holds(kinds, FactNamed(name)):
                return self._members(name, kinds, False)
            case Both(of) | Either(of):
                parts = [self._part(part) for part in of]
                return self._group(len(parts) if isinstance(when, Both) else 1, parts)
            case Negated(operand):
                return self._graph.denied(self._part(operand))
            case FactNamed(name):
                fact = self.vocabulary.get(name)
                if fact is not None and fact.derived is not None:
                    return self._part(derived_expression(fact, self.vocabulary))
        raise NotSimple(when)

    def _part(self, when: Expression) -> int:
        try:
            number = self._table(when)
        except NotSimple:
            return self._composed(when)
        if not self._lookups.never_stuck(number):
            raise NotSimple(when)
        return self._leaf("table", number)

    def _members(self, name: str, keys: Sequence[str], negated: bool) -> int:
        fact = self.vocabulary.get(name)
        if fact is None or fact.kind not in (Kind.MANY, Kind.CERTIFICATES):
            raise NotSimple(name)
        found = self._group(1, [self._member(fact, key) for key in keys])
        return self._graph.denied(found) if negated else found

    def _member(self, fact: Fact, key: str) -> int:
        return self._leaf("member", self._lookups.member(fact, key))

    def _leaf(self, sort: str, number: int) -> int:
        key = (sort, number)
        if key not in self._leaf_of:
            self._leaf_of[key] = len(self._leaves)
            self._leaves.append(key)
        return self._graph.leaf(self._leaf_of[key])

    def _denied_leaf(self, leaf: int) -> int | None:
        sort, number = self._leaves[leaf]
        if sort == "general":
            return None
        opposite = ("not", leaf) if sort != "not" else self._leaves[number]
        if opposite not in self._leaf_of:
            self._leaf_of[opposite] = len(self._leaves)
            self._leaves.append(opposite)
        return self._leaf_of[opposite]

    def finish(self) -> NDArray[np.intp]:
        """Make the tables; the place of each node's code."""
        tables, members = self._lookups.tables(), self._lookups.member_slots()
        rows: list[list[list[int]]] = [[] for _slot in range(self._lookups.slots)]
        for leaf, (sort, number) in enumerate(self._leaves):
            slot, codes = self._leaf_table(sort, number, tables, members)
            rows[slot].append([leaf, *codes])
        order = [leaf for of_slot in rows for leaf, *_codes in of_slot]
        by_state = [[bytes(state) for state in list(zip(*of_slot, strict=True))[1:]] or [b""] for of_slot in rows]
        self._states = States(self._lookups.facts, by_state, self.day)
        place_of_leaf = np.argsort(np.array(order, np.intp))
        self.general = {int(place_of_leaf[leaf]): when for leaf, when in self.general.items()}
        self._ready, places = self._graph.ready(place_of_leaf)
        return places

    def _leaf_table(
        self, sort: str, number: int, tables: list[tuple[int, list[int]]], members: list[int]
    ) -> tuple[int, list[int]]:
        """The slot that a leaf reads, and its code for each state of that slot."""
        match sort:
            case "table":
                return tables[number]
            case "member":
                return members[number], list(MEMBER_CODES)
            case "not":
                slot, codes = self._leaf_table(*self._leaves[number], tables, members)
                return slot, DENIED[codes].tolist()
        return _NOWHERE, [number if sort == "code" else NO]

    def codes(self, profile: Profile) -> tuple[Codes, list[int]]:
        """The code of every node for one company, and the places of criteria at fault."""
        leaves = self._states.codes(profile)
        codes: Codes = np.empty(self._ready.size, np.uint8)
        codes[: len(leaves)] = leaves
        broken = self._ask(profile, codes) if self.general else []
        self._ready.fill(codes)
        return codes, broken

    def _ask(self, profile: Profile, codes: Codes) -> list[int]:
        situation, broken = Situation(self.vocabulary, profile, self.day), []
        for place, when in self.general.items():
            try:
                codes[place] = code_of(truths_of_criterion(when, situation)[0])
            except MemoryError:
                raise
            except Exception:
                codes[place] = NO
                broken.append(place)
        return broken
