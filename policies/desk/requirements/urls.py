"""Addresses of the editor of requirements, below /desk/."""

from django.urls import path

from policies.desk.requirements import views

urlpatterns = [
    path("requirements/said/", views.preview, name="requires_said"),
    path("requirements/facts/", views.facts, name="requires_facts"),
    path("policies/<slug:key>/<int:number>/write/requires/", views.policy_requires, name="write_requires"),
    path(
        "policies/<slug:key>/<int:number>/write/offers/<slug:offer>/requires/",
        views.offer_requires,
        name="write_offer_requires",
    ),
]
