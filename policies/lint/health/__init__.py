"""The health of a whole catalogue on a day: what is right by itself, and still needs somebody to look at it."""

from policies.lint.health.catalogue import Catalogue
from policies.lint.health.days import check_days
from policies.lint.health.dead import check_dead
from policies.lint.health.doubles import check_doubles
from policies.lint.health.unsure import check_unsure
from policies.lint.reading import Reading

__all__ = ["check_health"]


def check_health(reading: Reading) -> None:
    """Everything that only the whole catalogue and the day can show."""
    catalogue = Catalogue(reading)
    for check in (check_days, check_dead, check_doubles, check_unsure):
        check(catalogue)
