"""What an answer does: it is saved or kept as it was typed, or the question counts as one that nobody can answer yet."""

from __future__ import annotations

from django.db import transaction
from django.http import QueryDict

from companies.actions import forget_typed, found_company, save_answers, save_section, visits
from companies.facts import Fact, Kind, Vocabulary
from companies.models import Company, User, Visitor
from companies.profile_form import read_typed
from matching.models import Interview

# What the first page asks is a fact as well, where the vocabulary has it.
_FOUNDED = "established"


@transaction.atomic
def start(*, name: str, founded: bool, by: User | Visitor, vocabulary: Vocabulary | None) -> tuple[Company, str | None]:
    """Open a record to interview: of the person, or of nobody, with the secret by which a browser holds it."""
    secret = None
    if isinstance(by, Visitor):
        company, secret = visits.start_visit(name=name, founded=founded)
    else:
        company = found_company(name=name, founded=founded, by=by)
    fact = vocabulary.get(_FOUNDED) if vocabulary else None
    if vocabulary and fact is not None and fact.kind is Kind.YES_NO and fact.derived is None:
        save_answers(company=company, answers={_FOUNDED: founded}, by=by, vocabulary=vocabulary)
    return company, secret


@transaction.atomic
def answer(*, company: Company, fact: Fact, sent: QueryDict, by: User | Visitor, vocabulary: Vocabulary) -> bool:
    """Save what was sent for this fact; False where it cannot be read: then it is kept as typed, and asked again.

    An empty answer is “I don't know yet”: the fact is unknown, and the interview goes on without it.
    """
    read = read_typed([fact], sent)
    is_unknown = not read.unread and read.answers.get(fact.name) is None
    # No mark of a draft was seen: what stands there for other facts of the section is kept.
    save_section(
        company=company,
        section=fact.section,
        answers=read.answers if not is_unknown else {fact.name: None},
        unread=read.unread,
        by=by,
        vocabulary=vocabulary,
        draft_seen="",
    )
    if not read.unread:
        forget_typed(company=company, fact=fact, by=by)
        _note(company, fact.name, declined=is_unknown)
    return not read.unread


@transaction.atomic
def decline(*, company: Company, fact: Fact, by: User | Visitor, vocabulary: Vocabulary) -> None:
    """Nobody can tell this fact yet: it is unknown again. Certificates stay: those that are named are held, whatever their last day."""
    if fact.kind is not Kind.CERTIFICATES:
        save_answers(company=company, answers={fact.name: None}, by=by, vocabulary=vocabulary)
    forget_typed(company=company, fact=fact, by=by)
    _note(company, fact.name, declined=True)


def _note(company: Company, name: str, *, declined: bool) -> None:
    Company.objects.select_for_update().get(pk=company.pk)  # two devices may answer at once
    interview, _made = Interview.objects.get_or_create(company=company)
    if name not in interview.asked:
        interview.asked.append(name)
    interview.declined = [one for one in interview.declined if one != name] + ([name] if declined else [])
    interview.save()
