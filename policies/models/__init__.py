"""What is offered, as rows: reference lists, policies with their editions, releases."""

from companies.models import Frozen
from policies.models.editions import Policy, PolicyVersion, State
from policies.models.health import HealthCheck, SetAside
from policies.models.history import Deed, HistoryLine
from policies.models.reference import (
    LISTS,
    BenefitKind,
    CertificateKind,
    Goal,
    Level,
    PaperKind,
    Pillar,
    Place,
    ReferenceEntry,
    Sector,
    Structure,
    Zone,
)
from policies.models.releases import LoadedFile, Release

__all__ = [
    "LISTS",
    "BenefitKind",
    "CertificateKind",
    "Deed",
    "Frozen",
    "Goal",
    "HealthCheck",
    "HistoryLine",
    "Level",
    "LoadedFile",
    "PaperKind",
    "Pillar",
    "Place",
    "Policy",
    "PolicyVersion",
    "ReferenceEntry",
    "Release",
    "Sector",
    "SetAside",
    "State",
    "Structure",
    "Zone",
]
