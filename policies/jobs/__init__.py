"""The work behind the verbs: releases, the history, putting versions in force."""

from policies.jobs.health import check_health, health_of_the_day
from policies.jobs.publication import (
    NotNow,
    Unpublishable,
    faults_of,
    hold_back,
    next_number,
    publish_due,
    put_in_force,
    retire,
)
from policies.jobs.releases import make_release, wait_for_others, write_history

__all__ = [
    "NotNow",
    "Unpublishable",
    "check_health",
    "faults_of",
    "health_of_the_day",
    "hold_back",
    "make_release",
    "next_number",
    "publish_due",
    "put_in_force",
    "retire",
    "wait_for_others",
    "write_history",
]
