"""Where the command line finds its rules: a release, or the catalogue's files while the database holds none."""

from django.db import Error as DatabaseFault

from companies.facts import Vocabulary
from companies.models import FactRecord
from policies import rulebook
from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.models import Release
from policies.rules.book import Rulebook, UnreadableSnapshot, canonical_snapshot, read_rulebook


class NoRulebook(Exception):
    """There is no such release, or the catalogue's files cannot be read; the message says which and where."""


def find_rulebook(number: int | None = None) -> Rulebook:
    """The named release, else the current one, else the catalogue folder as release 0; raises NoRulebook."""
    if number is not None:
        try:
            return rulebook.of_release(number)
        except rulebook.NoRelease as fault:
            raise NoRulebook(f"there is no release {number}") from fault
    try:
        if Release.objects.exists():
            return rulebook.current()
    except DatabaseFault:
        pass  # no database yet: the files are enough for one report
    return rulebook_of_files()


def vocabulary_today(book: Rulebook) -> Vocabulary:
    """The vocabulary that companies are asked now; that of the rulebook where there is no database to ask."""
    try:
        return FactRecord.objects.vocabulary() if FactRecord.objects.exists() else book.vocabulary
    except DatabaseFault:
        return book.vocabulary


def rulebook_of_files() -> Rulebook:
    """The catalogue folder of the product as release 0; raises NoRulebook where a file cannot be read."""
    folder = read_catalogue_folder(CATALOGUE_DIR)
    if folder.faults:
        first = folder.faults[0]
        raise NoRulebook(f"{CATALOGUE_DIR / first.file}:{first.line}: {first.message.en}")
    try:
        return read_rulebook(canonical_snapshot(folder.to_snapshot()))
    except UnreadableSnapshot as fault:
        raise NoRulebook(f"the catalogue's files do not make a rulebook; try check_catalogue. {fault}") from fault
