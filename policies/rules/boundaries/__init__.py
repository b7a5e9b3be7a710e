"""Example cases at the edges of an offer's criteria: below, at and above each threshold, and unknown. Pure."""

from policies.rules.boundaries.cases import Boundaries, Boundary, boundary_cases

__all__ = ["Boundaries", "Boundary", "boundary_cases"]
