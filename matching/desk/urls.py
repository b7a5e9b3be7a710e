"""Addresses under /desk/ that matching adds."""

from matching.desk.trying.urls import urlpatterns as trying

urlpatterns = [*trying]
