"""Addresses of scores, below /desk/facts/."""

from django.urls import path

from policies.desk.scores import views

urlpatterns = [
    path("facts/scores/new/", views.new_score, name="score_new"),
    path("facts/<slug:name>/score/", views.score, name="score"),
]
