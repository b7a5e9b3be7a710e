"""Route to qualify: the smallest sets of changes that would turn a no, or an open question, into a yes."""

from matching.engine.routes.finding import RouteFinder, routes_to_qualify
from matching.engine.routes.search import MOST_CHANGES, MOST_ROUTES

__all__ = ["MOST_CHANGES", "MOST_ROUTES", "RouteFinder", "routes_to_qualify"]
