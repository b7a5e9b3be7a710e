"""What stands on the page of a question: the question, why it is asked, what was said so far, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from companies.facts import Fact, Kind, Profile, Text, Vocabulary, show_value
from companies.models import Company
from companies.profile_form import FactField, SectionProgress, progress, put_unread, stored_field
from matching.engine.questions import Question, ranked_questions
from matching.interview.deciding import MOST_SHOWN, Decided, decided_by
from matching.interview.standing import Standing, standing_of
from matching.models import Interview
from matching.rendering import money
from policies.rules.book import Rulebook

ENOUGH = 8
"""From so many answers on, a report is worth reading."""


@dataclass(frozen=True, slots=True)
class Said:
    """A question that was asked, and what was said: None for “I don't know yet”."""

    fact: Fact
    shown: Text | None


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """One question with everything around it."""

    fact: Fact | None
    """None where nothing is left to ask."""
    field: FactField | None
    question: Question | None
    """What hangs on the answer; None where nothing does any more."""
    decided: list[Decided]
    number: int
    back: str | None
    said: list[Said]
    left: int
    standing: Standing
    sections: list[SectionProgress]
    answered: int

    @property
    def takes_rows(self) -> bool:
        """Whether the answer is a list that can have one row more."""
        return self.fact is not None and self.fact.kind is Kind.CERTIFICATES

    @property
    def shown(self) -> list[Decided]:
        """The first of the offers it decides."""
        return self.decided[:MOST_SHOWN]

    @property
    def more(self) -> list[Decided]:
        """The other offers it decides."""
        return self.decided[MOST_SHOWN:]

    @property
    def policies(self) -> int:
        """How many policies these offers belong to."""
        return len({one.policy.key for one in self.decided})

    @property
    def stake(self) -> str:
        """The money that hangs on the answer; nothing where no document names any."""
        high = self.question.stake["high"] if self.question else None
        return money.total_in_short(self.question.stake) if self.question and high and Decimal(high) else ""

    @property
    def last(self) -> Said | None:
        """What was said last."""
        return self.said[-1] if self.said else None

    @property
    def unknown(self) -> list[Said]:
        """The questions that were left open."""
        return [one for one in self.said if one.shown is None]

    @property
    def is_enough(self) -> bool:
        """Whether a report is worth reading already."""
        return self.answered >= ENOUGH or self.fact is None


def page_of(company: Company, book: Rulebook, fact: Fact | None, *, day: date) -> QuestionPage:
    """The page of this fact's question, or of the next one (None)."""
    version = company.latest_version
    profile = version.profile(book.vocabulary) if version else Profile({})
    told = Interview.objects.filter(company=company).first() or Interview(company=company, asked=[], declined=[])
    ranked = ranked_questions(book, profile, day, frozenset(told.declined))
    question = _question_of(fact, ranked, book, profile, day, told)
    asked = fact or (question.fact if question else None)
    said = _said(told, profile, book.vocabulary)
    return QuestionPage(
        fact=asked,
        field=_field(company, asked, profile) if asked else None,
        question=question,
        decided=decided_by(question, book) if question else [],
        number=told.asked.index(asked.name) + 1 if asked and asked.name in told.asked else len(told.asked) + 1,
        back=told.before(fact.name if fact else None),
        said=said,
        left=len(ranked),
        standing=standing_of(book, profile, day),
        sections=progress(book.vocabulary, profile),
        answered=sum(1 for one in said if one.shown is not None),
    )


def _question_of(
    fact: Fact | None, ranked: list[Question], book: Rulebook, profile: Profile, day: date, told: Interview
) -> Question | None:
    if fact is None:
        return ranked[0] if ranked else None
    found = next((one for one in ranked if one.fact == fact), None)
    if found is not None:
        return found
    # What would hang on it if it were not answered yet: why it was asked.
    open_again = frozenset(told.declined) - {fact.name}
    return next(
        (one for one in ranked_questions(book, profile.without(fact.name), day, open_again) if one.fact == fact), None
    )


def _field(company: Company, fact: Fact, profile: Profile) -> FactField:
    field = stored_field(fact, profile)
    # One at a time, on a phone; the page has a button for more.
    field.empty_rows = 1
    draft: Any = company.drafts.filter(section=fact.section).values_list("typed", flat=True).first()
    if draft and fact.name in draft:
        put_unread(field, draft[fact.name])
    return field


def _said(told: Interview, profile: Profile, vocabulary: Vocabulary) -> list[Said]:
    found = []
    for name in told.asked:
        fact, answer = vocabulary.get(name), profile.get(name)
        if fact is not None:
            found.append(Said(fact, show_value(fact, answer.value) if answer else None))
    return found
