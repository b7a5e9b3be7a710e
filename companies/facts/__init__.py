"""Facts about companies: words, kinds, vocabulary, values and profiles. Pure Python, usable from a notebook."""

from companies.facts.catalogue import VocabularyFault, read_choices, read_vocabulary
from companies.facts.certificates import Certificate
from companies.facts.kinds import CONFIDENCES, PERIODS, UNKNOWN, Effort, Kind, Source, Unknown
from companies.facts.numbers import read_number
from companies.facts.profile import Answer, Profile, ProfileFault, digest_of, read_profile
from companies.facts.schema import value_schema, written_bounds
from companies.facts.showing import show_certificate, show_day, show_money, show_value
from companies.facts.values import Value, read_value, typed_value, write_value
from companies.facts.vocabulary import Choice, Fact, Section, Vocabulary
from companies.facts.words import Text, ValueFault, folded, nearest, quoted, read_text, typed_text

__all__ = [
    "CONFIDENCES",
    "PERIODS",
    "UNKNOWN",
    "Answer",
    "Certificate",
    "Choice",
    "Effort",
    "Fact",
    "Kind",
    "Profile",
    "ProfileFault",
    "Section",
    "Source",
    "Text",
    "Unknown",
    "Value",
    "ValueFault",
    "Vocabulary",
    "VocabularyFault",
    "digest_of",
    "folded",
    "nearest",
    "quoted",
    "read_choices",
    "read_number",
    "read_profile",
    "read_text",
    "read_value",
    "read_vocabulary",
    "show_certificate",
    "show_day",
    "show_money",
    "show_value",
    "typed_text",
    "typed_value",
    "value_schema",
    "write_value",
    "written_bounds",
]
