"""Addresses under /desk/ that matching adds."""

from matching.desk.reach.urls import urlpatterns as reach
from matching.desk.runs.views import urlpatterns as runs
from matching.desk.trying.urls import urlpatterns as trying

urlpatterns = [*reach, *runs, *trying]
