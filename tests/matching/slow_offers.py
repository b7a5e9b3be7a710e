"""Loaded into a worker by a test (`celery worker --include`): evaluates as always, but pauses before each offer of a
match and before each part of a run.

The product has no switch for this; a worker without this module cannot be slowed down.
"""

import os
import time

from matching.engine import report
from matching.jobs import runs

_at_once = report.evaluate_offer
_part_at_once = runs.evaluate_part


def _after_a_pause(offer, situation):
    time.sleep(float(os.environ["SLOW_OFFER_SECONDS"]))
    return _at_once(offer, situation)


def _part_after_a_pause(plan, columns, companies, versions):
    time.sleep(float(os.environ["SLOW_OFFER_SECONDS"]))
    return _part_at_once(plan, columns, companies, versions)


report.evaluate_offer = _after_a_pause
runs.evaluate_part = _part_after_a_pause
