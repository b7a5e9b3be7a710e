"""Loaded into a worker by a test (`celery worker --include`): evaluates as always, but pauses before each offer.

The product has no switch for this; a worker without this module cannot be slowed down.
"""

import os
import time

from matching.engine import report

_at_once = report.evaluate_offer


def _after_a_pause(offer, situation):
    time.sleep(float(os.environ["SLOW_OFFER_SECONDS"]))
    return _at_once(offer, situation)


report.evaluate_offer = _after_a_pause
