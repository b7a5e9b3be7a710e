"""How the rows of a batch are read and matched, made once per process and kept for the next chunk."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import Error as DatabaseFault

from matching.batches.portions import has_uscc
from matching.batches.results import Matcher, Shape
from matching.batches.work import Orders, Worker
from matching.jobs.leases import ReleaseUnreadable
from matching.models import Batch
from policies import rulebook
from policies.rules.book import Rulebook


def rulebook_of(batch: Batch) -> Rulebook:
    """The rules of the batch's release; raises ReleaseUnreadable."""
    try:
        return rulebook.of_release(batch.release.number)
    except (DatabaseFault, OSError):
        raise
    except Exception as fault:
        raise ReleaseUnreadable(str(batch.release.number)) from fault


def source_of(batch: Batch) -> Any:
    """What turns portions of the batch's input into rows."""
    vocabulary = rulebook_of(batch).vocabulary
    return batch.how.source(Path(batch.shown_name), vocabulary, skip_unknown=batch.skip_unknown)


def worker_for(batch: Batch) -> Worker:
    """What matches portions of the batch. Texts of its cells are remembered for one portion: memory stays flat."""
    rules, source = rulebook_of(batch), source_of(batch)
    shape = Shape(uscc=has_uscc(source))
    orders = Orders(rules.offers, rules.vocabulary, batch.day, "en", "parquet", shape, batch.lenient, source)
    return Worker(orders, _matcher(rules, batch.day, shape))


# Compiling takes about as long as matching a chunk, and partners take turns.
@lru_cache(maxsize=2)
def _matcher(rules: Rulebook, day: date, shape: Shape) -> Matcher:
    return Matcher(rules.offers, rules.vocabulary, day, shape)
