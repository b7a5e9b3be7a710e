"""The pages of companies: my companies, a new one, its overview, and its profile section by section."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from companies import actions, signed_out
from companies.actions import partners as partner_actions
from companies.asking_first import ask_first
from companies.facts import Profile, Vocabulary
from companies.forms import CompanyForm, PartnerForm
from companies.models import Company, FactRecord, Partner, PartnerCompany, ProfileVersion, Role, User
from companies.profile_form import SectionForm, SectionProgress, progress, read_sent
from companies.returning import way_back
from companies.visitors import signed_in_or_holding, stay_known

_LATEST_VERSIONS = 20
# How many characters are kept of what is sent while signed out.
_MOST_KEPT = 100_000


class SignedIn(HttpRequest):
    """A request behind `login_required`; behind `signed_in_or_holding` it may be a visitor's."""

    user: User


@login_required
@never_cache
@require_safe
def company_list(request: SignedIn) -> HttpResponse:
    """The companies the person takes part in; somebody without one starts with the first, or works for a partner."""
    companies = list(Company.objects.visible_to(request.user).with_role_of(request.user))
    is_of_partner = Partner.objects.visible_to(request.user).exists()
    if not companies:
        return redirect("partner:home" if is_of_partner else "companies:new")
    return render(request, "companies/list.html", {"companies": companies, "is_of_partner": is_of_partner})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    """Open a record for a company."""
    form = CompanyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        company = actions.found_company(by=request.user, **form.cleaned_data)
        return redirect("companies:profile", company.public_id)
    return render(request, "companies/new.html", {"form": form}, status=422 if form.errors else 200)


@signed_in_or_holding
@never_cache
@require_safe
def detail(request: SignedIn, public_id: UUID) -> HttpResponse:
    """How far the profile is, who takes part, and the way to a report."""
    company = _company_or_404(request, public_id)
    return render(request, "companies/detail.html", _overview(company))


def _overview(company: Company) -> dict[str, Any]:
    versions = list(company.profile_versions.select_related("created_by").defer("answers")[:_LATEST_VERSIONS])
    latest = company.latest_version
    vocabulary = FactRecord.objects.vocabulary()
    sections = progress(vocabulary, latest.profile(vocabulary) if latest else Profile({}))
    return {
        "company": company,
        "sections": sections,
        "answered": sum(one.answered for one in sections),
        "asked": sum(one.asked for one in sections),
        "next_section": next((one for one in sections if one.answered < one.asked), None),
        "versions": versions,
        "memberships": company.memberships.select_related("user"),
    }


@signed_in_or_holding
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def describe(request: SignedIn, public_id: UUID) -> HttpResponse:
    """Give the company another name, its code, or say that it is registered now; then back to where one came from."""
    company = _company_or_404(request, public_id)
    if company.role == Role.READER:
        raise PermissionDenied
    back = way_back(request, company.get_absolute_url())
    form = CompanyForm(request.POST if request.method == "POST" else None, initial=_as_it_is(company))
    if request.method == "POST" and form.is_valid():
        actions.describe_company(company=company, by=request.user, **form.cleaned_data)
        stay_known(request)
        messages.success(request, _("Saved."))
        return redirect(back)
    context = {"company": company, "form": form, "back": back}
    return render(request, "companies/describe.html", context, status=422 if form.errors else 200)


def _as_it_is(company: Company) -> dict[str, Any]:
    founded = "yes" if company.founded else "no"
    return {"name": company.name, "other_name": company.other_name, "founded": founded, "uscc": company.uscc or ""}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def partners(request: SignedIn, public_id: UUID) -> HttpResponse:
    """Which partners may see the company. An owner looks one up by its code and, having seen its name, agrees."""
    company = _company_or_404(request, public_id)
    is_owner = company.role == Role.OWNER
    if request.method == "POST" and not is_owner:
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else request.GET if "code" in request.GET else None
    form = PartnerForm(sent)
    partner = form.cleaned_data["code"] if is_owner and sent is not None and form.is_valid() else None
    if request.method == "POST" and partner is not None:
        partner_actions.agree(company=company, partner=partner, by=request.user)
        messages.success(request, _("%(partner)s may see this company now.") % {"partner": partner.name})
        return redirect("companies:partners", company.public_id)
    links = PartnerCompany.objects.filter(company=company, ended_at=None).select_related("partner").with_may_change()
    context = {"company": company, "links": links, "form": form, "found": partner}
    return render(request, "companies/partners.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end_partner(request: SignedIn, public_id: UUID, partner_id: UUID) -> HttpResponse:
    """Ask first, then end what a partner may see of the company; only for owners."""
    company = _company_or_404(request, public_id)
    if company.role != Role.OWNER:
        raise PermissionDenied
    links = PartnerCompany.objects.select_related("partner", "company").filter(company=company)
    link = get_object_or_404(links, partner__public_id=partner_id)
    if request.method != "POST":
        return ask_first(
            request,
            question=_("End what this partner may see?"),
            happens=_(
                "%(partner)s sees nothing of “%(name)s” from now on, neither facts nor reports. "
                "What it has fetched before is in its own keeping."
            )
            % {"partner": link.partner.name, "name": company.name},
            button=_("End this"),
            back=reverse("companies:partners", args=[company.public_id]),
        )
    partner_actions.withdraw(link=link, by=request.user)
    messages.success(request, _("%(partner)s cannot see this company any more.") % {"partner": link.partner.name})
    return redirect("companies:partners", company.public_id)


@signed_in_or_holding
@require_safe
def profile(request: SignedIn, public_id: UUID) -> HttpResponse:
    """Go to the first section that is not complete."""
    company = _company_or_404(request, public_id)
    vocabulary = FactRecord.objects.vocabulary()
    latest = company.latest_version
    sections = progress(vocabulary, latest.profile(vocabulary) if latest else Profile({}))
    if not sections:
        return redirect(company)
    open_one = next((one for one in sections if one.answered < one.asked), sections[0])
    return redirect("companies:section", company.public_id, open_one.key)


def _keep_what_was_sent(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep in the session what somebody sends whose sign-in has run out, before they are sent to sign in."""

    @wraps(view)
    def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated and not getattr(request.user, "held", ()):
            signed_out.keep(request, most=_MOST_KEPT)
        return view(request, *args, **kwargs)

    return keeping


@_keep_what_was_sent
@signed_in_or_holding
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: SignedIn, public_id: UUID, section: str) -> HttpResponse:
    """One section of the profile: read it, or save what was typed."""
    company = _company_or_404(request, public_id)
    vocabulary = FactRecord.objects.vocabulary()
    if not any(fact.derived is None for fact in vocabulary.in_section(section)):
        raise Http404
    if request.method == "POST":
        return _save(request, company, vocabulary, section)
    latest = company.latest_version
    answers = latest.profile(vocabulary) if latest else Profile({})
    draft = company.drafts.filter(section=section).first()
    form = SectionForm.stored(vocabulary, section, answers, draft.typed if draft else None)
    context = _around(vocabulary, answers, section, latest)
    context |= {"company": company, "form": form, "may_edit": company.role != Role.READER}
    context["draft_seen"] = draft.mark if draft else ""
    sent = signed_out.kept(request)
    if sent is not None:
        form.put_sent(sent)
        # As it stood when the page was opened, so that what others saved meanwhile is merged, not overwritten.
        context |= {
            "sent_signed_out": True,
            "opened_on": sent.get("opened_on", ""),
            "draft_seen": sent.get("draft_seen", ""),
        }
    return render(request, "companies/section.html", context)


def _around(vocabulary: Vocabulary, answers: Profile, key: str, latest: ProfileVersion | None) -> dict[str, Any]:
    sections = progress(vocabulary, answers)
    return {
        "section": vocabulary.section(key),
        "sections": sections,
        "following": _following(sections, key),
        "opened_on": latest.number if latest else 0,
    }


def _following(sections: list[SectionProgress], key: str) -> SectionProgress | None:
    keys = [one.key for one in sections]
    after = keys.index(key) + 1
    return sections[after] if after < len(sections) else None


def _save(request: SignedIn, company: Company, vocabulary: Vocabulary, key: str) -> HttpResponse:
    if company.role == Role.READER:
        raise PermissionDenied
    sent = read_sent(vocabulary, key, request.POST)
    opened = request.POST.get("opened_on", "")
    saved = actions.save_section(
        company=company,
        section=key,
        answers=sent.answers,
        unread=sent.unread,
        by=request.user,
        vocabulary=vocabulary,
        draft_seen=request.POST.get("draft_seen"),
        opened_on=int(opened) if opened.isascii() and opened.isdigit() and len(opened) < 10 else None,
    )
    signed_out.forget(request)
    stay_known(request)
    _say_what_happened(request, vocabulary, saved, bool(sent.unread))
    sections = progress(vocabulary, Profile({}))
    following = _following(sections, key)
    if sent.unread or "next" not in request.POST:
        return redirect("companies:section", company.public_id, key)
    return redirect("companies:section", company.public_id, following.key) if following else redirect(company)


def _say_what_happened(request: SignedIn, vocabulary: Vocabulary, saved: actions.Saved, some_unread: bool) -> None:
    if some_unread:
        messages.warning(request, _("The answers we could read are saved. Please look at the marked fields."))
    else:
        messages.success(request, _("Saved."))
    if saved.changed_meanwhile:
        facts = [vocabulary.get(name) for name in saved.changed_meanwhile]
        named = ", ".join(fact.label.said(get_language()) for fact in facts if fact)
        said = _("Somebody else changed these while you were typing; your answers are kept: %(facts)s")
        messages.warning(request, said % {"facts": named})
    elif saved.merged:
        messages.info(request, _("Somebody else saved other answers while you were typing. Both are kept."))


def _company_or_404(request: SignedIn, public_id: UUID) -> Company:
    """The company with the person's role; missing and foreign give the same answer."""
    visible = Company.objects.visible_to(request.user).with_role_of(request.user)
    return get_object_or_404(visible, public_id=public_id)
