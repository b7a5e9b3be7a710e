"""The links through which people at the desk come to the pages of matching."""

from django.utils.translation import gettext_lazy as _

from policies.desk.doors import Door, case_doors, home_doors, release_doors, version_doors
from policies.roles import Right

DESK = (Right.WRITE, Right.REVIEW, Right.PUBLISH)


def open_doors() -> None:
    """Put the links into the desk; once, when the service starts."""
    version_doors.append(Door(_("Try this version"), "desk:try", DESK))
    version_doors.append(Door(_("Whom it reaches"), "desk:reach", (Right.AGGREGATES,)))
    case_doors.append(Door(_("See why"), "desk:try", DESK))
    home_doors.append(Door(_("Figures"), "desk:figures", (Right.AGGREGATES,)))
    home_doors.append(Door(_("Runs over all companies"), "desk:runs", DESK))
    release_doors.append(Door(_("The run over all companies"), "desk:runs_of_release", DESK))
