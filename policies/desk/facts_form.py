"""The facts that a draft reads, as a form: what is asked of a company that is made up to try the draft."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from companies.facts import Answer, Fact, Profile, Text, Vocabulary, read_profile
from companies.profile_form import FactField, put_unread, read_typed, stored_field
from policies.rules.documents import PolicyText
from policies.rules.facts_read import facts_read


@dataclass(frozen=True, slots=True)
class FactsForm:
    """The fields by section of the vocabulary, in its order."""

    sections: list[tuple[Text, list[FactField]]]

    @property
    def fields(self) -> list[FactField]:
        """All fields, from top to bottom."""
        return [field for _title, fields in self.sections for field in fields]

    @property
    def wrong(self) -> list[FactField]:
        """The fields with a message."""
        return [field for field in self.fields if field.message]


@dataclass(frozen=True, slots=True)
class SentFacts:
    """What a sent form says of the company, and what of it could not be read, by fact."""

    profile: Profile
    unread: dict[str, Any]


def facts_asked(policy: PolicyText | None, vocabulary: Vocabulary, also: Iterable[str] = ()) -> list[Fact]:
    """The facts that the policy's offers read, and those named besides, in the vocabulary's order."""
    names = set(also)
    for offer in policy.offers if policy is not None else ():
        names |= facts_read(offer, vocabulary)
    return [fact for fact in vocabulary.asked if fact.name in names]


def facts_form(
    facts: Iterable[Fact], vocabulary: Vocabulary, profile: Profile, unread: dict[str, Any] | None = None
) -> FactsForm:
    """The form with what the profile says, and over it what was typed and could not be read."""
    fields: dict[str, list[FactField]] = {}
    for fact in facts:
        made = stored_field(fact, profile)
        made.empty_rows = 1  # beside a result there is little room, and trying again gives another
        if unread and fact.name in unread:
            put_unread(made, unread[fact.name])
        fields.setdefault(fact.section, []).append(made)
    titled = [(section.title, fields[section.key]) for section in vocabulary.sections if section.key in fields]
    return FactsForm(titled)


def read_facts(facts: Iterable[Fact], sent: QueryDict, vocabulary: Vocabulary, before: Profile) -> SentFacts:
    """The profile with what was sent on top of `before`; an answer that stays the same keeps where it came from."""
    said = read_typed(facts, sent)
    typed, _none = read_profile(vocabulary, said.answers)
    fresh: dict[str, Answer] = {}
    for name, answer in typed.answers.items():
        known = before.get(name)
        fresh[name] = known if known is not None and known.value == answer.value else answer
    gone = [name for name, raw in said.answers.items() if raw is None] + list(said.unread)
    return SentFacts(before.without(*gone).with_answers(fresh), said.unread)
