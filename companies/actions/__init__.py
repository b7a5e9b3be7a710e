"""The verbs of companies: each is atomic, takes keywords and says who did it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from companies import security
from companies.actions.vocabulary import order_facts, order_sections, store_fact, store_section, store_vocabulary
from companies.facts import Answer, Fact, Profile, ProfileFault, Source, Vocabulary, digest_of, read_profile
from companies.models import Company, Membership, ProfileDraft, ProfileVersion, Role, User, Visit, Visitor
from companies.models.partners import ApiKey, Partner, digest_of_key, new_secret

log = structlog.get_logger(__name__)

__all__ = [
    "Saved",
    "describe_company",
    "first_version",
    "forget_typed",
    "found_company",
    "keep_draft",
    "make_key",
    "order_facts",
    "order_sections",
    "revoke_key",
    "save_answers",
    "save_section",
    "store_fact",
    "store_section",
    "store_vocabulary",
]


@transaction.atomic
def found_company(
    *, name: str, by: User, other_name: str = "", founded: bool = True, uscc: str | None = None
) -> Company:
    """Open a record for a company, owned by the person; raises ValidationError on a bad name or code."""
    company = Company(name=name, other_name=other_name, founded=founded, uscc=uscc or None)
    company.full_clean()
    company.save()
    Membership.objects.create(company=company, user=by, role=Role.OWNER)
    log.info("company_founded", company=str(company.public_id))
    return company


@transaction.atomic
def describe_company(
    *, company: Company, name: str, other_name: str, founded: bool, uscc: str | None, by: User | Visitor
) -> None:
    """Give the record other names, or say that the company is registered now; raises ValidationError on a bad name or code.

    Reports that were made before keep the name they were made with.
    """
    company.name, company.other_name, company.founded, company.uscc = name, other_name, founded, uscc or None
    company.full_clean()
    company.save(update_fields=["name", "other_name", "founded", "uscc"])
    log.info("company_described", company=str(company.public_id), by=by.pk)


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of saving answers: the newest version (None while nothing is known), what could not be read,
    whether somebody had saved since the form was opened, and the facts that both had changed."""

    version: ProfileVersion | None
    faults: tuple[ProfileFault, ...]
    merged: bool = False
    changed_meanwhile: tuple[str, ...] = ()


@transaction.atomic
def save_answers(
    *,
    company: Company,
    answers: Mapping[str, Any],
    by: User | Partner | Visitor,
    vocabulary: Vocabulary,
    source: Source = Source.SELF,
    opened_on: int | None = None,
) -> Saved:
    """Put these raw answers on top of the newest profile version, as a new version where that changes anything.

    `answers` maps fact names to raw answers; None or blank makes a fact unknown again. Answers that cannot be
    read are reported and change nothing. With `opened_on`, the number of the version the person was looking at
    (0 for none), only what differs from that version is saved: what a colleague changed meanwhile stays.
    """
    Company.objects.select_for_update().get(pk=company.pk)  # one writer at a time
    latest = company.latest_version
    opened = _opened(company, opened_on, latest)
    base = opened.profile(vocabulary) if opened else Profile({})
    given, faults = read_profile(vocabulary, {name: _with_source(raw, source) for name, raw in answers.items()})
    before = latest.profile(vocabulary) if latest else Profile({})
    explicit = {fact.name for word, raw in answers.items()
                if isinstance(raw, Mapping) and (fact := vocabulary.resolve(word))}  # fmt: skip
    fresh = {
        name: answer
        for name, answer in given.answers.items()
        if not _says_the_same(base.get(name), answer, explicit=name in explicit)
    }
    forgotten = _made_unknown(vocabulary, answers, given, faults, base)
    after = before.without(*forgotten).with_answers(fresh)
    version = latest
    if after.to_plain(vocabulary) != before.to_plain(vocabulary):
        version = _next_version(company, latest, after, vocabulary, by)
    if isinstance(by, Visitor):
        Visit.objects.keep_longer(company)
    both = sorted(name for name in {*fresh, *forgotten} if base.get(name) != before.get(name))
    return Saved(version, tuple(faults), merged=opened != latest, changed_meanwhile=tuple(both))


def _opened(company: Company, number: int | None, latest: ProfileVersion | None) -> ProfileVersion | None:
    """The version the form was opened on; the newest where nothing else is known."""
    if number is None or latest is None or number == latest.number:
        return latest
    return company.profile_versions.filter(number=number).first()


def _with_source(raw: Any, source: Source) -> Any:
    return raw if isinstance(raw, Mapping) else {"value": raw, "source": source.value}


def _says_the_same(old: Answer | None, new: Answer, *, explicit: bool) -> bool:
    """A form sends every field again: repeating a value does not take its better source away."""
    if old is None or old.value != new.value:
        return False
    return old.source == new.source if explicit else new.source is Source.SELF or old.source == new.source


def _made_unknown(
    vocabulary: Vocabulary,
    answers: Mapping[str, Any],
    given: Profile,
    faults: list[ProfileFault],
    base: Profile,
) -> set[str]:
    """The facts that were answered before and are left open now."""
    wrong = {fault.name for fault in faults}
    named = {fact.name for word in answers if word not in wrong and (fact := vocabulary.resolve(word))}
    return {name for name in named if name not in given.answers and base.get(name) is not None}


def _next_version(
    company: Company,
    latest: ProfileVersion | None,
    profile: Profile,
    vocabulary: Vocabulary,
    by: User | Partner | Visitor,
) -> ProfileVersion:
    plain = profile.to_plain(vocabulary)
    if latest:
        # Answers to facts that were taken out of the vocabulary are kept: it may get them back.
        plain = {**{k: v for k, v in latest.answers.items() if k not in vocabulary}, **plain}
    return ProfileVersion.objects.create(
        company=company,
        number=(latest.number if latest else 0) + 1,
        answers=plain,
        digest=digest_of(plain),
        **_author(by),
    )


def first_version(*, company: Company, by: User | Partner | Visitor) -> ProfileVersion:
    """A first profile version without answers, for a company that has none yet."""
    return ProfileVersion.objects.create(company=company, number=1, answers={}, digest=digest_of({}), **_author(by))


def _author(by: User | Partner | Visitor) -> dict[str, Any]:
    return {"partner": by} if isinstance(by, Partner) else {"created_by": _person(by)}


def _person(by: User | Visitor) -> User | None:
    """Whom to name as the author: nobody knows who a visitor is."""
    return None if isinstance(by, Visitor) else by


@transaction.atomic
def keep_draft(*, company: Company, section: str, typed: Mapping[str, Any], by: User | Visitor) -> None:
    """Keep what could not be read of a section as it was typed; nothing to keep clears the draft."""
    if typed:
        ProfileDraft.objects.update_or_create(
            company=company, section=section, defaults={"typed": dict(typed), "changed_by": _person(by)}
        )
    else:
        ProfileDraft.objects.filter(company=company, section=section).delete()


@transaction.atomic
def forget_typed(*, company: Company, fact: Fact, by: User | Visitor) -> None:
    """Whoever saw what could not be read of this fact takes it back; what is kept of other facts stays."""
    draft = ProfileDraft.objects.select_for_update().filter(company=company, section=fact.section).first()
    if draft is not None and fact.name in draft.typed:
        left = {name: typed for name, typed in draft.typed.items() if name != fact.name}
        keep_draft(company=company, section=fact.section, typed=left, by=by)


@transaction.atomic
def save_section(
    *,
    company: Company,
    section: str,
    answers: Mapping[str, Any],
    unread: Mapping[str, Any],
    by: User | Visitor,
    vocabulary: Vocabulary,
    opened_on: int | None = None,
    draft_seen: str | None = None,
) -> Saved:
    """Save a section's good answers as a new version, and keep what could not be read as its draft.

    `draft_seen` is the mark (`ProfileDraft.mark`) of the draft that the form showed, "" for none. What a colleague
    typed since and could not be read either is kept beside it.
    """
    saved = save_answers(company=company, answers=answers, by=by, vocabulary=vocabulary, opened_on=opened_on)
    draft = ProfileDraft.objects.filter(company=company, section=section).first()
    unseen = draft.typed if draft is not None and draft_seen is not None and draft.mark != draft_seen else {}
    answered = {name for name, raw in answers.items() if raw is not None}
    kept = {name: typed for name, typed in unseen.items() if name not in answered}
    keep_draft(company=company, section=section, typed={**kept, **unread}, by=by)
    return saved


@transaction.atomic
def make_key(
    *, partner: Partner, label: str, scopes: Iterable[str], by: User | None, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A new key of the partner and its text, which is shown now and never again; raises ValidationError.

    Keys are independent of each other: to rotate one, make another, use it everywhere, then revoke the first.
    """
    prefix, secret = new_secret()
    key = ApiKey(
        partner=partner,
        label=label,
        prefix=prefix,
        digest=digest_of_key(secret),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        created_by=by,
    )
    key.full_clean()
    key.save()
    security.note("api_key_made", partner=str(partner.public_id), key=prefix)
    return key, secret


def revoke_key(*, key: ApiKey, by: User | None) -> bool:
    """Stop a key at once and for good; False when it was revoked before."""
    revoked = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
    if revoked:
        security.note("api_key_revoked", partner=str(key.partner.public_id), key=key.prefix, by=by and by.pk)
    return bool(revoked)
