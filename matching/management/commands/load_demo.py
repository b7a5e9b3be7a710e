"""`manage.py load_demo`: people, a company and a match to look at, in an installation for trying out."""

from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from companies.actions import found_company, save_answers
from companies.models import Company, Membership, Role, User
from matching import actions
from matching.profiles import read_profile_file
from policies import rulebook

PROFILE = Path(__file__).resolve().parents[2] / "demo" / "profile.yaml"
# Known to everybody, so they are made in the embedded edition only.
SIGN_IN = "changping-demo"
LIN, WEI, ZHOU = "lin@example.com", "wei@example.com", "zhou@example.com"
# At the desk: two people, because nobody approves what they wrote.
STAFF = {"chen@example.com": ("curator",), "gao@example.com": ("reviewer", "publisher")}


class Command(BaseCommand):
    """Idempotent: a second call adds nothing. Refused in the served edition."""

    help = "Load the demo people (Lin owns the demo company, Wei is a colleague, Zhou a stranger; Chen and Gao work at the desk) and a match."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.EDITION != "embedded" and not settings.DEBUG:
            raise CommandError("The demo people have known passwords, so the served edition never gets them.")
        lin, wei, zhou = (_person(email) for email in (LIN, WEI, ZHOU))
        company = _demo_company(lin, wei)
        if not company.match_requests.exists():
            try:
                actions.request_match(profile_version=company.latest_version, day=timezone.localdate(), by=lin)
            except actions.NoReleaseYet as fault:
                raise CommandError("Load the catalogue first: manage.py load_catalogue") from fault
        for person, what in ((lin, "owns the demo company"), (wei, "a colleague"), (zhou, "a stranger")):
            self.stdout.write(f"{person.email} / {SIGN_IN}  ({what})")
        for email, roles in STAFF.items():
            _member_of_staff(email, roles)
            self.stdout.write(f"{email} / {SIGN_IN}  (desk: {', '.join(roles)}; second factor: ./run demo_code)")


def _person(email: str) -> User:
    person = User.objects.filter(email=email).first()
    return person or User.objects.create_user(email, SIGN_IN)


def _member_of_staff(email: str, roles: tuple[str, ...]) -> None:
    """Somebody of the desk, whose second factor has a secret of this installation's own: `demo_code` shows the code."""
    if User.objects.filter(email=email).exists():
        return
    person = User.objects.create_user(email, SIGN_IN, is_staff=True)
    person.groups.set(Group.objects.filter(name__in=roles))
    if not Authenticator.objects.filter(user=person).exists():
        TOTP.activate(person, generate_totp_secret())


def _demo_company(lin: User, wei: User) -> Company:
    """The demo company with its profile; Lin keeps whatever was changed in it since."""
    file, faults = read_profile_file(PROFILE)
    if file is None:
        raise CommandError("\n".join(fault.said("en") for fault in faults))
    company = Company.objects.filter(name=file.name, memberships__user=lin).first()
    if company is None:
        company = found_company(name=file.name, other_name="Changping Demo Biotech Co., Ltd.", by=lin)
    Membership.objects.get_or_create(company=company, user=wei, defaults={"role": Role.EDITOR})
    if company.latest_version is None:
        try:
            vocabulary = rulebook.current().vocabulary
        except rulebook.NoRelease as fault:
            raise CommandError("Load the catalogue first: manage.py load_catalogue") from fault
        saved = save_answers(company=company, answers=file.facts, by=lin, vocabulary=vocabulary)
        if saved.faults:
            said = "; ".join(f"{fault.name}: {fault.message.en}" for fault in saved.faults)
            raise CommandError(f"The demo profile does not fit the vocabulary: {said}")
    return company
