"""Completed calendar months and years between two days."""

from calendar import monthrange
from datetime import date


def months_between(start: date, end: date) -> int:
    """Completed calendar months from `start` to `end`, below zero when `start` lies in the future.

    Where the last month has no such day, its last day completes the month (Civil Code Art. 202), so a year from
    29 February is complete on 28 February.
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    day_that_completes = min(start.day, monthrange(end.year, end.month)[1])
    return months - (end.day < day_that_completes)


def years_between(start: date, end: date) -> int:
    """Completed calendar years from `start` to `end`, below zero when `start` lies in the future."""
    return months_between(start, end) // 12


def months_later(day: date, months: int) -> date:
    """The first day on which so many calendar months since `day` are completed."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def years_later(day: date, years: int) -> date:
    """The same day `years` later, the last day of February where there is no 29th."""
    year = day.year + years
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))
