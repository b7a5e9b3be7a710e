"""The release that the body of a request names."""

from __future__ import annotations

from companies.api.asking import LARGEST_NUMBER
from companies.api.bodies import Body
from companies.api.problems import Problem
from companies.facts import Text
from policies import rulebook
from policies.models import Release
from policies.rules.book import Rulebook

RELEASE_SCHEMA = {
    "type": ["integer", "null"],
    "minimum": 1,
    "maximum": LARGEST_NUMBER,
    "description": "The number of a release; the current one where none is given.",
}
ON_SCHEMA = {"type": ["string", "null"], "description": "The day, such as 2026-11-25; today where none is given."}


def release_asked(body: Body) -> Release | None:
    """The release that a body names; None for the current one. Raises Problem (unavailable) before there is any."""
    number = body.sent.get("release")
    releases = Release.objects.only("number").order_by("number")
    if number is None:
        if not releases.exists():
            raise Problem("unavailable", Text("No release has been published yet.", "尚未发布任何版本。"))
        return None
    release = None
    if isinstance(number, int) and not isinstance(number, bool) and 0 < number <= LARGEST_NUMBER:
        release = releases.filter(number=number).first()
    if release is None:
        said = Text("There is no release with this number.", "没有这一编号的发布版。")
        body.refuse("release", "unknown_release", said)
    return release


def book_asked(body: Body) -> Rulebook:
    """The rules of the release that a body names; those of the current one too where there is none like it, so that the
    rest of the body can be read. Raises Problem (unavailable) before there is any.
    """
    release = release_asked(body)
    try:
        return rulebook.current() if release is None else rulebook.of_release(release.number)
    except rulebook.NoRelease:
        raise Problem("unavailable", Text("No release has been published yet.", "尚未发布任何版本。")) from None
