"""Completed calendar months and years for arrays of days, as `policies.rules.months` counts them."""

from datetime import date

import numpy as np

from matching.engine.plan.bits import Array

_EPOCH = date(1970, 1, 1).toordinal()


def months_between(days: Array, until: date) -> Array:
    """Completed calendar months from each day (an ordinal) until one day."""
    start = (np.asarray(days) - _EPOCH).astype("datetime64[D]")
    month = start.astype("datetime64[M]")
    day = (start - month.astype("datetime64[D]")).astype(np.int64) + 1
    last = (np.datetime64(until, "M") + 1).astype("datetime64[D]") - np.datetime64(until, "M").astype("datetime64[D]")
    completes = np.minimum(day, last.astype(np.int64))
    months: Array = (np.datetime64(until, "M") - month).astype(np.int64) - (until.day < completes)
    return months


def years_between(days: Array, until: date) -> Array:
    """Completed calendar years from each day until one day."""
    years: Array = months_between(days, until) // 12
    return years
