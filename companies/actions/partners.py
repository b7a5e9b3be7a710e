"""What partners do with companies: send one, rename it, answer for it, let it go; and what its owner agrees to."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from companies import security
from companies.actions import Saved, save_answers
from companies.facts import Source, Vocabulary
from companies.models import Basis, Company, Partner, PartnerCompany, User

log = structlog.get_logger(__name__)


class ChangedMeanwhile(Exception):
    """Somebody saved a profile version since the one that the partner had read."""


class ReferenceTaken(Exception):
    """The partner has another company under this number."""


@transaction.atomic
def send_company(
    *,
    partner: Partner,
    name: str,
    other_name: str = "",
    founded: bool = True,
    uscc: str | None = None,
    reference: str | None = None,
) -> PartnerCompany:
    """Open a record for a company that a partner sends; nobody but the partner may see it.

    It is a record of its own, also where somebody else has one of the same company: who knows a name or a code
    learns nothing by it. Raises ValidationError on a bad name or code, and ReferenceTaken.
    """
    company = Company(name=name, other_name=other_name, founded=founded, uscc=uscc or None)
    company.full_clean()
    company.save()
    link = PartnerCompany(partner=partner, company=company, basis=Basis.SENT, reference=reference or None)
    _save_with_reference(link)
    log.info("company_sent", company=str(company.public_id), partner=str(partner.public_id))
    return link


@transaction.atomic
def change_company(*, link: PartnerCompany, names: Mapping[str, str], reference: str | None) -> None:
    """Give a company these names (`name`, `other_name`; none leaves them) and this number of the partner's own.

    Raises ValidationError and ReferenceTaken.
    """
    if names:
        company = link.company
        for field, name in names.items():
            setattr(company, field, name)
        company.full_clean()
        company.save(update_fields=list(names))
    if (reference or None) != link.reference:
        link.reference = reference or None
        _save_with_reference(link)


@transaction.atomic
def answer_for_company(
    *,
    company: Company,
    answers: Mapping[str, Any],
    partner: Partner,
    vocabulary: Vocabulary,
    whole: bool = False,
    only_after: Callable[[int], bool] = lambda _number: True,
) -> Saved:
    """Save what a partner says of a company; with `whole` every fact that is not named becomes unknown.

    All of it or nothing: where an answer cannot be read, nothing is saved and `version` is the one that was there.
    An answer without a source counts as the partner's. `only_after` is asked for the number of the newest version
    (0 for none) while nobody else can save; where it says no, ChangedMeanwhile is raised.
    """
    given = {name: _from_partner(raw) for name, raw in answers.items()}
    Company.objects.select_for_update().get(pk=company.pk)
    latest = company.latest_version
    if not only_after(latest.number if latest else 0):
        raise ChangedMeanwhile
    if whole:
        named = {fact.name for word in given if (fact := vocabulary.resolve(word))}
        known = latest.profile(vocabulary).answers if latest else {}
        given = {**{name: None for name in known if name not in named}, **given}
    before = transaction.savepoint()
    saved = save_answers(company=company, answers=given, by=partner, vocabulary=vocabulary, source=Source.PARTNER)
    if saved.faults:
        transaction.savepoint_rollback(before)
        return Saved(company.latest_version, saved.faults)
    transaction.savepoint_commit(before)
    return saved


@transaction.atomic
def let_go(*, link: PartnerCompany) -> None:
    """The partner gives up a company: it sees it no more, and what only it had sent is erased.

    A record that has people of its own, or that another partner may see, stays theirs.
    """
    Company.objects.select_for_update().get(pk=link.company_id)
    log.info("company_let_go", company=str(link.company.public_id), partner=str(link.partner.public_id))
    others = PartnerCompany.objects.filter(company=link.company_id, ended_at=None).exclude(pk=link.pk)
    if others.exists() or link.company.memberships.exists():
        _end(link)
    else:
        link.company.delete()


@transaction.atomic
def agree(*, company: Company, partner: Partner, by: User) -> PartnerCompany:
    """Let a partner see the company's record, and change it where the partner sent it; again after a withdrawal."""
    Company.objects.select_for_update().get(pk=company.pk)
    now = timezone.now()
    link = PartnerCompany.objects.filter(company=company, partner=partner).first()
    if link is None:
        link = PartnerCompany(company=company, partner=partner, basis=Basis.CONSENT)
    if link.ended_at is not None or link.agreed_at is None:
        link.agreed_at, link.ended_at = now, None
        link.save()
        security.note("consent_given", company=str(company.public_id), partner=str(partner.public_id), by=by.pk)
    return link


@transaction.atomic
def withdraw(*, link: PartnerCompany, by: User) -> None:
    """End what a partner may see of the company, at once; what it fetched before is not in our hands."""
    if link.ended_at is None:
        _end(link)
        security.note(
            "consent_withdrawn", company=str(link.company.public_id), partner=str(link.partner.public_id), by=by.pk
        )


def _end(link: PartnerCompany) -> None:
    link.ended_at = timezone.now()
    link.save(update_fields=["ended_at"])


def _save_with_reference(link: PartnerCompany) -> None:
    try:
        with transaction.atomic():
            link.save()
    except IntegrityError:
        taken = PartnerCompany.objects.visible_to_partner(link.partner).filter(reference=link.reference)
        if link.reference is None or not taken.exclude(pk=link.pk).exists():
            raise
        raise ReferenceTaken(link.reference) from None


def _from_partner(raw: Any) -> Any:
    if isinstance(raw, Mapping) and "source" not in raw:
        return {**raw, "source": Source.PARTNER.value}
    return raw
