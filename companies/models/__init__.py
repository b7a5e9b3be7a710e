"""Who asks: people, companies and their members, the vocabulary as rows, and profile versions."""

from companies.models.answers import KeptAnswer
from companies.models.chains import Break, Chain, ChainedLine, add_lines, first_break
from companies.models.claims import Claim
from companies.models.frozen import Frozen, FrozenQuerySet, FrozenRow
from companies.models.history import FACTS, SECTIONS, ListDeed, ListLine, line_of_change, line_of_order, storable_reason
from companies.models.invitations import Invitation
from companies.models.letters import Letter
from companies.models.partners import ApiKey, Basis, Partner, PartnerCompany, PartnerMember, Scope
from companies.models.people import Company, Membership, Role, User, check_uscc
from companies.models.profiles import AppendOnly, ProfileDraft, ProfileVersion
from companies.models.visitors import Visit, VisitKey, Visitor
from companies.models.vocabulary import FactRecord, SectionRecord

__all__ = [
    "FACTS",
    "SECTIONS",
    "ApiKey",
    "AppendOnly",
    "Basis",
    "Break",
    "Chain",
    "ChainedLine",
    "Claim",
    "Company",
    "FactRecord",
    "Frozen",
    "FrozenQuerySet",
    "FrozenRow",
    "Invitation",
    "KeptAnswer",
    "Letter",
    "ListDeed",
    "ListLine",
    "Membership",
    "Partner",
    "PartnerCompany",
    "PartnerMember",
    "ProfileDraft",
    "ProfileVersion",
    "Role",
    "Scope",
    "SectionRecord",
    "User",
    "Visit",
    "VisitKey",
    "Visitor",
    "add_lines",
    "check_uscc",
    "first_break",
    "line_of_change",
    "line_of_order",
    "storable_reason",
]
