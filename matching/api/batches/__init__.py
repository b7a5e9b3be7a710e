"""Batches in the API: many companies sent at once, as a file or by their ids; how far they are, and what came of them."""

from matching.api.batches.resources import BatchCancel, BatchDetail, BatchList, BatchResume
from matching.api.batches.results import BatchRejections, BatchResults

__all__ = ["BatchCancel", "BatchDetail", "BatchList", "BatchRejections", "BatchResults", "BatchResume"]
