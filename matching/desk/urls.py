"""Addresses under /desk/ that matching adds."""

from matching.desk.figures.views import urlpatterns as figures
from matching.desk.reach.urls import urlpatterns as reach
from matching.desk.runs.views import urlpatterns as runs
from matching.desk.trying.urls import urlpatterns as trying

urlpatterns = [*figures, *reach, *runs, *trying]
