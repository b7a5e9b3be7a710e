"""The counts of the last run over all companies, told apart by group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.desk.reach.counted import keep, kept
from matching.desk.reach.population import Population, Progress, VersionGone, state_of_population
from matching.engine.plan import Total
from matching.engine.plan.bits import Flags, Words, pack, unpack
from matching.engine.populations import read_numbers
from matching.engine.reach import Grouping, GroupsPlan, Reach, groupings_of, lines_of, plan_groups, reach_of_verdicts
from matching.models import Run
from matching.snapshots import Ids, edition_of
from policies import rulebook
from policies.rules import Verdict
from policies.rules.book import Rulebook, snapshot_digest

_SHOWN = (Verdict.ELIGIBLE, Verdict.NEEDS_REVIEW, Verdict.UNDETERMINED)


@dataclass(frozen=True, slots=True)
class Figures:
    """The run, its release, and the counts; without counts, how much of the answers is there."""

    run: Run
    book: Rulebook
    groupings: tuple[Grouping, ...]
    reach: Reach | None = None
    progress: Progress | None = None


def figures() -> Figures | None:
    """The figures of the newest run whose results per company are there; None before the first."""
    run = Run.objects.comparable().select_related("release").defer("release__snapshot", "release__changes").first()
    if run is None:
        return None
    book = rulebook.of_release(run.release.number)
    found = Figures(run, book, groupings_of(book.vocabulary, book.lists))
    # In which group a company is, its newest answers say; what it can get, the run.
    key = "figures-" + snapshot_digest([run.pk, run.digest, edition_of(book.vocabulary), *state_of_population()])
    reach = kept(key)
    if reach is None:
        population = Population(book.vocabulary)
        try:
            progress = population.read_some()
            if not progress.is_ready:
                return Figures(run, book, found.groupings, progress=progress)
            reach = _count(run, book, population)
        except VersionGone:
            return Figures(run, book, found.groupings, progress=Progress(0, len(population.companies)))
        keep(key, reach)
    return Figures(run, book, found.groupings, reach)


def _count(run: Run, book: Rulebook, population: Population) -> Reach:
    members = read_numbers(bytes(run.members or b""), run.companies)
    plan = plan_groups(book.offers[0], book.vocabulary, book.lists, run.day)
    offers = (
        (line.offer, {verdict: line.bits(verdict) for verdict in _SHOWN}, _total(line.totals["eligible"]))
        for line in run.offers.order_by("position").iterator(chunk_size=16)
    )
    return reach_of_verdicts(_lines_of_members(plan, population, members), offers)


def _lines_of_members(plan: GroupsPlan, population: Population, members: Ids) -> list[Words]:
    """The companies of each line, by their place in the run; of who is gone since, no group is known."""
    pieces: list[list[Flags]] = [[np.zeros(0, np.bool_)] for _ in lines_of(plan.groupings)]
    for columns, everybody in population.columns(plan.facts):
        companies = unpack(everybody, columns.rows)
        for piece, words in zip(pieces, plan.lines(columns, everybody), strict=True):
            piece.append(unpack(words, columns.rows)[companies])
    # One more place, in no line, for those who are gone.
    lines = [np.append(np.concatenate(piece), False) for piece in pieces]
    place = np.searchsorted(population.companies, members)
    is_there = np.append(population.companies, -1)[place] == members
    place[~is_there] = len(population.companies)
    found = [np.ones(len(members), np.bool_), *(line[place] for line in lines[1:])]
    at = 0
    for grouping in plan.groupings:
        at += len(grouping.groups) + 2
        found[at] |= ~is_there
    return [pack(flags) for flags in found]


def _total(plain: dict[str, int]) -> Total:
    ends = (plain[name] for name in ("low_fen", "high_fen", "low_unknown", "high_unknown"))
    return Total(plain["companies"], *ends)
