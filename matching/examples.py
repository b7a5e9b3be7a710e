"""The example companies that ship with the product: invented, complete, and as different as the companies of a district."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from companies.facts import Profile, Vocabulary
from matching.profiles import read_profile_file

FOLDER = Path(__file__).resolve().parent / "demo" / "companies"


class UnreadableExample(Exception):
    """An example company does not fit the vocabulary; the message names file, line and fault."""


@dataclass(frozen=True, slots=True)
class Example:
    """One example company: the stem of its file, its name and everything it could answer."""

    key: str
    name: str
    profile: Profile


def read_examples(vocabulary: Vocabulary, folder: Path = FOLDER) -> Iterator[Example]:
    """The example companies in the order of their files; raises UnreadableExample at the first fault."""
    for path in sorted(folder.glob("*.yaml")):
        file, faults = read_profile_file(path)
        if file is not None:
            profile, faults = file.profile(vocabulary)
        if faults or file is None:
            raise UnreadableExample("; ".join(fault.said("en") for fault in faults))
        yield Example(path.stem, file.name, profile)
