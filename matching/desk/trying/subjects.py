"""On whom a version can be tried: the person's own companies, the examples of the product, the cases of the version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from companies.facts import Profile, Vocabulary
from companies.models import Company
from matching.examples import FOLDER
from matching.profiles import ProfileFile, read_profile_file
from policies.rules.example_cases import listed_cases, named_cases, read_case

if TYPE_CHECKING:
    from companies.models import User

MOST_COMPANIES = 200
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a version is tried on: the key by which a form names them, what they are called, what is known of them.

    `day` is the day of an example case; None where any day will do.
    """

    key: str
    name: str
    profile: Profile
    day: date | None = None
    is_company: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list to choose from."""

    key: str
    name: str


def choices(user: User, content: Mapping[str, Any]) -> list[tuple[str, list[Choice]]]:
    """Whom this person may choose, in groups with a heading; a group with nobody in it is left out."""
    companies = Company.objects.visible_to(user)[:MOST_COMPANIES]
    groups = [
        (_("Your companies"), [Choice(f"company:{one.public_id}", one.name) for one in companies]),
        (
            _("Example cases of this version"),
            [Choice(f"case:{name}", name) for name in named_cases(listed_cases(content))],
        ),
        (_("Example companies (made up)"), [Choice(f"example:{key}", file.name) for key, file in _examples().items()]),
    ]
    return [(title, found) for title, found in groups if found]


def find_subject(key: str, user: User, content: Mapping[str, Any], vocabulary: Vocabulary) -> Subject | None:
    """Whom the key names; None where there is no such subject for this person, whoever else may see it."""
    kind, _colon, name = key.partition(":")
    match kind:
        case "nobody":
            return Subject(NOBODY, _("a company of which nothing is known"), Profile({}))
        case "company":
            return _company(key, name, user, vocabulary)
        case "example" if name in _examples():
            file = _examples()[name]
            # What a changed vocabulary does not know of an example any more is left out: it is there to look at.
            return Subject(key, file.name, file.profile(vocabulary)[0])
        case "case":
            cases = named_cases(listed_cases(content))
            read = read_case(cases[name], cases, vocabulary) if name in cases else None
            return None if read is None else Subject(key, name, read.profile or Profile({}), read.day)
    return None


def _company(key: str, name: str, user: User, vocabulary: Vocabulary) -> Subject | None:
    try:
        company = Company.objects.visible_to(user).get(public_id=UUID(name))
    except (ValueError, Company.DoesNotExist):
        return None
    latest = company.latest_version
    profile = latest.profile(vocabulary) if latest is not None else Profile({})
    return Subject(key, company.name, profile, is_company=True)


@lru_cache(maxsize=1)
def _examples() -> Mapping[str, ProfileFile]:
    """The example companies by the stem of their file: they do not change while the service runs."""
    read = ((path.stem, read_profile_file(path)[0]) for path in sorted(FOLDER.glob("*.yaml")))
    return {stem: file for stem, file in read if file is not None}
