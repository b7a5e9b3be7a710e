"""The verbs of policies: each one is atomic, takes keywords and says who did it."""

from policies.actions.catalogue import Loaded, LoadedDrafts, load_catalogue, load_drafts
from policies.actions.drafts import (
    AlreadyOpen,
    ChangedMeanwhile,
    PartChanged,
    SecondPersonNeeded,
    approve,
    change_cases,
    comment,
    confirm_draft,
    discard_draft,
    return_to_author,
    save_draft,
    save_part,
    send_to_review,
    start_draft,
    writers_of,
    writers_of_each,
)
from policies.actions.entries import EntryChanged, UnfitEntry
from policies.actions.files import FileTaken, take_files
from policies.actions.health import set_aside, take_up
from policies.actions.lists import add_entry, change_entry, move_entry, remove_entry, versions_using
from policies.actions.publications import call_off, publish, roll_back, withdraw
from policies.actions.sections import add_section, change_section, move_fact, move_section
from policies.actions.vocabulary import add_fact, change_fact, entry_faults, take_lists_over
from policies.contents import UnfitContent
from policies.jobs import NotNow, Unpublishable, check_health, faults_of, make_release, publish_due
from policies.parts import PartGone

__all__ = [
    "AlreadyOpen",
    "ChangedMeanwhile",
    "EntryChanged",
    "FileTaken",
    "Loaded",
    "LoadedDrafts",
    "NotNow",
    "PartChanged",
    "PartGone",
    "SecondPersonNeeded",
    "UnfitContent",
    "UnfitEntry",
    "Unpublishable",
    "add_entry",
    "add_fact",
    "add_section",
    "approve",
    "call_off",
    "change_cases",
    "change_entry",
    "change_fact",
    "change_section",
    "check_health",
    "comment",
    "confirm_draft",
    "discard_draft",
    "entry_faults",
    "faults_of",
    "load_catalogue",
    "load_drafts",
    "make_release",
    "move_entry",
    "move_fact",
    "move_section",
    "publish",
    "publish_due",
    "remove_entry",
    "return_to_author",
    "roll_back",
    "save_draft",
    "save_part",
    "send_to_review",
    "set_aside",
    "start_draft",
    "take_files",
    "take_lists_over",
    "take_up",
    "versions_using",
    "withdraw",
    "writers_of",
    "writers_of_each",
]
